import { limits } from "../limits.ts";
import type { Location } from "../network.ts";
import { candidatesOf } from "./availability.ts";
import { factsOf, type LinkState } from "./state.ts";

/** The next moment after `nowMs` at which an election can come out differently by time alone; undefined for never. */
export function nextMoment(state: LinkState, location: Location, nowMs: number): number | undefined {
  const facts = factsOf(state, location);
  const activeId = facts.head?.activeHostId ?? null;
  const active = location.hosts.find((host) => host.id === activeId);
  const record = active === undefined ? undefined : facts.hosts.get(active.id);
  const moments: number[] = [];
  if (active !== undefined && record !== undefined) {
    moments.push(record.lastSeenMs + active.timeoutMs + 1);
    for (const sinceMs of Object.values(record.tunnels.down)) moments.push(sinceMs + state.link.tunnelTimeoutMs);
  }
  if (facts.suspicion !== undefined) moments.push(facts.suspicion.evaluateMs);
  if (state.pulse !== undefined) moments.push(state.pulse.holdUntilMs);
  for (const candidate of candidatesOf(location, facts, activeId, nowMs)) {
    moments.push(candidate.steadyAtMs);
    const demotedMs = facts.head?.demotedMs[candidate.host.id];
    if (demotedMs !== undefined) moments.push(demotedMs + candidate.host.backoffMs, demotedMs + limits.agentSleepMs);
  }
  const ahead = moments.filter((moment) => moment > nowMs);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}
