import { adoptRoutes } from "../routes/adopt.ts";
import { type Answer, readBody } from "./http.ts";
import { Refusal } from "./refusal.ts";
import type { Call } from "./router.ts";
import { type AdoptAnswer, AdoptRequest } from "./schemas.ts";
import { readSituation, tellOperator, wakeRoutes } from "./situation.ts";

/** POST adopt/{link}/{location}: takes over routes that others made, all of them or those of one table or destination. */
export async function adopt({ deps, request, by, param }: Call): Promise<Answer> {
  const { table, destination, why } = await readBody(request, AdoptRequest);
  const { link, location, name } = await readSituation(deps, param("link"), param("location"));
  if (location.cloud === undefined) {
    throw new Refusal(409, "no-cloud", `${name} has no cloud: it has no routes to adopt`, {
      next: "give the location a cloud in the network file and apply",
    });
  }
  const filter = {
    ...(table === undefined ? {} : { tableId: table }),
    ...(destination === undefined ? {} : { destination }),
  };
  const { adopted, refused } = await adoptRoutes(deps.store, { link, location }, filter, by, deps.clock.nowMs());
  if (adopted.length === 0 && refused.length === 0) {
    throw new Refusal(
      409,
      "nothing-to-adopt",
      `no route that somebody else made stands where routes of ${name} belong`,
      {
        next: "`pointsman status` lists foreign routes and orphans, as far as the last swap or reconcile found them",
      },
    );
  }
  if (adopted.length > 0) {
    const message = `adoption of ${adopted.length} ${adopted.length === 1 ? "route" : "routes"} by ${name}`;
    await tellOperator(deps, { by, message, why, linkId: link.id, locationId: location.id });
    await wakeRoutes(deps, [{ linkId: link.id, locationId: location.id }]);
  }
  const body: AdoptAnswer = {
    location: name,
    adopted: adopted.map((entry) => ({ table: entry.tableId, destination: entry.destination, was: entry.seen })),
    refused: refused.map((one) => ({ table: one.tableId, destination: one.destination, reason: one.reason })),
  };
  return { body };
}
