import type { TestClock } from "../../dev/test-clock.ts";
import type { Id } from "../../shared/domain/ids.ts";
import type { Host, Location } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import { startMs } from "../fixtures/network.ts";
import { isUp, type Story } from "./story.ts";

/** What the world's own eye sees, and what is wrong with it. */
export type Sight = {
  readonly story: Story;
  readonly clock: TestClock;
  readonly decisions: Decision[];
  /** Every promise that was broken, and when. */
  readonly wrongs: string[];
  /** When a host was last answered, and when its present or last life began and ended. */
  readonly heardMs: Map<Id, number>;
  readonly bornMs: Map<Id, number>;
  readonly goneMs: Map<Id, number>;
  readonly heads: Map<Id, Decision>;
  readonly holdUntilMs: { value: number };
};

export function sightOf(story: Story, clock: TestClock): Sight {
  const times = { heardMs: new Map(), bornMs: new Map(), goneMs: new Map() };
  return { story, clock, decisions: [], wrongs: [], ...times, heads: new Map(), holdUntilMs: { value: 0 } };
}

/** ms from the beginning of the world */
export const sinceStart = ({ clock }: Pick<Sight, "clock">): number => clock.nowMs() - startMs;

const inference: ReadonlySet<string> = new Set(["timed-out", "suspected"]);

/** Looks at a decision that was just committed, or confirmed. */
export function note(sight: Sight, decision: Decision): void {
  const { wrongs } = sight;
  const before = sight.heads.get(decision.locationId);
  sight.heads.set(decision.locationId, decision);
  if (before?.epoch === decision.epoch) {
    if (before.activeHostId !== decision.activeHostId) wrongs.push(`two active hosts in epoch ${decision.epoch}`);
    return;
  }
  sight.decisions.push(decision);
  const at = `${sinceStart(sight)} ms: ${decision.locationId} ${before?.activeHostId} → ${decision.activeHostId} (${decision.reason})`;
  if (decision.epoch !== (before?.epoch ?? 0) + 1) wrongs.push(`${at}: epoch ${decision.epoch} after ${before?.epoch}`);
  const activeId = before?.activeHostId;
  if (activeId == null || !inference.has(decision.reason)) return;
  const heardMs = sight.heardMs.get(activeId) ?? 0;
  const goneMs = sight.goneMs.get(activeId) ?? 0;
  const isDead = !isUp(sight.story, activeId, sinceStart(sight));
  const isJustBack = heardMs > decision.decidedMs - 100;
  if (!isDead && goneMs < heardMs && !isJustBack)
    wrongs.push(`${at}: it was alive, and heard ${sight.clock.nowMs() - heardMs} ms ago`);
}

/** Whether a location should have had a fail-over by now. */
export function overdue(sight: Sight, place: Location): readonly string[] {
  const { story, clock } = sight;
  const head = sight.heads.get(place.id);
  const active = place.hosts.find((one) => one.id === head?.activeHostId);
  const nowMs = clock.nowMs();
  if (head === undefined || active === undefined || isUp(sight.story, active.id, sinceStart(sight))) return [];
  const standby = place.hosts.find((one) => one !== active && isGood(sight, one));
  if (standby === undefined) return [];
  const bound = standbyBound(sight, place, standby);
  const heardMs = sight.heardMs.get(active.id) ?? 0;
  const dueMs = Math.max(heardMs + active.timeoutMs, sight.holdUntilMs.value);
  const { outage } = story;
  const isDisturbed =
    outage !== undefined && sinceStart(sight) > outage.fromMs - 10_000 && sinceStart(sight) < outage.toMs + 500;
  if (isDisturbed || nowMs <= dueMs + bound) return [];
  return [
    `${sinceStart(sight)} ms: ${place.id}: ${active.id} silent for ${nowMs - heardMs} ms, ${standby.id} is there`,
  ];
}

/**
 * Within how much of the time-out a commit must happen, ms: two seconds, if the standby heartbeats each second, which it
 * does as long as no host check of its own runs into its time-out.
 */
function standbyBound(sight: Sight, place: Location, standby: Host): number {
  const { story, clock } = sight;
  const remote = story.mesh.locations.flatMap((one) => (one === place ? [] : one.hosts));
  const isQuick = (one: Host) => {
    const steadyMs = clock.nowMs() - Math.max(sight.goneMs.get(one.id) ?? 0, sight.bornMs.get(one.id) ?? 0);
    const isThere = isUp(story, one.id, sinceStart(sight)) && steadyMs > 10_000;
    return isThere || story.hosts.get(one.id)?.refuses === true;
  };
  const isEachSecond = story.hosts.get(standby.id)?.sleepMs === 1_000;
  return isEachSecond && (!story.mesh.hostCheck || remote.every(isQuick)) ? 2_000 : 9_000;
}

/** Alive, and has been heard without a gap for longer than anything that could count against it. */
function isGood(sight: Sight, one: Host): boolean {
  const { story, clock } = sight;
  const upMs = clock.nowMs() - (sight.bornMs.get(one.id) ?? clock.nowMs());
  const heardMs = clock.nowMs() - (sight.heardMs.get(one.id) ?? 0);
  return isUp(story, one.id, clock.nowMs() - startMs) && upMs > 6_000 && heardMs < 4_500;
}
