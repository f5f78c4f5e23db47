import { tokenBuckets } from "../../dev/emulators/common/buckets.ts";
import { EC2_BUCKETS } from "../../dev/emulators/ec2/buckets.ts";
import { createTruth } from "../../dev/memory-cloud-truth.ts";
import { createBook } from "./book.ts";
import { createCalls } from "./calls.ts";
import type { CloudModel, CloudOptions } from "./cloud.ts";
import { createEc2, insideOfEc2, openEc2, warmUp } from "./ec2.ts";
import { createEstate } from "./estate.ts";
import { plantForeignRoutes } from "./foreign-routes.ts";
import { createIncidents } from "./incidents.ts";
import type { Inside } from "./inside.ts";
import { insideOf, openEtag, openReplace } from "./memory.ts";
import { type CloudClock, timelineClock } from "./timeline-clock.ts";
import { createWire } from "./wire.ts";

/** Changes of one table that one call carries, where tables are changed as a whole. */
const changesPerCall = 100;

/**
 * The clouds of a world: tables with somebody else's routes and none of Pointsman's, machines with interfaces. To be
 * awaited before the world begins.
 */
export async function createCloud(options: CloudOptions): Promise<CloudModel> {
  const { chance, timeline } = options;
  if (options.shape.cloud !== "ec2") return memoryModel(options);
  await warmUp();
  const clock = timelineClock(timeline);
  const emulator = createEc2(clock, chance.whole(1, 2 ** 31));
  return modelOver(options, clock, insideOfEc2(emulator), (wire, calls) => {
    const ground = { emulator, wire, calls };
    return (process) => openEc2(ground, process);
  });
}

function memoryModel(options: CloudOptions): CloudModel {
  const clock = timelineClock(options.timeline);
  const truth = createTruth(clock);
  const takeToken = tokenBuckets(clock);
  return modelOver(options, clock, insideOf(truth), (wire, calls) => {
    const ground = { truth, wire, calls, hasToken: (kind: string) => takeToken(kind, EC2_BUCKETS.change) };
    return options.shape.cloud === "etag"
      ? (process) => openEtag(ground, process, changesPerCall)
      : (process) => openReplace(ground, process);
  });
}

type Opener = (wire: ReturnType<typeof createWire>, calls: ReturnType<typeof createCalls>) => CloudModel["open"];

function modelOver(options: CloudOptions, clock: CloudClock, inside: Inside, opener: Opener): CloudModel {
  const { timeline, observe, shape } = options;
  const { nowMs } = timeline;
  for (const { tables, vpc, network } of shape.locations) {
    for (const table of tables) inside.addTable(table, vpc, network);
  }
  const estate = createEstate(shape, inside);
  const book = createBook({ inside, nowMs, observe, isAttached: estate.isAttached });
  plantForeignRoutes({ book, shape });
  clock.open();
  const calls = createCalls({ cloud: shape.cloud === "etag" ? "etag" : "replace", book, nowMs, observe });
  const wire = createWire({ ...options, isDown: () => model.isDown });
  const model: CloudModel = {
    isDown: false,
    open: opener(wire, calls),
    routes: book.routes,
    configure: estate.configure,
    begin: createIncidents({ ...options, book, estate }),
    addressOf: (hostId) => estate.machineOf(hostId)?.address ?? "",
    interfacesOf: (hostId) => estate.machineOf(hostId)?.interfaces ?? [],
    ownerOf: estate.ownerOf,
  };
  return model;
}
