import { limits } from "../../shared/domain/limits.ts";
import type { PlainAnswer } from "../../shared/platform/plain-http.ts";
import { readAnswer, type Told } from "./answers.ts";
import { capture } from "./captures.ts";
import { createLetters } from "./letters.ts";
import { createLife } from "./life.ts";
import type { Network } from "./network.ts";
import { createPatience, type Waiting } from "./patience.ts";
import { type Look, look } from "./report.ts";
import type { Scene } from "./scene.ts";
import type { Shipment } from "./shipment.ts";
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
  /** Stands still until a time, and then goes on with what it was doing: from now, or from between signing and sending on. */
  freeze(untilMs: number, from: "now" | "signed"): void;
};

const bootMs = 1_000;
/** How often a second good-bye is said, and how long after the first, ms. */
const secondLeaveOdds = 0.8;
const secondLeaveMs = [800, 2_500] as const;

export function createAgent(host: SimHost, scene: Scene, network: Network): Agent {
  const { timeline } = scene;
  const life = createLife(host, scene);
  const patience = createPatience(timeline);
  const letters = createLetters(host, scene);
  let freezeUntilMs = 0;

  const beat = (): void => {
    const found = look(scene, host);
    if (found.tookMs === 0) sign(found);
    else life.later(found.tookMs, () => sign(found));
  };
  const sign = (found: Look): void => {
    const shipments = letters.heartbeat(found);
    if (freezeUntilMs > timeline.nowMs()) life.freeze(freezeUntilMs);
    life.bind(send)(shipments);
  };
  const send = (shipments: readonly Shipment[]): void => {
    const request = patience.begin(shipments.length, life.bind(ended));
    post(shipments, "PUT", (shipment) => life.bind((answer) => answered(request, shipment, answer)));
  };
  const answered = (request: Waiting, { secret }: Shipment, answer: PlainAnswer | undefined): void => {
    if (!patience.isFor(request)) return;
    request.left--;
    if (answer?.status === 200) accept(scene, host, readAnswer(secret, answer, host.told));
    else if (request.left > 0) return;
    ended(request);
  };
  const ended = (request: Waiting): void => {
    if (!patience.isFor(request)) return;
    patience.end();
    life.later(limits.agentSleepMs, beat);
  };

  const post = (
    shipments: readonly Shipment[],
    method: "PUT" | "DELETE",
    end: (shipment: Shipment) => (answer: PlainAnswer | undefined) => void,
  ): void => {
    const agentTimeS = Number(shipments[0]?.request.headers.get("auth-timestamp"));
    scene.observe({ kind: "sent", atMs: timeline.nowMs(), hostId: host.hostId, method, agentTimeS });
    for (const shipment of shipments) {
      capture(host.captured, shipment);
      network.carry(host, shipment, end(shipment));
    }
  };
  const goodBye = (): void => post(letters.goodBye(), "DELETE", () => () => undefined);
  const stop = (how: string): void => {
    freezeUntilMs = 0;
    patience.end();
    forget(scene, host);
    life.end(how);
  };

  return {
    get isRunning() {
      return life.isOn;
    },
    start(how) {
      life.begin(how);
      life.later(host.chance.within(0, bootMs), beat);
    },
    stop,
    leave() {
      stop("left");
      goodBye();
      if (!host.chance.is(secondLeaveOdds)) return;
      life.later(host.chance.within(...secondLeaveMs), goodBye);
    },
    freeze(untilMs, from) {
      if (from === "now") life.freeze(untilMs);
      else freezeUntilMs = untilMs;
    },
  };
}

/** Takes what an answer told a host. */
function accept(scene: Scene, host: SimHost, told: Told): void {
  const before = host.told;
  if (told === before) return;
  host.told = told;
  host.holdsTunnels = told.links.size > 0;
  // A tunnel that was told anew is set up anew.
  for (const far of host.tunnels.keys()) {
    if (told.links.get(far) !== before?.links.get(far)) host.tunnels.delete(far);
  }
  if (!isSameEnds(told, before)) scene.touch();
}

/** A process that ends takes along what its host was told. */
function forget(scene: Scene, host: SimHost): void {
  host.told = undefined;
  host.holdsTunnels = false;
  host.tunnels.clear();
  scene.touch();
}

function isSameEnds(told: Told, before: Told | undefined): boolean {
  if (told.links.size !== (before?.links.size ?? 0)) return false;
  for (const far of told.links.keys()) if (before?.links.has(far) !== true) return false;
  return true;
}
