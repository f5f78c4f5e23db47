import { randomBytes } from "node:crypto";
import { asAws } from "../dev/as-aws.ts";
import { createEc2Emulator } from "../dev/emulators/ec2/emulator.ts";
import { serveEc2 } from "../dev/emulators/ec2/server.ts";
import { memoryDatabase } from "../dev/memory-database.ts";
import { createSwapper } from "../functions/routes/swap.ts";
import type { Cloud } from "../shared/domain/clouds/cloud.ts";
import type { Network } from "../shared/domain/network.ts";
import type { Decision } from "../shared/domain/records.ts";
import { systemClock } from "../shared/platform/clock.ts";
import type { Wake } from "../shared/ports/queues.ts";
import type { OpenProvider } from "../shared/ports/route-provider.ts";
import { createProviderRegistry } from "../shared/providers/registry.ts";
import { openStore } from "../shared/store/store.ts";
import { makeMesh } from "./mesh.ts";
import { type Bench, plainRow, type Row, ratioRow } from "./row.ts";

const latencyMs = 50;
/** EC2's documented bucket of a changing action: so many at once, then so many a second. */
const bucket = { capacity: 50, perSecond: 5 };
/** What the bars apply to: within this many ms where the bucket forces nothing, else within this ratio of what it forces. */
const bars = { unforcedMs: 2_000, ratio: 1.2 };

/** Swaps a location's routes through the real SDK over HTTP, on the real clock. */
export const swapAws: Bench = {
  name: "swap.aws",
  async run(note) {
    note(`EC2 emulator with ${latencyMs} ms latency and buckets of ${bucket.capacity} + ${bucket.perSecond}/s`);
    const rows: Row[] = [];
    for (const routes of [50, 200, 500]) {
      const forcedMs = (Math.max(0, routes - bucket.capacity) / bucket.perSecond) * 1_000;
      note(`${routes} routes, about ${Math.ceil(forcedMs / 1_000) + 1} s …`);
      const verifiedMs = await swapOnce(routes);
      const name = `swap.aws.${routes}.verified`;
      rows.push(
        forcedMs === 0
          ? plainRow(name, verifiedMs, "ms", { most: bars.unforcedMs })
          : ratioRow(name, verifiedMs, "ms", forcedMs, { most: bars.ratio }),
      );
    }
    return rows;
  },
};

/** Milliseconds from a decision to its verified swap, with every route owned and pointing at the host before. */
async function swapOnce(routes: number): Promise<number> {
  const network = officeMesh(routes);
  const link = network.links[0];
  const location = link?.locations[0];
  const [before, after] = location?.hosts ?? [];
  const cloud = asAws(location?.cloud);
  if (link === undefined || location === undefined || before === undefined || after === undefined) {
    throw new Error("no location to swap");
  }
  const destinations = link.locations[1]?.networks ?? [];
  const table = cloud.routeTables.by === "id" ? (cloud.routeTables.ids[0] ?? "") : "";
  const emulator = createEc2Emulator({ clock: systemClock, seed: 1 });
  const interfaces = [before, after].map((host, at) => ({
    id: host.target ?? "",
    vpc: cloud.vpc,
    addresses: [`10.200.0.${at + 10}`],
  }));
  emulator.seed({
    regions: [
      {
        region: cloud.region,
        vpcs: [{ id: cloud.vpc, cidrs: ["10.200.0.0/16"] }],
        interfaces,
        routeTables: [
          {
            id: table,
            vpc: cloud.vpc,
            routes: destinations.map((destination) => ({ destination, target: before.target ?? "" })),
          },
        ],
      },
    ],
  });
  emulator.control.latency("*", latencyMs);
  emulator.control.throttling(true);
  const server = await serveEc2(emulator);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });

  const store = openStore(memoryDatabase(systemClock));
  await store.commitNetwork({ network, atMs: Date.now(), by: "bench", why: "bench", source: "" });
  const place = { linkId: link.id, locationId: location.id, generation: location.generation };
  const key = `aws/${cloud.region}/${table}`;
  for (const destination of destinations) {
    const owned = { state: "owned", seen: "", epoch: 1, atMs: Date.now(), by: "bench" } as const;
    await store.writeLedger({ table: key, destination, ...place, ...owned }, undefined);
  }
  await store.writeTargets(location.id, [before.target ?? ""], undefined);
  const decision: Decision = {
    ...place,
    epoch: 1,
    activeHostId: after.id,
    previousHostId: before.id,
    reason: "timed-out",
    decidedMs: Date.now(),
    by: "bench",
    networkVersion: network.version,
    evidence: "bench",
    demotedMs: {},
    tunnelMoveMs: 0,
    swap: { state: "pending" },
  };
  await store.commitDecision(decision, undefined, () => true);

  const openProvider = createProviderRegistry({ clock: systemClock });
  const waiting: Wake[] = [{ linkId: link.id, locationId: location.id, cause: "decision", round: 0 }];
  const swap = createSwapper({
    store,
    clock: systemClock,
    random: { bytes: (count) => randomBytes(count) },
    log: { warn: () => undefined, error: () => undefined },
    openProvider,
    swapQueue: async () => ({ wake: async (wakes) => void waiting.push(...wakes) }),
    tickQueue: async () => ({ send: async () => undefined }),
  });
  await warmUp(cloud, openProvider);
  const startMs = performance.now();
  for (let wake = waiting.shift(); wake !== undefined; wake = waiting.shift()) await swap(wake);
  const verifiedMs = performance.now() - startMs;
  await server.close();
  const head = (await store.readHead(link.id, location.id)).value?.value;
  const isMoved = emulator.control
    .region(cloud.region)
    .routes(table)
    .filter((route) => route.target !== "local")
    .every((route) => route.target === after.target);
  if (head?.swap.state !== "confirmed" || !isMoved) throw new Error(`${routes} routes were not swapped`);
  const gaps = emulator.control.gaps(0);
  if (gaps.length > 0) throw new Error(`${gaps.length} destinations were without a route`);
  return verifiedMs;
}

/** Loads the SDK and opens a connection, as a container that has run before has: cold starts are the failover benchmark's. */
async function warmUp(cloud: Cloud, open: OpenProvider): Promise<void> {
  const provider = await open(cloud, "bench");
  await provider.survey(AbortSignal.timeout(10_000));
}

/** A location with two hosts and an office with as many networks as there are to be routes. */
function officeMesh(routes: number): Network {
  const mesh = makeMesh({ locations: 2, hostsPerLocation: 2, timeoutMs: 30_000, hostCheck: false });
  const networks = Array.from({ length: routes }, (_, at) => `10.${100 + (at >> 8)}.${at & 255}.0/24`);
  return {
    ...mesh,
    links: mesh.links.map((link) => ({
      ...link,
      locations: link.locations.map((location, at) => (at === 1 ? { ...location, networks } : location)),
    })),
  };
}
