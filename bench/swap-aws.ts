import { createEc2Emulator } from "../dev/emulators/ec2/emulator.ts";
import { serveEc2 } from "../dev/emulators/ec2/server.ts";
import type { AwsCloud } from "../shared/domain/clouds/aws.ts";
import { systemClock } from "../shared/platform/clock.ts";
import { createProviderRegistry } from "../shared/providers/registry.ts";
import { type Bench, plainRow, type Row, ratioRow } from "./row.ts";
import { swapDestinations, timeSwap } from "./swap-run.ts";

const latencyMs = 50;
/** EC2's documented bucket of a changing action: so many at once, then so many a second. */
const bucket = { capacity: 50, perSecond: 5 };
/** What the bars apply to: within this many ms where the bucket forces nothing, else within this ratio of what it forces. */
const bars = { unforcedMs: 2_000, ratio: 1.2 };

const region = "eu-central-1";
const [vpc, table] = ["vpc-0123456789abcdef0", "rtb-0123456789abcdef0"];
const targets = ["eni-0000000000000000a", "eni-0000000000000000b"] as const;
const cloud: AwsCloud = { provider: "aws", region, vpc, routeTables: { by: "id", ids: [table] } };

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
  const emulator = createEc2Emulator({ clock: systemClock, seed: 1 });
  emulator.seed({
    regions: [
      {
        region,
        vpcs: [{ id: vpc, cidrs: ["10.0.0.0/16"] }],
        interfaces: targets.map((id, at) => ({ id, vpc, addresses: [`10.0.0.${at + 10}`] })),
        routeTables: [
          {
            id: table,
            vpc,
            routes: swapDestinations(routes).map((destination) => ({ destination, target: targets[0] })),
          },
        ],
      },
    ],
  });
  const { control } = emulator;
  control.latency("*", latencyMs);
  control.throttling(true);
  const server = await serveEc2(emulator);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
  try {
    const openProvider = createProviderRegistry({ clock: systemClock });
    const verifiedMs = await timeSwap({ cloud, targets, tableKeys: [`aws/${region}/${table}`], openProvider }, routes);
    const standing = control.region(region).routes(table);
    const isMoved = standing.every(({ target }) => target === "local" || target === targets[1]);
    if (!isMoved) throw new Error(`${routes} routes were not swapped`);
    const gaps = control.gaps(0);
    if (gaps.length > 0) throw new Error(`${gaps.length} destinations were without a route`);
    return verifiedMs;
  } finally {
    await server.close();
  }
}
