import type { Decision } from "../../shared/domain/records.ts";
import type { Finding, History, JudgedLocation } from "./history.ts";

const NOBODY = "nobody";

/**
 * Decisions that are missing: epochs with a hole, decisions that do not follow from the one before, what was shown once
 * and is not on record any more, decisions without their event and events without their decision, and hosts that were
 * told to carry traffic without a decision for them.
 */
export function lostDecisions(history: History): readonly Finding[] {
  const told = eventsTold(history);
  return [
    ...history.locations.flatMap((location) => holes(location)),
    ...history.locations.flatMap((location) => untold(location, told)),
    ...forgotten(history),
    ...eventsAlone(history, told),
    ...activeWithoutDecision(history),
  ];
}

const lost = (text: string): Finding => ({ promise: "lost-decision", text });

function holes({ name, decisions }: JudgedLocation): readonly Finding[] {
  if (decisions.length === 0) return [lost(`${name} has no decision at all`)];
  return decisions.flatMap((decision, at) => {
    const before = decisions[at - 1];
    if (decision.epoch !== at + 1) return [lost(`${name}: epoch ${decision.epoch} stands where ${at + 1} belongs`)];
    if (before === undefined || before.activeHostId === decision.previousHostId) return [];
    return [lost(`${name}: epoch ${decision.epoch} does not go on from the host of epoch ${before.epoch}`)];
  });
}

/** `location#epoch` of every decision event; the form of `once` is that of the product's own event. */
function eventsTold({ events }: History): ReadonlySet<string> {
  return new Set(events.flatMap(({ kind, once }) => (kind === "decision" && once !== undefined ? [once] : [])));
}

const onceOf = ({ locationId, epoch }: Decision) => `decision#${locationId}#${epoch}`;

function untold({ name, decisions }: JudgedLocation, told: ReadonlySet<string>): readonly Finding[] {
  return decisions
    .filter((decision) => !told.has(onceOf(decision)))
    .map(({ epoch }) => lost(`${name}: epoch ${epoch} has no event`));
}

function eventsAlone({ locations }: History, told: ReadonlySet<string>): readonly Finding[] {
  const known = new Set(locations.flatMap(({ decisions }) => decisions.map(onceOf)));
  return [...told].filter((once) => !known.has(once)).map((once) => lost(`an event without its decision: ${once}`));
}

function forgotten({ locations, seen }: History): readonly Finding[] {
  const byId = new Map(locations.map((location) => [location.id, location]));
  const texts = seen.flatMap(({ locationId, epoch, active, where }) => {
    const location = byId.get(locationId);
    const decision = location?.decisions.find((one) => one.epoch === epoch);
    const now = decision === undefined ? "not on record" : nameOf(location, decision.activeHostId);
    if (now === active) return [];
    return [`${location?.name ?? locationId}: epoch ${epoch} was ${active} in ${where}, and is ${now} now`];
  });
  return [...new Set(texts)].map(lost);
}

function nameOf(location: JudgedLocation | undefined, hostId: string | null): string {
  return hostId === null ? NOBODY : (location?.hostNames.get(hostId) ?? hostId);
}

function activeWithoutDecision({ agents, locations }: History): readonly Finding[] {
  const byId = new Map(locations.map((location) => [location.id, location]));
  return agents.flatMap(({ hostId, locationId, name, toldActive }) => {
    const decisions = byId.get(locationId)?.decisions ?? [];
    return toldActive
      .filter(({ answeredMs }) => !decisions.some((one) => one.activeHostId === hostId && one.decidedMs <= answeredMs))
      .map(({ answeredMs }) => lost(`${name} was told to carry traffic at ${answeredMs} without a decision for it`));
  });
}
