import { type Cloud, tableByTable } from "../../shared/domain/clouds/cloud.ts";
import type { Id } from "../../shared/domain/ids.ts";
import type { RouteProvider, Survey } from "../../shared/ports/route-provider.ts";
import { type Answer, askCloud } from "./ask-cloud.ts";
import type { Budget } from "./budget.ts";
import type { RoutesDeps } from "./deps.ts";
import type { Failure } from "./tries.ts";

export type FoundTables = Survey & { readonly failures: readonly Failure[] };

/** The tables of a location and their routes. Of tables that are named one by one, one that is missing does not hide the others. */
export async function findTables(
  deps: Pick<RoutesDeps, "clock" | "openProvider">,
  cloud: Cloud,
  locationId: Id,
  provider: RouteProvider,
  budget: Budget,
): Promise<FoundTables> {
  const all = await askCloud(deps.clock, budget, () => provider.survey(budget.signal));
  const apart = tableByTable(cloud);
  const isMissing = all.kind === "failed" && all.failure.error.code === "TABLE_MISSING";
  if (!isMissing || apart === undefined) return foundIn([all]);
  const each = await Promise.all(
    apart.map((part) =>
      askCloud(deps.clock, budget, async () => {
        const one = await deps.openProvider(part, locationId);
        return one.survey(budget.signal);
      }),
    ),
  );
  return foundIn(each);
}

function foundIn(answers: readonly Answer<Survey>[]): FoundTables {
  const surveys = answers.flatMap((answer) => (answer.kind === "answer" ? [answer.value] : []));
  return {
    tables: surveys.flatMap((survey) => survey.tables),
    routes: surveys.flatMap((survey) => survey.routes),
    failures: answers.flatMap((answer) => (answer.kind === "failed" ? [answer.failure] : [])),
  };
}
