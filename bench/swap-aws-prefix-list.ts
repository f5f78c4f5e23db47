import { createEc2Emulator } from "../dev/emulators/ec2/emulator.ts";
import { serveEc2 } from "../dev/emulators/ec2/server.ts";
import type { AwsCloud } from "../shared/domain/clouds/aws.ts";
import { systemClock } from "../shared/platform/clock.ts";
import { createProviderRegistry } from "../shared/providers/registry.ts";
import { type Bench, plainRow, type Row } from "./row.ts";
import { swapDestinations, timeSwap } from "./swap-run.ts";

const latencyMs = 50;
/** One call a table, whatever the number of networks: nothing forces a swap to take longer. */
const mostMs = 2_000;
const region = "us-east-1";
const vpc = "vpc-bench";
const targets = ["eni-before", "eni-after"] as const;
const tables = ["rtb-a", "rtb-b", "rtb-c", "rtb-d"];
const listId = "pl-bench";
/** The id that the benchmark's mesh gives the location that is swapped. */
const locationId = "loc000000000";

/** Swaps a location whose networks are kept in a prefix list, in four tables, through the real SDK over HTTP, on the real clock. */
export const swapAwsPrefixList: Bench = {
  name: "swap.aws.prefixList",
  async run(note) {
    note(`EC2 emulator with ${latencyMs} ms latency and EC2's buckets, ${tables.length} tables`);
    const rows: Row[] = [];
    for (const networks of [50, 200, 500]) {
      const { verifiedMs, calls } = await swapOnce(networks);
      note(`${networks} networks: ${calls} changing calls`);
      rows.push(plainRow(`swap.aws.prefixList.${networks}.verified`, verifiedMs, "ms", { most: mostMs }));
    }
    return rows;
  },
};

async function swapOnce(networks: number): Promise<{ readonly verifiedMs: number; readonly calls: number }> {
  const cloud: AwsCloud = {
    provider: "aws",
    region,
    vpc,
    routeTables: { by: "id", ids: tables },
    prefixList: { maxEntries: 500 },
  };
  const emulator = createEc2Emulator({ clock: systemClock, seed: 1 });
  const entries = Object.fromEntries(swapDestinations(networks).map((destination) => [destination, ""]));
  const tags = { "pointsman:location": locationId };
  emulator.seed({
    regions: [
      {
        region,
        vpcs: [{ id: vpc, cidrs: ["10.0.0.0/16"] }],
        interfaces: targets.map((id, at) => ({ id, vpc, addresses: [`10.0.0.${at + 10}`] })),
        prefixLists: [{ id: listId, name: `pointsman-${locationId}-ipv4`, maxEntries: 500, tags, entries }],
        routeTables: tables.map((id) => ({ id, vpc, routes: [{ destination: listId, target: targets[0] }] })),
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
  try {
    const verifiedMs = await timeSwap(
      {
        cloud,
        targets,
        tableKeys: [`aws/${region}/prefix-list/${locationId}/ipv4`],
        others: tables.map((id) => ({
          table: `aws/${region}/${id}/prefix-list/${locationId}`,
          destination: "prefix-list/ipv4",
        })),
        openProvider: createProviderRegistry({ clock: systemClock }),
      },
      networks,
    );
    const { control } = emulator;
    const isMoved = tables.every((id) =>
      control
        .region(region)
        .routes(id)
        .some(({ destination, target }) => destination === listId && target === targets[1]),
    );
    if (!isMoved) throw new Error("a table was not swapped");
    const gaps = control.gaps(0);
    if (gaps.length > 0) throw new Error(`${gaps.length} destinations were without a route`);
    return { verifiedMs, calls: control.calls().length };
  } finally {
    await server.close();
  }
}
