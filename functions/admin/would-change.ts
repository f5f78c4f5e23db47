import { candidatesOf } from "../../shared/domain/election/availability.ts";
import { bestCandidate } from "../../shared/domain/election/choice.ts";
import { isHeld } from "../../shared/domain/election/elect.ts";
import { factsOf, type LinkState, type LocationFacts } from "../../shared/domain/election/state.ts";
import { suspicionWaitMs } from "../../shared/domain/election/suspicion.ts";
import type { Host, Location } from "../../shared/domain/network.ts";
import { healthOf } from "./status-view.ts";

/** What would change who is active in a location, one sentence each. Pure. */
export function wouldChange(state: LinkState, location: Location, nowMs: number): readonly string[] {
  const facts = factsOf(state, location);
  if (location.hosts.some((host) => host.static)) return ["nothing: a static host is always active"];
  if (state.isPaused) return [`nothing while the link is paused: \`pointsman resume ${state.link.name}\``];
  const active = location.hosts.find((host) => host.id === facts.head?.activeHostId);
  if (active === undefined) return ["the first host that is heard becomes active at once"];
  const others = candidatesOf(location, facts, active.id, nowMs);
  const successor = bestCandidate(state, location, others, facts.wish?.pin?.hostId);
  const held = isHeld(state, nowMs) ? ["until the hold ends, nothing that rests on silence, and no pre-emption"] : [];
  return [
    ...held,
    ...failures(state, location, active, facts, successor?.host),
    ...preemptions(state, location, active, facts, nowMs),
  ];
}

function failures(
  state: LinkState,
  location: Location,
  active: Host,
  facts: LocationFacts,
  successor: Host | undefined,
): readonly string[] {
  const record = facts.hosts.get(active.id);
  const fate = location.removeRoutes ? "its routes are removed" : "it stays, with its routes";
  const then = successor === undefined ? `no other host is available, so ${fate}` : `${successor.name} takes over`;
  const lastMs = record === undefined ? undefined : record.lastSeenMs + active.timeoutMs;
  const due = lastMs === undefined ? "" : ` (${new Date(lastMs).toISOString().slice(11, 19)}Z by what was last heard)`;
  const lines = [
    `${active.name} is not heard for ${seconds(active.timeoutMs)}${due}: ${then}`,
    `${active.name} says good-bye, or is drained or removed: ${successor === undefined ? "nothing, since no other host is available" : `${successor.name} takes over at once`}`,
  ];
  if (successor === undefined) return lines;
  if (state.link.hostCheck && record !== undefined) {
    const wait = seconds(suspicionWaitMs(record));
    lines.push(
      `most hosts of other locations that reached ${active.name} lately cannot any more, and it is silent for ${wait}: ${then}`,
    );
  }
  const timeout = seconds(state.link.tunnelTimeoutMs);
  lines.push(`more than half of the tunnels of ${active.name} are down on both sides for ${timeout}: ${then}`);
  return lines;
}

function preemptions(
  state: LinkState,
  location: Location,
  active: Host,
  facts: LocationFacts,
  nowMs: number,
): readonly string[] {
  const name = `${state.link.name}/${location.name}`;
  const pinned = location.hosts.find((host) => host.id === facts.wish?.pin?.hostId);
  if (pinned?.id === active.id)
    return [`${active.name} is pinned: no priority takes over before \`pointsman unpin ${name}\``];
  const lines = pinned === undefined ? [] : [`${pinned.name}, which is pinned, becomes available: it takes over`];
  if (state.link.hostCheck) {
    lines.push(
      `a standby reaches a whole location more than ${active.name}, steadily for ${seconds(location.holdUpMs)}: it takes over`,
    );
  }
  const higher = location.hosts.filter((host) => host.priority > active.priority);
  if (higher.length > 0 && location.failback === "manual") {
    return [
      ...lines,
      `failback is manual: ${names(higher)} of higher priority takes over only by \`pointsman switchover ${name}\``,
    ];
  }
  for (const host of higher)
    lines.push(`${host.name} (priority ${host.priority}) ${higherText(host, location, facts, nowMs)}`);
  return lines;
}

function higherText(host: Host, location: Location, facts: LocationFacts, nowMs: number): string {
  if (facts.wish?.drains[host.id] !== undefined) return "is undrained and steady: it takes over";
  const candidate = candidatesOf(location, facts, null, nowMs).find((one) => one.host.id === host.id);
  if (candidate === undefined) {
    return `is ${healthOf(host, facts, nowMs)}: it takes over when it has been heard steadily for ${seconds(location.holdUpMs)}`;
  }
  const demotedMs = facts.head?.demotedMs[host.id];
  const backedOffMs = demotedMs === undefined ? 0 : demotedMs + host.backoffMs;
  const dueMs = Math.max(candidate.steadyAtMs, backedOffMs);
  return dueMs > nowMs
    ? `stays available for another ${seconds(dueMs - nowMs)}: it takes over`
    : "is steady: it takes over if it reaches no less";
}

function names(hosts: readonly Host[]): string {
  return hosts.map((host) => host.name).join(" or ");
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}
