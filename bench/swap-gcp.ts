import { GCP_BUCKETS } from "../dev/emulators/gcp/buckets.ts";
import { createGcpEmulator } from "../dev/emulators/gcp/emulator.ts";
import { serveGcp } from "../dev/emulators/gcp/server.ts";
import type { WorldSeed } from "../dev/emulators/gcp/world.ts";
import type { GcpCloud } from "../shared/domain/clouds/gcp.ts";
import { systemClock } from "../shared/platform/clock.ts";
import { createProviderRegistry } from "../shared/providers/registry.ts";
import { type Bench, plainRow, type Row, ratioRow } from "./row.ts";
import { swapDestinations, timeSwap } from "./swap-run.ts";

const latencyMs = 50;
/** How long an operation takes in the emulator: Google promises nothing. */
const operationMs = 2_000;
/** What the bar applies to: what the bucket forces, or the calls and operations that follow each other for one route. */
const ratio = 1.2;
/** A swap of a route adds one and deletes one. */
const callsPerRoute = 2;
/** Reads that nothing can be done beside: the first look, the look before writing, and the two that show the swap done. */
const serialReads = 4;

const project = "acme-network";
const network = "vpc-bench";
const zone = "europe-west1-b";
const instanceOf = (name: string) => `projects/${project}/zones/${zone}/instances/${name}`;
const cloud: GcpCloud = { provider: "gcp", project, network, priority: 1_000, routeTables: { by: "network" } };

/** Swaps a location's routes over HTTP on the real clock. */
export const swapGcp: Bench = {
  name: "swap.gcp",
  async run(note) {
    const { size, perSecond } = GCP_BUCKETS.write.bucket;
    note(
      `Google emulator with ${latencyMs} ms latency, operations of ${operationMs} ms, and a bucket of ${size} + ${perSecond}/s`,
    );
    const rows: Row[] = [];
    for (const routes of [50, 200, 500]) {
      const forcedMs = (Math.max(0, callsPerRoute * routes - size) / perSecond) * 1_000;
      const changeMs = latencyMs + operationMs;
      // The last change that the bucket holds back has its operation ahead of it; nothing is faster than one route.
      const floorMs = Math.max(callsPerRoute * changeMs, forcedMs + changeMs) + serialReads * latencyMs;
      note(`${routes} routes, about ${Math.ceil(floorMs / 1_000)} s …`);
      const { verifiedMs, calls } = await swapOnce(routes);
      rows.push(
        ratioRow(`swap.gcp.${routes}.verified`, verifiedMs, "ms", floorMs, { most: ratio }),
        plainRow(`swap.gcp.${routes}.calls`, calls, "changing calls"),
      );
    }
    return rows;
  },
};

/** Milliseconds from a decision to its verified swap, with every route owned and pointing at the host before. */
async function swapOnce(routes: number): Promise<{ readonly verifiedMs: number; readonly calls: number }> {
  const emulator = createGcpEmulator({ clock: systemClock, world: worldOf(routes) });
  const { control } = emulator;
  control.latency("*", latencyMs);
  control.operations(operationMs);
  control.throttling(true);
  const server = await serveGcp(emulator);
  const openProvider = createProviderRegistry({ clock: systemClock, cloudEndpoints: { gcp: server.url } });
  const targets = [instanceOf("before"), instanceOf("after")] as const;
  try {
    const tableKeys = [`gcp/${project}/${network}`];
    const verifiedMs = await timeSwap({ cloud, targets, tableKeys, openProvider }, routes);
    const standing = control.project(project).routes(network);
    const isMoved = standing.length === routes && standing.every((route) => route.nextHopInstance === targets[1]);
    if (!isMoved) throw new Error(`${routes} routes were not swapped`);
    const gaps = control.gaps(0);
    if (gaps.length > 0) throw new Error(`${gaps.length} destinations were without a route`);
    return { verifiedMs, calls: control.calls().length };
  } finally {
    await server.close();
  }
}

function worldOf(routes: number): WorldSeed {
  return {
    projects: [
      {
        id: project,
        networks: [{ name: network, subnets: ["10.0.0.0/16"] }],
        instances: ["before", "after"].map((name, at) => ({
          zone,
          name,
          interfaces: [{ network, address: `10.0.0.${at + 4}` }],
        })),
        routes: swapDestinations(routes).map((destRange, at) => ({
          name: `standing-${at}`,
          network,
          destRange,
          priority: cloud.priority,
          nextHopInstance: instanceOf("before"),
        })),
      },
    ],
  };
}
