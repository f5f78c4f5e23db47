import { membersOf } from "../../shared/domain/bits.ts";
import type { LinkState, LocationFacts } from "../../shared/domain/election/state.ts";
import type { Host, Location } from "../../shared/domain/network.ts";
import type { HostRecord } from "../../shared/domain/records.ts";

/**
 * The election written a second time, from the design's sentences alone: every host gets a profile, successors are
 * ranked by one list of keys, and the rules are asked in order. Without the tunnel rule, which has its own tests.
 * Gives `HOST REASON`, or `keep`.
 */
export function modelled(state: LinkState, place: Location, nowMs: number): string {
  const facts = state.facts.get(place.id);
  if (facts === undefined) throw new Error("no facts");
  if (state.isPaused || place.hosts.some((host) => host.static)) return "keep";
  const profiles = place.hosts.map((host) => profileOf(state, place, facts, host, nowMs));
  const activeId = facts.head?.activeHostId;
  const others = profiles.filter((one) => one.id !== activeId && one.isElectable).sort(byRank);
  const successor = others[0]?.id;
  if (activeId == null)
    return successor === undefined ? "keep" : `${successor} ${facts.head ? "returned" : "first-host"}`;

  const active = profiles.find((one) => one.id === activeId);
  const failed = failure(state, facts, active, successor !== undefined, nowMs);
  const mayTrustSilence = !isSilenced(state, nowMs);
  if (failed !== undefined && (mayTrustSilence || !failed.isSilence)) {
    if (successor !== undefined) return `${successor} ${failed.reason}`;
    if (failed.isGone) return place.removeRoutes ? "nobody nobody-available" : "keep";
  }
  if (failed?.isGone || active === undefined) return "keep";
  return withHealthyActive(state, place, facts, active, others, nowMs);
}

type Profile = {
  readonly id: string;
  readonly host: Host;
  readonly record: HostRecord | undefined;
  readonly isHere: boolean;
  readonly hasLeft: boolean;
  readonly isDrained: boolean;
  readonly isElectable: boolean;
  readonly isSteady: boolean;
  readonly isBackedOff: boolean;
  readonly isFresh: boolean;
  /** The smaller, the better; compared one after the other. */
  readonly rank: readonly (number | string)[];
};

function profileOf(state: LinkState, place: Location, facts: LocationFacts, host: Host, nowMs: number): Profile {
  const record = facts.hosts.get(host.id);
  const silentMs = record === undefined ? Number.NaN : nowMs - record.lastSeenMs;
  const hasLeft = record?.left != null;
  const isHere = silentMs >= -2_000 && silentMs <= host.timeoutMs && !hasLeft;
  const isDrained = facts.wish?.drains[host.id] !== undefined;
  const demotedMs = facts.head?.demotedMs[host.id];
  const wasHeardSince = demotedMs === undefined || (record !== undefined && record.lastSeenMs > demotedMs);
  const upMs = Math.max(record?.upSinceMs ?? nowMs, demotedMs ?? Number.NEGATIVE_INFINITY);
  const isSteady = record !== undefined && record.lastSeenMs - upMs >= place.holdUpMs;
  const isBackedOff = demotedMs !== undefined && nowMs - demotedMs < host.backoffMs;
  const isFresh = silentMs <= 10_000;
  const reach = state.link.hostCheck && record !== undefined ? standbyReach(state, place, record) : 0;
  const rank = [
    isBackedOff ? 1 : 0,
    facts.wish?.pin?.hostId === host.id ? 0 : 1,
    isFresh ? 0 : 1,
    -reach,
    isSteady ? 0 : 1,
    -host.priority,
    host.id,
  ];
  const isElectable = isHere && !isDrained && wasHeardSince;
  return { id: host.id, host, record, isHere, hasLeft, isDrained, isElectable, isSteady, isBackedOff, isFresh, rank };
}

function byRank(a: Profile, b: Profile): number {
  const at = a.rank.findIndex((key, index) => key !== b.rank[index]);
  const [left, right] = [a.rank[at], b.rank[at]];
  if (left === undefined || right === undefined) return 0;
  return left < right ? -1 : 1;
}

type Failed = { readonly reason: string; readonly isSilence: boolean; readonly isGone: boolean };

function failure(
  state: LinkState,
  facts: LocationFacts,
  active: Profile | undefined,
  hasSuccessor: boolean,
  nowMs: number,
): Failed | undefined {
  if (active === undefined) return { reason: "removed", isSilence: false, isGone: true };
  if (active.isDrained && (hasSuccessor || active.isHere))
    return { reason: "drained", isSilence: false, isGone: false };
  if (active.hasLeft) return { reason: "left", isSilence: false, isGone: true };
  if (!active.isHere) return { reason: "timed-out", isSilence: true, isGone: true };
  if (isSuspect(state, facts, active, nowMs)) return { reason: "suspected", isSilence: true, isGone: false };
  return undefined;
}

function isSuspect(state: LinkState, facts: LocationFacts, active: Profile, nowMs: number): boolean {
  const mark = facts.suspicion;
  const { record } = active;
  if (!state.link.hostCheck || mark?.hostId !== active.id || mark.epoch !== facts.head?.epoch) return false;
  if (record === undefined || record.lastSeenMs >= mark.markedMs || nowMs < mark.evaluateMs) return false;
  let balance = 0;
  for (const peer of peers(state, facts)) {
    for (const host of peer.hosts) {
      const witness = state.facts.get(peer.id)?.hosts.get(host.id);
      if (witness === undefined || witness.left !== null || witness.reach.length === 0) continue;
      const silentMs = nowMs - witness.lastSeenMs;
      if (silentMs < -2_000 || silentMs > 10_000) continue;
      if (membersOf(witness.reach[0] ?? new Uint8Array()).includes(active.host.ordinal)) balance--;
      else if (nowMs - (witness.lost[active.host.ordinal] ?? Number.NEGATIVE_INFINITY) <= 600_000) balance++;
    }
  }
  return balance > 0;
}

function peers(state: LinkState, of: LocationFacts | Location): readonly Location[] {
  const here = state.link.locations.find((one) => one === of || state.facts.get(one.id) === of);
  return state.link.locations.filter(
    (one) => one !== here && !here?.excludes.includes(one.id) && here !== undefined && !one.excludes.includes(here.id),
  );
}

function withHealthyActive(
  state: LinkState,
  place: Location,
  facts: LocationFacts,
  active: Profile,
  others: readonly Profile[],
  nowMs: number,
): string {
  const { wish, head } = facts;
  if (head?.generation !== place.generation) return `${active.id} location-moved`;
  const pinned = others.find((one) => one.id === wish?.pin?.hostId && !one.isBackedOff);
  if (pinned !== undefined) return `${pinned.id} pinned`;
  const isPinned = wish?.pin?.hostId === active.id;
  const asked = wish?.switchover;
  const isOpen = asked != null && asked.atMs > (head?.decidedMs ?? 0) && nowMs - asked.atMs <= 60_000;
  if (isOpen && !isPinned && others.some((one) => one.id === asked.hostId)) return `${asked.hostId} switchover`;
  if (isPinned || isSilenced(state, nowMs)) return "keep";

  const ready = others
    .filter((one) => one.isSteady && one.isFresh && !one.isBackedOff)
    .map((one) => ({ ...one, rank: one.rank.map((key, index) => (index === 1 ? 0 : key)) }))
    .sort(byRank);
  const mine = activeReach(state, place, active.record);
  const reachOf = (one: Profile) => (one.record === undefined ? 0 : standbyReach(state, place, one.record));
  const best = ready[0];
  if (state.link.hostCheck && mine !== undefined && best !== undefined && reachOf(best) > mine) {
    return `${best.id} better-reach`;
  }
  if (place.failback === "manual") return "keep";
  const reachesNoLess = (one: Profile) => {
    if (!state.link.hostCheck) return true;
    if (mine !== undefined) return reachOf(one) >= mine;
    return one.record?.reach.length === 0 && active.record?.reach.length === 0;
  };
  const higher = ready.find((one) => one.host.priority > active.host.priority && reachesNoLess(one));
  return higher === undefined ? "keep" : `${higher.id} higher-priority`;
}

/** Whether what was not heard proves nothing now: a hold, or nobody credited for half the shortest time-out. */
function isSilenced({ pulse, link }: LinkState, nowMs: number): boolean {
  const timeouts = link.locations.flatMap((one) => one.hosts.flatMap((host) => (host.static ? [] : [host.timeoutMs])));
  if (pulse === undefined) return true;
  const agoMs = nowMs - pulse.lastCreditedMs;
  return nowMs < pulse.holdUntilMs || agoMs < -2_000 || agoMs > Math.min(...timeouts) / 2;
}

const reached = (sample: Uint8Array<ArrayBuffer>, peer: Location) => {
  const members = membersOf(sample);
  return peer.hosts.some((host) => members.includes(host.ordinal));
};

function standbyReach(state: LinkState, place: Location, { reach }: HostRecord): number {
  if (reach.length < 3) return 0;
  return peers(state, place).filter((peer) => !reach.some((sample) => !reached(sample, peer))).length;
}

function activeReach(state: LinkState, place: Location, record: HostRecord | undefined): number | undefined {
  const [newest, before] = record?.reach ?? [];
  if (newest === undefined || before === undefined) return undefined;
  return peers(state, place).filter((peer) => reached(newest, peer) || reached(before, peer)).length;
}
