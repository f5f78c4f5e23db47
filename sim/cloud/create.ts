import { tokenBuckets } from "../../dev/emulators/ec2/buckets.ts";
import { createTruth } from "../../dev/memory-cloud-truth.ts";
import { createBook } from "./book.ts";
import { createCalls } from "./calls.ts";
import type { CloudModel, CloudOptions } from "./cloud.ts";
import { createEstate } from "./estate.ts";
import { plantForeignRoutes } from "./foreign-routes.ts";
import { createIncidents } from "./incidents.ts";
import { insideOf, openEtag, openReplace } from "./memory.ts";
import { timelineClock } from "./timeline-clock.ts";
import { createWire } from "./wire.ts";

/** Changes of one table that one call carries, where tables are changed as a whole. */
const changesPerCall = 100;

/** The clouds of a world: tables with somebody else's routes, machines with interfaces, and no route of Pointsman's. */
export async function createCloud(options: CloudOptions): Promise<CloudModel> {
  const { timeline, weather, chance, observe, shape } = options;
  const { nowMs } = timeline;
  const wire = createWire({ timeline, weather, chance, isDown: () => model.isDown });
  const clock = timelineClock(timeline);
  const truth = createTruth(clock);
  const inside = insideOf(truth);
  for (const { tables, vpc, network } of shape.locations) {
    for (const table of tables) inside.addTable(table, vpc, network);
  }
  const estate = createEstate(shape, inside);
  const book = createBook({ inside, nowMs, observe, isAttached: estate.isAttached });
  plantForeignRoutes({ book, shape });
  const cloud = shape.cloud === "etag" ? "etag" : "replace";
  const calls = createCalls({ cloud, book, nowMs, observe });
  const takeToken = tokenBuckets(clock);
  const ground = { truth, wire, calls, hasToken: (kind: string) => takeToken(kind, "change") };
  const model: CloudModel = {
    isDown: false,
    open: (process) =>
      shape.cloud === "etag" ? openEtag(ground, process, changesPerCall) : openReplace(ground, process),
    routes: book.routes,
    configure: estate.configure,
    begin: createIncidents({ timeline, weather, observe, shape, book, estate }),
    addressOf: (hostId) => estate.machineOf(hostId)?.address ?? "",
    interfacesOf: (hostId) => estate.machineOf(hostId)?.interfaces ?? [],
    ownerOf: estate.ownerOf,
  };
  return model;
}
