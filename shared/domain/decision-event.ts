import type { Event } from "./events.ts";
import type { Location } from "./network.ts";
import type { Decision } from "./records.ts";

/** The event of a decision, told once however many try. A host that is not among the location's is named by its id. */
export function decisionEvent(linkName: string, location: Pick<Location, "name" | "hosts">, decision: Decision): Event {
  const name = (id: string | null) => location.hosts.find((host) => host.id === id)?.name ?? id ?? "nobody";
  const change = `${name(decision.previousHostId)} → ${name(decision.activeHostId)}`;
  return {
    atMs: decision.decidedMs,
    kind: "decision",
    severity: decision.activeHostId === null ? "error" : "info",
    linkId: decision.linkId,
    locationId: decision.locationId,
    ...(decision.activeHostId === null ? {} : { hostId: decision.activeHostId }),
    by: decision.by,
    message: `${linkName}/${location.name} epoch ${decision.epoch}: ${change} (${decision.reason}): ${decision.evidence}`,
    once: `decision#${decision.locationId}#${decision.epoch}`,
  };
}
