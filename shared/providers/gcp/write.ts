import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { ChangeOutcome, RouteChange, Turn } from "../../ports/route-provider.ts";
import { enteredPace, type Pace } from "../common/pace.ts";
import { inLane, isAnew, urgentFirst, type WriteRun, writeRun } from "../common/write-run.ts";
import { attempt, type GcpSession } from "./call.ts";
import { type Call, routeError } from "./errors.ts";
import { routeName } from "./names.ts";
import { nextHopOf, pathOf, targetOf } from "./next-hop.ts";
import { untilDone } from "./operation.ts";
import { callOf, checkNetwork, type GoogleRoute, getRoute, listRoutes, operationOf } from "./resources.ts";
import {
  carrierOf,
  destinationOf,
  isGiven,
  isIn,
  isStatic,
  networkPath,
  type Standing,
  standingOf,
} from "./standing.ts";
import { planSwap } from "./swap-plan.ts";

/** Google counts all calls that change global resources of a project together. */
const LANE = "write";

type Writing = {
  readonly session: GcpSession;
  readonly run: WriteRun<Call>;
  readonly epoch: number;
  readonly listed: Listed;
  /** Networks that were looked for since no route of theirs was listed. */
  readonly looked: Map<string, Promise<void>>;
};

/** What was listed: the networks that routes stand in, and static routes by network and destination. */
type Listed = {
  readonly networks: ReadonlySet<string>;
  readonly routes: ReadonlyMap<string, readonly GoogleRoute[]>;
};

/**
 * Writes the changes at Google's pace, by what one listing at the beginning shows. Outcomes are in the order of the
 * changes. A change is written when every operation that it began has ended well.
 */
export async function writeRoutes(
  session: GcpSession,
  pace: Pace,
  changes: readonly RouteChange[],
  turn: Turn,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  if (changes.length === 0) return [];
  const run = writeRun<Call>({
    cloud: "gcp",
    pace: enteredPace(pace, session.clock, session.client.entered),
    guard: turn.guard,
    signal,
    nowMs: () => session.clock.nowMs(),
    routeError,
    textOf: ({ action, about }) => `${action} for ${about}`,
  });
  const listing = listRoutes(session, signal).then(indexed);
  // Every change reports what became of the listing.
  listing.catch(() => undefined);
  const looked = new Map<string, Promise<void>>();
  const results = new Map<RouteChange, ChangeOutcome>();
  await inLane(
    urgentFirst(changes),
    async (change) => {
      const outcome = await run.outcome(change, async () =>
        writeOne({ session, run, epoch: turn.epoch, listed: await listing, looked }, change),
      );
      results.set(change, outcome);
    },
    limits.gcpChangesAtOnce,
  );
  return changes.flatMap((change) => results.get(change) ?? []);
}

async function writeOne(writing: Writing, change: RouteChange): Promise<void> {
  const standing = await standingFor(writing, change);
  const carrier = carrierOf(standing);
  if (change.kind === "create") {
    if (carrier !== undefined) throw refused(writing, "ROUTE_EXISTS", change, `${carrier.name} stands there`);
    await insert(writing, change, writing.session.cloud.priority + 1);
    return;
  }
  if (carrier === undefined) throw refused(writing, "ROUTE_MISSING", change, "no route stands there");
  const isOther = isGiven(carrier, standing, change.found);
  if (!carrier.isOurs && !isOther) {
    throw refused(writing, "ROUTE_EXISTS", change, `${carrier.name} stands there and points at ${carrier.target}`);
  }
  const claimed = standing.filter((route) => route.isOurs || (isOther && route === carrier));
  const newer = claimed.find(({ epoch }) => epoch > writing.epoch);
  if (newer !== undefined) {
    throw refused(writing, "ROUTE_EXISTS", change, `${newer.name} stands there, of a newer decision`);
  }
  if (change.kind === "remove") {
    const others = claimed.filter((route) => route !== carrier);
    for (const { name } of [...others, carrier]) await remove(writing, change, name);
    return;
  }
  const { cloud } = writing.session;
  const { target } = change;
  const isOnly = carrier.target === target && claimed.length === 1;
  const wish = { claimed, target, epoch: writing.epoch, priority: cloud.priority };
  const plan = planSwap({ ...wish, isAnew: isOnly && isAnew(change) });
  if (plan.addAt !== null) await insert(writing, change, plan.addAt);
  for (const name of plan.clear) await remove(writing, change, name);
}

/** The static routes that the listing shows for a change's destination. A network without any route is looked for. */
async function standingFor(writing: Writing, { table, destination }: RouteChange): Promise<readonly Standing[]> {
  const { session, listed, looked, run } = writing;
  const network = networkPath(session.cloud.project, table.id);
  if (!listed.networks.has(network)) {
    const look = looked.get(table.id) ?? checkNetwork(session, table.id, run.signal);
    looked.set(table.id, look);
    await look;
  }
  const routes = listed.routes.get(`${network} ${destination}`) ?? [];
  return routes.map((route) => standingOf(route, session.locationId, destination));
}

function indexed(listed: readonly GoogleRoute[]): Listed {
  const routes = new Map<string, GoogleRoute[]>();
  for (const route of listed.filter(isStatic)) {
    const key = `${pathOf(route.network)} ${destinationOf(route)}`;
    const group = routes.get(key);
    if (group === undefined) routes.set(key, [route]);
    else group.push(route);
  }
  return { networks: new Set(listed.map(({ network }) => pathOf(network))), routes };
}

type Adding = RouteChange & { readonly kind: "create" | "replace" };

async function insert(writing: Writing, change: Adding, priority: number): Promise<void> {
  const { session, run, epoch } = writing;
  const { project } = session.cloud;
  const { table, destination, target } = change;
  const name = routeName(session.locationId, destination, target, epoch);
  const call = callOf(session, "routes.insert", `${destination} in ${table.id}`);
  const body = {
    name,
    description: `Pointsman: location ${session.locationId}, epoch ${epoch}`,
    network: `https://www.googleapis.com/compute/v1/projects/${project}/global/networks/${table.id}`,
    destRange: destination,
    priority,
    ...nextHopOf(target),
  };
  const path = `projects/${project}/global/routes`;
  const send = (signal: AbortSignal) => session.client({ method: "POST", path, body }, signal);
  try {
    const answer = await run.call(LANE, call, () => attempt(session.clock, call, send));
    await untilDone(session, call, operationOf(answer, call), run.signal);
  } catch (error) {
    if (!(error instanceof RouteError) || error.code !== "ROUTE_EXISTS") throw error;
    await checkTwin(writing, change, name, error);
  }
}

/** The name is taken: by a call of ours whose answer was lost, or by something that we did not make. */
async function checkTwin(writing: Writing, change: Adding, name: string, taken: RouteError): Promise<void> {
  const { session, run } = writing;
  const { table, destination, target } = change;
  const call = callOf(session, "routes.insert", `${destination} in ${table.id}`);
  let twin: GoogleRoute;
  try {
    twin = await getRoute(session, name, run.signal);
  } catch (error) {
    if (!(error instanceof RouteError) || error.code !== "ROUTE_MISSING") throw error;
    throw routeError("LOCKED", call, `a route ${name} is being made or deleted`, taken);
  }
  const isIt = isIn(twin, session.cloud.project, table.id) && destinationOf(twin) === destination;
  if (isIt && targetOf(twin) === target) return;
  const message = `${routeError("ROUTE_EXISTS", call, "").message}the name ${name} is taken by a route to ${twin.destRange} at ${targetOf(twin)}`;
  throw new RouteError("ROUTE_EXISTS", message, { cause: taken, retry: "later", next: `delete route ${name}` });
}

/** One that is gone already is as good as deleted. */
async function remove(writing: Writing, change: RouteChange, name: string): Promise<void> {
  const { session, run } = writing;
  const call = callOf(session, "routes.delete", `${change.destination} in ${change.table.id} (${name})`);
  const path = `projects/${session.cloud.project}/global/routes/${name}`;
  const send = (signal: AbortSignal) => session.client({ method: "DELETE", path }, signal);
  try {
    const answer = await run.call(LANE, call, () => attempt(session.clock, call, send));
    await untilDone(session, call, operationOf(answer, call), run.signal);
  } catch (error) {
    if (!(error instanceof RouteError) || error.code !== "ROUTE_MISSING") throw error;
  }
}

function refused(
  { session }: Writing,
  code: "ROUTE_EXISTS" | "ROUTE_MISSING",
  change: RouteChange,
  message: string,
): RouteError {
  return routeError(
    code,
    callOf(session, `routes ${change.kind}`, `${change.destination} in ${change.table.id}`),
    message,
  );
}
