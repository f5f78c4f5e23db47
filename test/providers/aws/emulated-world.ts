import { EC2Client } from "@aws-sdk/client-ec2";
import type { FaultRule } from "../../../dev/emulators/common/faults.ts";
import { createEc2Emulator, type Ec2Emulator } from "../../../dev/emulators/ec2/emulator.ts";
import { serveEc2 } from "../../../dev/emulators/ec2/server.ts";
import type { WorldSeed } from "../../../dev/emulators/ec2/world.ts";
import type { AwsCloud } from "../../../shared/domain/clouds/aws.ts";
import type { RouteTables } from "../../../shared/domain/clouds/route-tables.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { awsProvider } from "../../../shared/providers/aws/provider.ts";
import type { ContractWorld, Mishap, Selection } from "../contract/world.ts";

export const REGION = "eu-central-1";
export const TAG = "pointsman:routes";

const FAULTS: Readonly<Record<Mishap, FaultRule["fault"]>> = {
  throttled: { kind: "throttle" },
  denied: { kind: "deny" },
  "cloud fault": { kind: "internal-error" },
  "answer lost": { kind: "drop", written: true },
  "lost on its way": { kind: "drop", written: false },
};

/** The cloud settings of a location in a VPC. */
export function cloudOf(vpc: string, selection: Selection): AwsCloud {
  return { provider: "aws", region: REGION, vpc, routeTables: routeTables(selection) };
}

function routeTables(selection: Selection): RouteTables {
  switch (selection.by) {
    case "id":
      return { by: "id", ids: [...selection.ids] };
    case "tag":
      return { by: "tag", key: TAG, value: selection.value };
    case "network":
      return selection;
    default:
      return selection satisfies never;
  }
}

/** The contract's world on the EC2 emulator, behind HTTP and the real SDK. */
export async function emulatedWorld(shape: { readonly tables: number }): Promise<ContractWorld> {
  const tables = Array.from({ length: shape.tables }, (_, at) => `rtb-${String(at).padStart(4, "0")}`);
  const emulator = createEc2Emulator({ clock: systemClock, world: seedOf(tables) });
  const server = await serveEc2(emulator);
  const client = new EC2Client({
    region: REGION,
    endpoint: server.url,
    maxAttempts: 1,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
  });
  const region = emulator.control.region(REGION);
  return {
    tables,
    tableElsewhere: "rtb-elsewhere",
    tableMissing: "rtb-missing",
    interfaces: { a: "eni-a", b: "eni-b", untagged: "eni-untagged", elsewhere: "eni-elsewhere" },
    interfaceMissing: "eni-missing",
    addresses: { a: "10.0.0.4", b: "10.0.0.5", untagged: "10.0.0.6", elsewhere: "10.99.0.4" },
    instanceOfA: "i-a",
    open: (selection) => awsProvider(cloudOf("vpc-home", selection), client, systemClock),
    plant: async (table, destination, target) =>
      region.putRoute(table, { destination, target: target === "gateway" ? "nat-1" : target }),
    standing: async (table) => standing(emulator, table),
    changingCalls: () => emulator.control.calls().length,
    gaps: () => emulator.control.gaps(0),
    mishap: (mishap, destination) =>
      emulator.control.fail({ action: "*", fault: FAULTS[mishap], ...(destination !== undefined && { destination }) }),
    detachA: () => region.detachInterface("eni-a"),
    fillQuota: () => emulator.seed({ regions: [{ region: REGION, routeQuota: 1 }] }),
    async close() {
      client.destroy();
      await server.close();
    },
  };
}

function standing(emulator: Ec2Emulator, table: string): ReadonlyMap<string, string> {
  const routes = emulator.control.region(REGION).routes(table);
  return new Map(routes.filter(({ target }) => target !== "local").map((route) => [route.destination, route.target]));
}

export function seedOf(tables: readonly string[]): WorldSeed {
  const ours = (host: string) => ({ "pointsman:host": host });
  return {
    regions: [
      {
        region: REGION,
        vpcs: [
          { id: "vpc-home", cidrs: ["10.0.0.0/16"] },
          { id: "vpc-elsewhere", cidrs: ["10.99.0.0/16"] },
        ],
        routeTables: [
          ...tables.map((id, at) => ({ id, vpc: "vpc-home", main: at === 0, tags: at < 2 ? { [TAG]: "yes" } : {} })),
          { id: "rtb-elsewhere", vpc: "vpc-elsewhere", tags: { [TAG]: "yes" } },
        ],
        interfaces: [
          { id: "eni-a", vpc: "vpc-home", addresses: ["10.0.0.4"], tags: ours("hosta") },
          {
            id: "eni-a-second",
            vpc: "vpc-home",
            addresses: ["10.0.0.40"],
            attachment: { instanceId: "i-a", deviceIndex: 1 },
          },
          { id: "eni-b", vpc: "vpc-home", addresses: ["10.0.0.9", "10.0.0.5"], tags: ours("hostb") },
          { id: "eni-untagged", vpc: "vpc-home", addresses: ["10.0.0.6"] },
          { id: "eni-elsewhere", vpc: "vpc-elsewhere", addresses: ["10.99.0.4"], tags: ours("hostz") },
        ],
      },
    ],
  };
}
