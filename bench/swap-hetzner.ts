import { createHetznerEmulator } from "../dev/emulators/hetzner/emulator.ts";
import { serveHetzner } from "../dev/emulators/hetzner/server.ts";
import type { HetznerCloud } from "../shared/domain/clouds/hetzner.ts";
import { systemClock } from "../shared/platform/clock.ts";
import { createProviderRegistry } from "../shared/providers/registry.ts";
import { type Bench, plainRow, type Row, ratioRow } from "./row.ts";
import { swapDestinations, timeSwap } from "./swap-run.ts";

const latencyMs = 50;
/** How long an action takes in the emulator: Hetzner promises nothing. */
const actionMs = 200;
/** What the bar applies to: the two calls of every route, one after the other, each with its action. */
const ratio = 1.2;

const cloud: HetznerCloud = {
  provider: "hetzner",
  network: 4711,
  routeTables: { by: "network" },
  token: "bench/hetzner",
};
const targets = ["10.0.0.4", "10.0.0.5"] as const;

/** Swaps a location's routes through the provider over HTTP, on the real clock. A network takes 100 routes. */
export const swapHetzner: Bench = {
  name: "swap.hetzner",
  async run(note) {
    note(
      `emulator with ${latencyMs} ms latency, actions of ${actionMs} ms, 3600 requests an hour; ${targets.length} hosts`,
    );
    const rows: Row[] = [];
    for (const routes of [50, 100]) {
      const forcedMs = routes * 2 * (latencyMs + actionMs);
      note(`${routes} routes, about ${Math.ceil(forcedMs / 1_000)} s …`);
      const { verifiedMs, gapsMs, requests } = await swapOnce(routes);
      const name = `swap.hetzner.${routes}`;
      rows.push(
        ratioRow(`${name}.verified`, verifiedMs, "ms", forcedMs, { most: ratio }),
        plainRow(`${name}.gap.median`, gapsMs[gapsMs.length >> 1] ?? 0, "ms a route"),
        plainRow(`${name}.gap.longest`, gapsMs.at(-1) ?? 0, "ms a route"),
        plainRow(`${name}.requests`, requests, "requests"),
      );
    }
    return rows;
  },
};

type Swapped = { readonly verifiedMs: number; readonly gapsMs: readonly number[]; readonly requests: number };

async function swapOnce(routes: number): Promise<Swapped> {
  const destinations = swapDestinations(routes);
  const [before, after] = targets;
  const emulator = createHetznerEmulator({
    clock: systemClock,
    world: {
      tokens: [{ token: "bench" }],
      networks: [
        {
          id: cloud.network,
          ip_range: "10.0.0.0/16",
          subnets: [{ ip_range: "10.0.0.0/24" }],
          routes: destinations.map((destination) => ({ destination, gateway: before })),
        },
      ],
      servers: targets.map((ip, at) => ({ id: 11 + at, private_net: [{ network: cloud.network, ip }] })),
    },
  });
  const { control } = emulator;
  control.latency("*", latencyMs);
  control.operations({ ms: actionMs, deleted: "when accepted" });
  control.throttling(true);
  const server = await serveHetzner(emulator);
  const openProvider = createProviderRegistry({
    clock: systemClock,
    cloudSecrets: { read: async () => "bench", forget: () => undefined },
    cloudEndpoints: { hetzner: server.url },
  });
  try {
    const tableKeys = [`hetzner/${cloud.network}`];
    const verifiedMs = await timeSwap({ cloud, targets, tableKeys, openProvider }, routes);
    if (control.routes(cloud.network).some(({ gateway }) => gateway !== after))
      throw new Error("a route was not swapped");
    const gaps = control.gapTimes(0).map(({ fromMs, untilMs }) => (untilMs ?? Number.POSITIVE_INFINITY) - fromMs);
    if (gaps.length !== routes) throw new Error(`${gaps.length} gaps of ${routes} routes`);
    return { verifiedMs, gapsMs: gaps.sort((a, b) => a - b), requests: control.requests().length };
  } finally {
    await server.close();
  }
}
