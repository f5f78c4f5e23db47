import { limits } from "../../shared/domain/limits.ts";
import type { Link } from "../../shared/domain/network.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import { electNow } from "../failover/failover.ts";
import { type Answer, readBody } from "./http.ts";
import { findLink } from "./places.ts";
import { refuseEventual } from "./replicated.ts";
import type { Call } from "./router.ts";
import { type PauseAnswer, PauseRequest } from "./schemas.ts";
import { changeSwitches, tellOperator } from "./situation.ts";

/** POST pause: stops all decisions of a link, or of every link. */
export async function pause(call: Call): Promise<Answer> {
  const { deps, by } = call;
  const paused = { atMs: deps.clock.nowMs(), by };
  const links = await switchLinks(call, "pause", () => paused);
  const message = `paused: ${listed(links)}; nothing fails over until \`pointsman resume\``;
  return { body: { links: links.map((link) => link.name), paused: true, message } satisfies PauseAnswer };
}

/** POST resume: lets decisions be made again, and makes those that are due. */
export async function resume(call: Call): Promise<Answer> {
  const { deps, by } = call;
  await refuseEventual(deps);
  const links = await switchLinks(call, "resume", () => null);
  const refs = links.flatMap((link) =>
    link.locations.map((location) => ({ linkId: link.id, locationId: location.id })),
  );
  await inParallel(refs, limits.parallelLocations, (ref) => electNow(deps, ref, by));
  const message = `resumed: ${listed(links)}`;
  return { body: { links: links.map((link) => link.name), paused: false, message } satisfies PauseAnswer };
}

type Paused = { readonly atMs: number; readonly by: string } | null;

async function switchLinks({ deps, request, by }: Call, verb: string, paused: () => Paused): Promise<readonly Link[]> {
  const body = await readBody(request, PauseRequest);
  const { network } = (await deps.store.readNetwork()).value;
  const links = body.link === undefined ? network.links : [findLink(network, body.link)];
  for (const link of links) {
    await tellOperator(deps, { by, message: `${verb} of ${link.name}`, why: body.why, linkId: link.id });
    await changeSwitches(deps, link.id, network.version, (switches) => ({ ...switches, paused: paused() }));
  }
  return links;
}

function listed(links: readonly Link[]): string {
  return links.length === 0 ? "there is no link" : links.map((link) => link.name).join(", ");
}
