import { exchange, type Trust } from "../../dev/link-host/exchange.ts";
import { authHeaders, type HostUri, openAnswer } from "../../dev/link-host/wire.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import type { AgentRecord } from "./record.ts";
import { countFailure, type Tally } from "./tally.ts";

export type LightAgentOptions = {
  readonly uri: HostUri;
  readonly trust: Trust;
  readonly publicAddress: string;
  readonly localAddress: string;
  readonly record: AgentRecord;
  readonly clock: Clock;
  readonly random: Random;
  /** Where heartbeats are counted at present. */
  readonly tally: () => Tally;
  /** How long it sleeps after an answer, asked anew each time. ms */
  readonly sleepMs: () => number;
};

export type LightAgent = {
  readonly record: AgentRecord;
  readonly isRunning: boolean;
  /** Whether its last answer told it to hold tunnels. */
  readonly isActive: boolean;
  /** Begins to heartbeat after `delayMs`. */
  start(delayMs: number): void;
  /** Ends without a word, in the middle of whatever it does. */
  halt(): void;
  /** Ends and says so, twice. */
  leave(): Promise<void>;
};

/**
 * An agent that keeps an exact record of what it was answered, and nothing else: no host checks, tunnels that are up as
 * soon as they are ordered. Every request is a TLS connection of its own, as an installed agent makes it.
 */
export function createLightAgent(options: LightAgentOptions): LightAgent {
  const { clock, record, uri } = options;
  let running: AbortController | undefined;
  let tunnels: readonly string[] = [];

  const send = async (method: "PUT" | "DELETE", body: string | undefined, timestampS: number, signal: AbortSignal) => {
    const endpoint = uri.endpoints[0];
    if (endpoint === undefined) throw new Error("a host URI without an endpoint");
    const nonce = Buffer.from(options.random.bytes(16)).toString("hex");
    const headers = authHeaders(uri, { method, timestampS, nonce });
    const { trust } = options;
    const answer = await exchange({ endpoint, method, headers, body, trust, timeoutMs: limits.agentRequestMs, signal });
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    return answer;
  };

  const beat = async (signal: AbortSignal): Promise<void> => {
    const tally = options.tally();
    const sentMs = clock.nowMs();
    const beganMs = clock.monotonicMs();
    tally.sent += 1;
    try {
      const timestampS = Math.floor(sentMs / 1000);
      const answer = await send("PUT", bodyOf(options, timestampS, tunnels), timestampS, signal);
      const good = { sentMs, answeredMs: clock.nowMs() };
      tally.latenciesMs.push(clock.monotonicMs() - beganMs);
      const sealed = { iv: answer.header("Cipher-IV"), signature: answer.header("Cipher-Signature") };
      const state = openAnswer(uri.secret, { body: answer.body, ...sealed });
      tally.answered += 1;
      record.good.push(good);
      if (state.links.length > 0 && tunnels.length === 0) record.toldActive.push(good);
      tunnels = state.links.map((link) => link.id);
    } catch (error) {
      if (signal.aborted) tally.cutOff += 1;
      else countFailure(tally, error);
    }
  };

  const end = (how: "silent" | "left"): void => {
    const run = record.runs.at(-1);
    if (running === undefined || run === undefined) return;
    run.endMs = clock.nowMs();
    run.how = how;
    running.abort();
    running = undefined;
  };

  return {
    record,
    get isRunning() {
      return running !== undefined;
    },
    get isActive() {
      return tunnels.length > 0;
    },
    start(delayMs) {
      if (running !== undefined) return;
      const run = new AbortController();
      const { signal } = run;
      running = run;
      tunnels = [];
      void (async () => {
        await clock.sleep(delayMs, signal);
        if (!signal.aborted) record.runs.push({ startMs: clock.nowMs(), endMs: undefined, how: undefined });
        while (!signal.aborted) {
          await beat(signal);
          await clock.sleep(options.sleepMs(), signal);
        }
      })();
    },
    halt: () => end("silent"),
    async leave() {
      end("left");
      for (let time = 0; time < 2; time++) {
        const timestampS = Math.floor(clock.nowMs() / 1000);
        await send("DELETE", undefined, timestampS, new AbortController().signal).catch(() => {});
      }
    },
  };
}

function bodyOf(options: LightAgentOptions, timestamp: number, tunnels: readonly string[]): string {
  return JSON.stringify({
    timestamp,
    version: "soak-1.0",
    public_address: options.publicAddress,
    local_address: options.localAddress,
    address6: "",
    wg_public_key: "",
    status: Object.fromEntries(tunnels.map((id) => [id, "connected"])),
    hosts: {},
    errors: null,
  });
}
