import { DescribeRouteTablesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { createEc2Emulator, type Ec2Emulator } from "../../../dev/emulators/ec2/emulator.ts";
import { inProcess } from "../../../dev/emulators/ec2/in-process.ts";
import type { WorldSeed } from "../../../dev/emulators/ec2/world.ts";
import { type TestClock, testClock } from "../../../dev/test-clock.ts";
import type { RouteProvider } from "../../../shared/ports/route-provider.ts";
import { awsProvider } from "../../../shared/providers/aws/provider.ts";
import { cloudOf, REGION } from "./emulated-world.ts";

export type VirtualWorld = {
  readonly clock: TestClock;
  readonly emulator: Ec2Emulator;
  readonly client: EC2Client;
  open(client?: EC2Client): RouteProvider;
  /** Lets time go on until a promise is settled; its value, and how long it took in virtual time. */
  drive<T>(promise: Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }>;
};

const STEPS = 100_000;

/** The provider on the emulator in virtual time, with the real SDK and without sockets. */
export async function virtualWorld(seed: WorldSeed): Promise<VirtualWorld> {
  const clock = testClock();
  const emulator = createEc2Emulator({ clock, world: seed });
  const client = virtualClient(emulator);
  // The first call of a client reads configuration files, which takes real time.
  await client.send(new DescribeRouteTablesCommand({ MaxResults: 5 }));
  return {
    clock,
    emulator,
    client,
    open: (other = client) => awsProvider(cloudOf("vpc-1", { by: "network" }), other, clock),
    async drive(promise) {
      const startMs = clock.monotonicMs();
      let isOver = false;
      const mark = () => {
        isOver = true;
      };
      promise.then(mark, mark);
      for (let steps = 0; !isOver && steps < STEPS; steps++) await clock.step();
      const tookMs = clock.monotonicMs() - startMs;
      return { value: await promise, tookMs };
    },
  };
}

export function virtualClient(emulator: Ec2Emulator): EC2Client {
  return new EC2Client({
    region: REGION,
    endpoint: "http://ec2.test",
    maxAttempts: 1,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    requestHandler: inProcess(emulator),
  });
}

/** The n-th destination of many. */
export const destination = (at: number): string => `10.${100 + Math.floor(at / 256)}.${at % 256}.0/24`;

/** A table `rtb-1` with so many routes to `eni-a`, an empty table `rtb-2`, and an interface `eni-b`. */
export function routesWorld(count: number): WorldSeed {
  const routes = Array.from({ length: count }, (_, at) => ({ destination: destination(at), target: "eni-a" }));
  return {
    regions: [
      {
        region: REGION,
        vpcs: [{ id: "vpc-1", cidrs: ["10.0.0.0/16"] }],
        routeTables: [
          { id: "rtb-1", vpc: "vpc-1", routes },
          { id: "rtb-2", vpc: "vpc-1" },
        ],
        interfaces: [
          { id: "eni-a", vpc: "vpc-1", addresses: ["10.0.0.4"] },
          { id: "eni-b", vpc: "vpc-1", addresses: ["10.0.0.5"] },
        ],
      },
    ],
  };
}
