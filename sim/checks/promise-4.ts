import type { RouteCall } from "../facts.ts";
import { allowances } from "./allowances.ts";
import type { Court, MakeCheck } from "./check.ts";
import { type Chronicle, chronicleOf } from "./chronicle.ts";
import { isDesired, networksSince, placesOfTable } from "./places.ts";

const check = "no gap";

/**
 * A swap never leaves a destination without a route: a destination that is desired is never removed, but where nobody
 * is available and the location removes its routes then.
 */
export const promise4: MakeCheck = (court) => {
  const chronicle = chronicleOf(court.truth);
  return {
    promise: 4,
    name: check,
    observe(fact) {
      chronicle.note(fact);
      if (fact.kind === "call-started" && fact.call.kind === "remove")
        judge(court, chronicle, fact.call, "begins to remove");
      const isGap = fact.kind === "call-landed" && fact.call.result === "ok" && fact.call.after === undefined;
      if (isGap && fact.call.kind !== "remove") judge(court, chronicle, fact.call, "leaves nothing at");
    },
    quiet() {
      for (const { table, destination, target, by } of chronicle.routes.all()) {
        if (target === undefined || by !== "pointsman") continue;
        const stands = court.truth.routes(table).some((route) => route.destination === destination);
        if (stands) continue;
        const message = `${destination} in ${table} pointed at ${target} and is gone, and nobody took it away`;
        court.violate({ promise: 4, check, message, about: [table] });
      }
    },
  };
};

function judge(court: Court, { heads }: Chronicle, call: RouteCall, what: string): void {
  const { table, destination, startedMs, writer } = call;
  const networks = networksSince(court.truth, startedMs - allowances.runKnowledgeMs);
  if (!isDesired(networks, table, destination)) return;
  const places = placesOfTable(networks, table);
  const fromMs = startedMs - allowances.fenceMs - allowances.momentMs;
  const isMeant = places.some(
    ({ location }) =>
      location.removeRoutes &&
      heads.between(location.id, fromMs, startedMs).some(({ decision }) => decision.activeHostId === null),
  );
  if (isMeant) return;
  const about = [...new Set(places.map(({ location }) => location.id)), table];
  court.violate({
    promise: 4,
    check,
    message: `${writer.process} ${what} ${destination} in ${table}, which is wanted`,
    about,
  });
}
