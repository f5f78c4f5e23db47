import { setMaxListeners } from "node:events";
import { limits } from "../../shared/domain/limits.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import { devLimits } from "../limits.ts";
import { exchange, type HttpAnswer, type Trust } from "./exchange.ts";
import { authHeaders, type Endpoint, type HostUri, type LinkState, openAnswer, type TunnelOrder } from "./wire.ts";

export type TunnelStatus = "connected" | "connecting" | "disconnected";
export type CheckResult = { readonly state: boolean; readonly latencyUs: number };
type HostAddresses = {
  readonly publicAddress: string;
  readonly localAddress: string;
  readonly address6: string;
};

export type AgentOptions = {
  readonly uri: HostUri;
  readonly trust: Trust;
  readonly addresses: HostAddresses;
  readonly clock: Clock;
  readonly random: Random;
  readonly check: (address: string, signal: AbortSignal) => Promise<CheckResult>;
  readonly tunnel: (order: TunnelOrder) => TunnelStatus;
};

type AgentMoment = {
  readonly atMs: number;
  readonly what: "started" | "answered" | "failed" | "active" | "standby" | "redeployed" | "left" | "halted";
  readonly detail: string;
};

/** A heartbeat that was answered well: when it was sent and when its answer had been read. */
type GoodHeartbeat = { readonly sentMs: number; readonly answeredMs: number; readonly state: LinkState };

export type Agent = {
  start(): void;
  /** Ends without a word, in the middle of whatever it does. */
  halt(): void;
  /** Ends and says so: `DELETE /link/state` to every endpoint, twice. */
  leave(): Promise<void>;
  readonly isRunning: boolean;
  readonly lastGood: GoodHeartbeat | undefined;
  readonly timeline: readonly AgentMoment[];
  /** The next heartbeat that is answered well. */
  nextGood(): Promise<GoodHeartbeat>;
};

/**
 * A link host's agent as seen from outside: checks hosts, sends its heartbeat to all endpoints at once, takes the
 * first good answer, keeps its last good answer through failures, and sleeps a second.
 */
export function createAgent(options: AgentOptions): Agent {
  const { clock, uri } = options;
  const timeline: AgentMoment[] = [];
  let running: AbortController | undefined;
  let lastGood: GoodHeartbeat | undefined;
  let waiting: ((good: GoodHeartbeat) => void)[] = [];

  const note = (what: AgentMoment["what"], detail = ""): void => {
    timeline.push({ atMs: clock.nowMs(), what, detail });
    if (timeline.length > devLimits.timelineEntries) timeline.shift();
  };

  const send = (endpoint: Endpoint, method: "PUT" | "DELETE", timestampS: number, body: string | undefined) =>
    exchange({
      endpoint,
      method,
      headers: authHeaders(uri, { method, timestampS, nonce: nonceFrom(options.random) }),
      body,
      trust: options.trust,
      timeoutMs: limits.agentRequestMs,
      signal: running?.signal ?? new AbortController().signal,
    });

  const accept = (good: GoodHeartbeat): void => {
    const before = lastGood?.state;
    lastGood = good;
    note("answered", good.state.hash);
    const isActive = good.state.links.length > 0;
    if (isActive !== (before?.links ?? []).length > 0) note(isActive ? "active" : "standby");
    else if (before !== undefined && before.hash !== good.state.hash) note("redeployed", good.state.hash);
    const told = waiting;
    waiting = [];
    for (const tell of told) tell(good);
  };

  const beat = async (signal: AbortSignal): Promise<void> => {
    const checked = await checkAll(lastGood?.state.hosts ?? {}, (address) => options.check(address, signal));
    if (signal.aborted) return;
    const sentMs = clock.nowMs();
    const timestampS = Math.floor(sentMs / 1000);
    const body = JSON.stringify(heartbeatBody(options, timestampS, lastGood?.state.links ?? [], checked));
    try {
      const answers = uri.endpoints.map(async (endpoint) =>
        readAnswer(uri.secret, await send(endpoint, "PUT", timestampS, body)),
      );
      const state = await Promise.any(answers);
      if (!signal.aborted) accept({ sentMs, answeredMs: clock.nowMs(), state });
    } catch (error) {
      if (!signal.aborted) note("failed", reasonOf(error));
    }
  };

  const halt = (detail = "without a word"): void => {
    if (running === undefined) return;
    note("halted", detail);
    running.abort();
    running = undefined;
  };

  return {
    start() {
      if (running !== undefined) return;
      const run = new AbortController();
      // Every check and every request that is under way listens: many at once are meant.
      setMaxListeners(0, run.signal);
      running = run;
      lastGood = undefined;
      note("started");
      void (async () => {
        while (!run.signal.aborted) {
          await beat(run.signal);
          await clock.sleep(limits.agentSleepMs, run.signal);
        }
      })();
    },
    halt,
    async leave() {
      halt("to leave");
      for (let time = 0; time < 2; time++) {
        const timestampS = Math.floor(clock.nowMs() / 1000);
        await Promise.allSettled(uri.endpoints.map((endpoint) => send(endpoint, "DELETE", timestampS, undefined)));
        note("left");
      }
    },
    get isRunning() {
      return running !== undefined;
    },
    get lastGood() {
      return lastGood;
    },
    timeline,
    nextGood: () => new Promise((resolve) => waiting.push(resolve)),
  };
}

async function checkAll(
  hosts: LinkState["hosts"],
  check: (address: string) => Promise<CheckResult>,
): Promise<Record<string, { state: boolean; latency: number }>> {
  const checks = Object.entries(hosts).map(async ([hostId, address]) => {
    const result = await check(address);
    return [hostId, { state: result.state, latency: result.latencyUs }] as const;
  });
  return Object.fromEntries(await Promise.all(checks));
}

function heartbeatBody(
  options: AgentOptions,
  timestamp: number,
  links: readonly TunnelOrder[],
  hosts: Record<string, { state: boolean; latency: number }>,
): object {
  return {
    timestamp,
    version: "simulated-1.0",
    public_address: options.addresses.publicAddress,
    local_address: options.addresses.localAddress,
    address6: options.addresses.address6,
    wg_public_key: "",
    status: Object.fromEntries(links.map((order) => [order.id, options.tunnel(order)])),
    hosts,
    errors: null,
  };
}

function readAnswer(secret: string, answer: HttpAnswer): LinkState {
  if (answer.status !== 200) throw new Error(`status ${answer.status}`);
  return openAnswer(secret, {
    body: answer.body,
    iv: answer.header("Cipher-IV"),
    signature: answer.header("Cipher-Signature"),
  });
}

function nonceFrom(random: Random): string {
  return Buffer.from(random.bytes(16)).toString("hex");
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
