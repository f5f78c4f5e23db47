import { awayFromAlive, expectedFailovers, type Failover, falseFailovers, missedFailovers } from "./failovers.ts";
import type { Finding, History } from "./history.ts";
import { lostDecisions } from "./lost-decisions.ts";

export type Judgement = {
  readonly findings: readonly Finding[];
  readonly failovers: readonly Failover[];
  /** Failovers away from hosts that ran and were not answered in time beside outages, in words: no broken promise. */
  readonly starved: readonly string[];
};

/** Holds what Pointsman has on record, and what the cloud shows, against what the hosts know. Pure. */
export function judge(history: History): Judgement {
  const failovers = expectedFailovers(history);
  const away = awayFromAlive(history);
  const findings = [
    ...lostDecisions(history),
    ...falseFailovers(away),
    ...missedFailovers(failovers),
    ...wrongRoutes(history),
    ...history.deaths.map((text): Finding => ({ promise: "died", text })),
  ];
  return { findings, failovers, starved: away.flatMap(({ kind, text }) => (kind === "starved" ? [text] : [])) };
}

function wrongRoutes({ routes, locations }: History): readonly Finding[] {
  const names = new Map(locations.map(({ id, name }) => [id, name]));
  return routes
    .filter(({ found, wanted }) => found !== wanted)
    .map(({ locationId, table, destination, found, wanted }) => {
      const text = `${names.get(locationId) ?? locationId}: ${destination} in ${table} points at ${found}, not at ${wanted}`;
      return { promise: "wrong-route", text };
    });
}
