import { randomBytes } from "node:crypto";
import { memoryDatabase } from "../dev/memory-database.ts";
import { createSwapper } from "../functions/routes/swap.ts";
import type { Cloud } from "../shared/domain/clouds/cloud.ts";
import type { Network } from "../shared/domain/network.ts";
import type { Decision } from "../shared/domain/records.ts";
import { systemClock } from "../shared/platform/clock.ts";
import type { Wake } from "../shared/ports/queues.ts";
import type { OpenProvider } from "../shared/ports/route-provider.ts";
import { openStore } from "../shared/store/store.ts";
import { makeMesh } from "./mesh.ts";

/** A location with two hosts in a cloud, whose routes are to move from the first host to the second. */
export type SwapWorld = {
  readonly cloud: Cloud;
  /** What routes point at by host: before the swap, and after it. */
  readonly targets: readonly [before: string, after: string];
  /** The hosts' targets as the network file has them, where that is not what routes point at. */
  readonly hostTargets?: readonly [before: string, after: string];
  /** The ledger's key of every table. */
  readonly tableKeys: readonly string[];
  /** Routes that are owned beside those to the destinations: what they go by, where they go by something. */
  readonly others?: readonly { readonly table: string; readonly destination: string }[];
  readonly openProvider: OpenProvider;
};

/** As many destinations as there are to be routes, none of which overlaps with 10.0.0.0/16. */
export function swapDestinations(routes: number): readonly string[] {
  return Array.from({ length: routes }, (_, at) => `10.${100 + (at >> 8)}.${at & 255}.0/24`);
}

/**
 * Milliseconds on the real clock from a decision to its verified swap, every route owned and standing at the host before.
 * Connections are open and code is loaded before. Throws when the swap is not confirmed in the end.
 */
export async function timeSwap(world: SwapWorld, routes: number): Promise<number> {
  const network = officeMesh(world, routes);
  const link = network.links[0];
  const location = link?.locations[0];
  const [before, after] = location?.hosts ?? [];
  if (link === undefined || location === undefined || before === undefined || after === undefined) {
    throw new Error("no location to swap");
  }
  const store = openStore(memoryDatabase(systemClock));
  await store.commitNetwork({ network, atMs: Date.now(), by: "bench", why: "bench", source: "" });
  const place = { linkId: link.id, locationId: location.id, generation: location.generation };
  const own = world.tableKeys.flatMap((table) =>
    swapDestinations(routes).map((destination) => ({ table, destination })),
  );
  for (const { table, destination } of [...own, ...(world.others ?? [])]) {
    const owned = { state: "owned", seen: "", epoch: 1, atMs: Date.now(), by: "bench" } as const;
    await store.writeLedger({ table, destination, ...place, ...owned }, undefined);
  }
  await store.writeTargets(location.id, [world.targets[0]], undefined);
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
  const waiting: Wake[] = [{ linkId: link.id, locationId: location.id, cause: "decision", round: 0 }];
  const swap = createSwapper({
    store,
    clock: systemClock,
    random: { bytes: (count) => randomBytes(count) },
    log: { warn: () => undefined, error: () => undefined },
    openProvider: world.openProvider,
    swapQueue: async () => ({ wake: async (wakes) => void waiting.push(...wakes) }),
    tickQueue: async () => ({ send: async () => undefined }),
  });
  const warm = await world.openProvider(world.cloud, "bench");
  await warm.survey(AbortSignal.timeout(10_000));
  const startMs = performance.now();
  for (let wake = waiting.shift(); wake !== undefined; wake = waiting.shift()) await swap(wake);
  const verifiedMs = performance.now() - startMs;
  const head = (await store.readHead(link.id, location.id)).value?.value;
  if (head?.swap.state !== "confirmed") throw new Error(`${routes} routes were not swapped`);
  return verifiedMs;
}

function officeMesh({ cloud, targets, hostTargets = targets }: SwapWorld, routes: number): Network {
  const mesh = makeMesh({ locations: 2, hostsPerLocation: 2, timeoutMs: 30_000, hostCheck: false });
  return {
    ...mesh,
    links: mesh.links.map((link) => ({
      ...link,
      locations: link.locations.map((location, at) =>
        at === 1
          ? { ...location, networks: [...swapDestinations(routes)] }
          : {
              ...location,
              networks: ["10.0.0.0/16"],
              cloud,
              hosts: location.hosts.map((host, number) => ({ ...host, target: hostTargets[number] ?? "auto" })),
            },
      ),
    })),
  };
}
