import type { Event } from "../../shared/domain/events.ts";
import type { ChangeReason, Decision } from "../../shared/domain/records.ts";
import type { AgentRecord } from "../../soak/agents/record.ts";
import type { History, JudgedLocation } from "../../soak/judge/history.ts";

/** When the told story begins; all other times are seconds after it. */
export const beginMs = 1_700_000_000_000;
export const at = (second: number): number => beginMs + second * 1000;

const TIMEOUT_MS = 10_000;
export const LOCATION = "site";

/** A host that ran in these stretches of seconds, and was answered every second of them but for those `deaf`. */
export function host(
  name: string,
  runs: readonly (readonly [number, number | undefined, ("silent" | "left")?])[],
  deaf: readonly (readonly [number, number])[] = [],
): AgentRecord {
  const seconds = runs.flatMap(([from, to = 120]) => Array.from({ length: to - from }, (_, n) => from + n));
  const heard = seconds.filter((second) => !deaf.some(([from, to]) => second >= from && second < to));
  return {
    linkId: "link",
    locationId: LOCATION,
    hostId: name,
    name: `link/${LOCATION}/${name}`,
    timeoutMs: TIMEOUT_MS,
    runs: runs.map(([from, to, how = "silent"]) => ({
      startMs: at(from),
      endMs: to === undefined ? undefined : at(to),
      how: to === undefined ? undefined : how,
    })),
    good: heard.map((second) => ({ sentMs: at(second), answeredMs: at(second) + 20 })),
    toldActive: [],
  };
}

export function decision(
  epoch: number,
  second: number,
  change: readonly [string | null, string],
  reason: ChangeReason = "timed-out",
): Decision {
  return {
    linkId: "link",
    locationId: LOCATION,
    epoch,
    generation: 1,
    previousHostId: change[0],
    activeHostId: change[1],
    reason,
    decidedMs: at(second),
    by: "sweep",
    networkVersion: 1,
    evidence: "",
    demotedMs: {},
    tunnelMoveMs: 0,
    swap: { state: "pending" },
  };
}

export function eventOf({ locationId, epoch, decidedMs }: Decision): Event {
  const once = `decision#${locationId}#${epoch}`;
  return {
    atMs: decidedMs,
    kind: "decision",
    severity: "info",
    linkId: "link",
    locationId,
    by: "sweep",
    message: "",
    once,
  };
}

/** A story of one location whose end is at second 120, with an event for every decision. */
export function story(
  agents: readonly AgentRecord[],
  decisions: readonly Decision[],
  other: Partial<History> = {},
): History {
  const location: JudgedLocation = {
    id: LOCATION,
    name: `link/${LOCATION}`,
    hostNames: new Map(agents.map(({ hostId }) => [hostId, hostId])),
    decisions,
  };
  return {
    endMs: at(120),
    agents,
    outages: [],
    locations: [location],
    seen: [],
    events: decisions.map(eventOf),
    routes: [],
    deaths: [],
    ...other,
  };
}
