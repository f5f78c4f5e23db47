import type { Event } from "../../shared/domain/events.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Step, WriteStep } from "../../shared/domain/plan-steps.ts";
import { routeKey } from "../../shared/domain/routes.ts";
import type { LocationRef } from "../../shared/ports/queues.ts";

/** Whose routes are told of. */
export type Teller = LocationRef & {
  /** `link/location`, by name. */
  readonly name: string;
  readonly epoch: number;
};

type Told = Pick<Event, "kind" | "severity" | "message"> & { readonly once: string };

/** An event of the routes function. */
export function routesEvent(teller: Teller, atMs: number, told: Told): Event {
  const { linkId, locationId } = teller;
  const { kind, severity, once } = told;
  return { atMs, kind, severity, linkId, locationId, by: "routes", message: `${teller.name}: ${told.message}`, once };
}

/** Which stretch of `limits.retellMs` a time falls into: what goes on is told once in each. */
export function retellBucket(atMs: number): number {
  return Math.floor(atMs / limits.retellMs);
}

/** Why a route that points at another interface of ours does: a call that landed late, or an interface that moved. */
export type StaleCause = "late-call" | "target-moved";

/**
 * Events of repairs that are about to be made, one a table and cause. Told before the write, so that a run that dies
 * in between does not leave a repair untold.
 */
export function repairEvents(
  teller: Teller,
  atMs: number,
  steps: readonly WriteStep[],
  staleCause: (step: WriteStep) => StaleCause,
): readonly Event[] {
  const groups = new Map<string, WriteStep[]>();
  for (const step of steps) {
    const cause = step.reason === "drift" ? "drift" : staleCause(step);
    const key = `${cause} ${step.table.id} ${step.found?.target ?? "nothing"}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups].map(([key, group]) => {
    const isLate = key.startsWith("late-call");
    const kind = isLate ? "stale-write-repaired" : "route-repaired";
    const first = group[0]?.destination ?? "";
    return routesEvent(teller, atMs, {
      kind,
      severity: isLate ? "warning" : "info",
      message: `${named(group)} in ${group[0]?.table.id}: ${whatWasFound(group[0], key)}; epoch ${teller.epoch} puts it right`,
      once: `${kind}#${teller.locationId}#${key}#${teller.epoch}#${first}#${group.length}#${retellBucket(atMs)}`,
    });
  });
}

function whatWasFound(step: WriteStep | undefined, key: string): string {
  if (step?.found === undefined) return "was gone";
  if (step.found.state === "blackhole") {
    const why = step.found.warning === undefined ? "" : ` (${step.found.warning})`;
    return `pointed at ${step.found.target}, which carries nothing${why}`;
  }
  return key.startsWith("late-call")
    ? `pointed at ${step.found.target} by a call of an older epoch that landed late, or by hand`
    : `pointed at ${step.found.target}, which is not the interface of the active host any more`;
}

/** The event of a step that only the ledger will tell of, if it is worth one. */
export function noteEvent(teller: Teller, atMs: number, step: Step): Event | undefined {
  const place = routeKey(step.table.key, step.destination);
  const where = `${step.destination} in ${step.table.id}`;
  const since = step.entry === undefined ? `epoch ${teller.epoch}` : step.entry.atMs;
  const seen = step.found?.target ?? "nothing";
  if (step.kind === "foreign") {
    const message = `${where} points at ${seen} and is left alone: ${whyForeign[step.reason]}`;
    const once = `route-foreign#${place}#${seen}#${since}`;
    return routesEvent(teller, atMs, { kind: "route-foreign", severity: "warning", message, once });
  }
  if (step.kind === "orphan") {
    const message = `${where} still points at ${seen}: it is not desired any more, and removal is off`;
    const once = `route-orphaned#${place}#${since}`;
    return routesEvent(teller, atMs, { kind: "route-orphaned", severity: "warning", message, once });
  }
  const isGone = step.kind === "settle" && step.reason === "gone" && step.entry?.state === "owned";
  return isGone ? removedEvent(teller, atMs, step) : undefined;
}

const whyForeign = {
  "never-ours": "Pointsman did not create it. To hand it over, adopt it",
  "moved-away": "somebody has pointed it away from Pointsman's hosts. To hand it over again, adopt it",
  "cloud-made": "the cloud has made it itself",
} as const;

/** The event of a route of ours that is gone. */
export function removedEvent(teller: Teller, atMs: number, step: Step): Event {
  const why = step.kind === "remove" && step.reason === "nobody-available" ? "nobody is available" : "not desired";
  const message = `${step.destination} in ${step.table.id} removed: ${why}`;
  const once = `route-removed#${routeKey(step.table.key, step.destination)}#${step.entry?.atMs ?? 0}`;
  return routesEvent(teller, atMs, { kind: "route-removed", severity: "info", message, once });
}

/** The event of a route that another location owns. `since` names the other's claim: a new one is told again. */
export function conflictEvent(teller: Teller, atMs: number, step: Step): Event {
  const { entry } = step;
  const owner = `location ${entry?.locationId} of link ${entry?.linkId}`;
  const message = `${step.destination} in ${step.table.id} belongs to ${owner} and is left to it: let only one of the two reach this network, or use other tables`;
  const once = `route-conflict#${routeKey(step.table.key, step.destination)}#${teller.locationId}#${entry?.locationId}#${entry?.atMs}`;
  return routesEvent(teller, atMs, { kind: "route-conflict", severity: "error", message, once });
}

function named(steps: readonly Step[]): string {
  const shown = steps.slice(0, limits.eventDestinations).map((step) => step.destination);
  const more = steps.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
