import { limits } from "../../shared/domain/limits.ts";
import type { PlainAnswer } from "../../shared/platform/plain-http.ts";
import { readAnswer, type Told } from "./answers.ts";
import { capture } from "./captures.ts";
import type { Network } from "./network.ts";
import { bodyOf, type Look, look, tunnels } from "./report.ts";
import type { Scene } from "./scene.ts";
import { type Letter, type Shipment, sealed } from "./shipment.ts";
import type { SimHost } from "./sim-host.ts";

/** The agent of a host: it checks hosts, sends its heartbeat, takes the first good answer, and sleeps a second. */
export type Agent = {
  readonly isRunning: boolean;
  /** Begins anew, knowing nothing; its first heartbeat is on its way within a second. */
  start(how: string): void;
  /** Ends in the middle of whatever it does. Requests that are on their way arrive all the same. */
  stop(how: string): void;
  /** Says good-bye, most times twice, and ends. */
  leave(): void;
  /** Stands still, and then goes on with what it was doing: from now, or from between signing and sending on. ms */
  freeze(ms: number, from: "now" | "signed"): void;
  /** Gives up to stand still at the next signature. */
  unfreeze(): void;
};

/** A heartbeat that waits for its answers. */
type Waiting = { readonly deadlineMs: number; left: number };

const bootMs = 1_000;
/** Between the two good-byes, ms. */
const secondLeaveMs = [800, 2_500] as const;
const nonceDigits = 16;

export function createAgent(host: SimHost, scene: Scene, network: Network): Agent {
  const { timeline, observe } = scene;
  const { chance, hostId } = host;
  const nonces = nonceMaker(chance.fork("nonces").next());
  /** Grows when the process begins and ends: what belongs to an earlier one never goes on. */
  let life = 0;
  let isRunning = false;
  let frozenUntilMs = 0;
  let freezeWhenSignedMs = 0;
  let held: (() => void)[] = [];
  let waiting: Waiting | undefined;
  let isGuarded = false;

  const resume = (mine: number, run: () => void): void => {
    if (mine !== life) return;
    if (frozenUntilMs > 0) held.push(run);
    else run();
  };
  const later = (ms: number, run: () => void): void => {
    const mine = life;
    timeline.at(timeline.nowMs() + ms, () => resume(mine, run));
  };

  const beat = (): void => {
    const found = look(scene, host);
    if (found.tookMs === 0) sign(found);
    else later(found.tookMs, () => sign(found));
  };

  const letter = (method: "PUT" | "DELETE", body: string, report: Letter["report"]): Shipment => {
    const signedMs = timeline.nowMs();
    const timestampS = Math.floor((signedMs + host.clockOffsetMs) / 1_000);
    return sealed({ hostId, method, secret: host.secret, signedMs, report, timestampS, nonce: nonces(), body });
  };

  const sign = (found: Look): void => {
    const signedMs = timeline.nowMs();
    const timestampS = Math.floor((signedMs + host.clockOffsetMs) / 1_000);
    const { body, isLie } = bodyOf(host, timestampS, found, tunnels(scene, host));
    host.signedMs = signedMs;
    if (isLie) {
      host.lieSignedMs = signedMs;
      host.isLying = true;
      scene.settle(host);
    }
    const shipments = Array.from({ length: scene.copies }, () => letter("PUT", body, isLie ? "lie" : "true"));
    if (freezeWhenSignedMs > 0) freeze(freezeWhenSignedMs);
    resume(life, () => send(shipments));
  };

  const send = (shipments: readonly Shipment[]): void => {
    const sentMs = timeline.nowMs();
    observe({ kind: "sent", atMs: sentMs, hostId, method: "PUT" });
    const mine = life;
    const request: Waiting = { deadlineMs: sentMs + limits.agentRequestMs, left: shipments.length };
    waiting = request;
    guard();
    for (const shipment of shipments) {
      capture(host.captured, shipment);
      network.carry(host, shipment, (answer) => resume(mine, () => ended(request, shipment, answer)));
    }
  };

  const ended = (request: Waiting, { secret }: Shipment, answer: PlainAnswer | undefined): void => {
    if (waiting !== request) return;
    request.left--;
    if (answer?.status === 200) accept(readAnswer(secret, answer, host.told));
    else if (request.left > 0) return;
    waiting = undefined;
    later(limits.agentSleepMs, beat);
  };

  const accept = (told: Told): void => {
    const before = host.told;
    if (told === before) return;
    host.told = told;
    host.holdsTunnels = told.links.size > 0;
    // A tunnel that was told anew is set up anew.
    for (const far of host.tunnels.keys()) {
      if (told.links.get(far) !== before?.links.get(far)) host.tunnels.delete(far);
    }
    if (!isSameEnds(told, before)) scene.touch();
  };

  /** Gives up on a request that hangs: one event serves all requests that are answered in time. */
  const guard = (): void => {
    if (isGuarded || waiting === undefined) return;
    isGuarded = true;
    timeline.at(waiting.deadlineMs, () => {
      isGuarded = false;
      const late = waiting;
      if (late === undefined || late.deadlineMs > timeline.nowMs()) return guard();
      resume(life, () => {
        if (waiting !== late) return;
        waiting = undefined;
        later(limits.agentSleepMs, beat);
      });
    });
  };

  const freeze = (ms: number): void => {
    if (!isRunning) return;
    freezeWhenSignedMs = 0;
    const untilMs = timeline.nowMs() + ms;
    if (untilMs <= frozenUntilMs) return;
    frozenUntilMs = untilMs;
    scene.setUp(host, false, "froze");
    const mine = life;
    timeline.at(untilMs, () => {
      if (mine !== life || frozenUntilMs !== untilMs) return;
      frozenUntilMs = 0;
      scene.setUp(host, true, "goes on");
      const due = held;
      held = [];
      for (const run of due) resume(mine, run);
    });
  };

  const end = (how: string): void => {
    if (!isRunning) return;
    isRunning = false;
    life++;
    frozenUntilMs = 0;
    freezeWhenSignedMs = 0;
    held = [];
    waiting = undefined;
    host.told = undefined;
    host.holdsTunnels = false;
    host.tunnels.clear();
    scene.touch();
    scene.setUp(host, false, how);
  };

  const sayGoodBye = (): void => {
    const shipments = Array.from({ length: scene.copies }, () => letter("DELETE", "", "none"));
    observe({ kind: "sent", atMs: timeline.nowMs(), hostId, method: "DELETE" });
    for (const shipment of shipments) {
      capture(host.captured, shipment);
      network.carry(host, shipment, () => undefined);
    }
  };

  return {
    get isRunning() {
      return isRunning;
    },
    start(how) {
      if (isRunning) return;
      isRunning = true;
      life++;
      scene.setUp(host, true, how);
      later(chance.within(0, bootMs), beat);
    },
    stop: end,
    leave() {
      if (!isRunning) return;
      end("left");
      const mine = life;
      sayGoodBye();
      if (!chance.is(0.8)) return;
      timeline.at(timeline.nowMs() + chance.within(...secondLeaveMs), () => {
        if (mine === life) sayGoodBye();
      });
    },
    freeze(ms, from) {
      if (from === "now") freeze(ms);
      else if (isRunning) freezeWhenSignedMs = ms;
    },
    unfreeze() {
      freezeWhenSignedMs = 0;
    },
  };
}

function isSameEnds(told: Told, before: Told | undefined): boolean {
  if (told.links.size !== (before?.links.size ?? 0)) return false;
  for (const far of told.links.keys()) if (before?.links.has(far) !== true) return false;
  return true;
}

/** Nonces of 32 characters, none of them twice. */
function nonceMaker(first: number): () => string {
  const prefix = Math.floor(first * 2 ** 52)
    .toString(16)
    .padStart(nonceDigits, "0");
  let count = 0;
  return () => prefix + (count++).toString(16).padStart(nonceDigits, "0");
}
