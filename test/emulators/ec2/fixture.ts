import { EC2Client } from "@aws-sdk/client-ec2";
import { createEc2Emulator, type Ec2Emulator } from "../../../dev/emulators/ec2/emulator.ts";
import { inProcess } from "../../../dev/emulators/ec2/in-process.ts";
import type { WorldSeed } from "../../../dev/emulators/ec2/world.ts";
import { type TestClock, testClock } from "../../../dev/test-clock.ts";

export const REGION = "eu-central-1";

/** One VPC with two tables and two interfaces, and a second VPC beside it. */
export const smallWorld: WorldSeed = {
  regions: [
    {
      region: REGION,
      vpcs: [
        { id: "vpc-1", cidrs: ["10.0.0.0/16", "fd00:1::/56"] },
        { id: "vpc-2", cidrs: ["10.99.0.0/16"] },
      ],
      routeTables: [
        { id: "rtb-1", vpc: "vpc-1", main: true, tags: { "pointsman:routes": "yes" } },
        { id: "rtb-2", vpc: "vpc-1" },
        { id: "rtb-9", vpc: "vpc-2", main: true },
      ],
      interfaces: [
        { id: "eni-a", vpc: "vpc-1", addresses: ["10.0.0.4"] },
        { id: "eni-b", vpc: "vpc-1", addresses: ["10.0.0.5", "10.0.0.6"] },
        { id: "eni-9", vpc: "vpc-2", addresses: ["10.99.0.4"] },
      ],
    },
  ],
};

const listed = Array.from({ length: 12 }, (_, at) => `10.${50 + at}.0.0/16`);

/** A world in which every field that the emulator can show is shown. */
export const richWorld: WorldSeed = {
  regions: [
    {
      region: REGION,
      vpcs: [{ id: "vpc-1", cidrs: ["10.0.0.0/16", "fd00:1::/56"] }],
      routeTables: [
        {
          id: "rtb-1",
          vpc: "vpc-1",
          main: true,
          subnets: ["subnet-1"],
          tags: { "na<me>": 'a "b" & c' },
          routes: [
            { destination: "10.1.0.0/16", target: "eni-a" },
            { destination: "fd00:9::/64", target: "eni-a" },
            { destination: "pl-1", target: "vpce-1" },
            { destination: "10.2.0.0/16", target: "nat-1" },
            { destination: "10.3.0.0/16", target: "pcx-1" },
            { destination: "10.4.0.0/16", target: "tgw-1" },
            { destination: "::/0", target: "eigw-1" },
            { destination: "10.5.0.0/16", target: "vgw-1", origin: "EnableVgwRoutePropagation" },
            { destination: "10.6.0.0/16", target: "eni-c" },
            { destination: "10.7.0.0/16", target: "eni-404" },
          ],
        },
        { id: "rtb-2", vpc: "vpc-1", routes: [{ destination: "10.1.0.0/16", target: "lgw-1" }] },
      ],
      interfaces: [
        {
          id: "eni-a",
          vpc: "vpc-1",
          subnet: "subnet-1",
          addresses: ["10.0.0.4", "10.0.0.5"],
          ipv6Addresses: ["fd00:1::4"],
          sourceDestCheck: true,
          groups: ["sg-1"],
          tags: { "pointsman:host": "h1" },
        },
        { id: "eni-c", vpc: "vpc-1", addresses: ["10.0.0.9"], attachment: null },
      ],
      networkAcls: [
        {
          id: "acl-9",
          vpc: "vpc-1",
          subnets: ["subnet-1"],
          tags: { name: "link hosts" },
          entries: [
            { number: 90, action: "deny", protocol: "17", ports: [500, 500], cidr: "203.0.113.0/24" },
            { number: 100, cidr: "0.0.0.0/0" },
            { number: 110, egress: true, cidr: "::/0" },
          ],
        },
      ],
      instances: [{ id: "i-z", vpc: "vpc-1", state: "stopped", tags: { name: "idle" } }],
      prefixLists: ["pl-1", "pl-2", "pl-3"].map((id) => ({
        id,
        name: `list ${id}`,
        family: id === "pl-3" ? "IPv6" : "IPv4",
        maxEntries: 12,
        tags: { whose: "ours" },
        entries: id === "pl-1" ? Object.fromEntries(listed.map((cidr) => [cidr, `to ${cidr}`])) : {},
      })),
      securityGroups: [
        {
          id: "sg-1",
          vpc: "vpc-1",
          tags: { name: "link hosts" },
          inbound: [
            { protocol: "udp", ports: [500, 500], cidrs: ["198.51.100.7/32", "fd00::/8"] },
            { protocol: "tcp", ports: [9790, 9790], groups: ["sg-2"], prefixLists: ["pl-1"] },
            { cidrs: ["10.0.0.0/16"] },
          ],
          outbound: [{ cidrs: ["0.0.0.0/0", "::/0"] }],
        },
      ],
    },
  ],
};

export type Bench = { readonly emulator: Ec2Emulator; readonly clock: TestClock; readonly ec2: EC2Client };

/** An SDK client as an application makes it, but without attempts of its own to repeat a call. */
export function clientOf(emulator: Ec2Emulator, region = REGION, accessKeyId = "AKIATEST"): EC2Client {
  return new EC2Client({
    region,
    endpoint: "http://ec2.test",
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: "secret" },
    requestHandler: inProcess(emulator),
  });
}

/** An emulator with the real SDK in front of it, in virtual time. */
export function bench(world: WorldSeed = smallWorld): Bench {
  const clock = testClock();
  const emulator = createEc2Emulator({ clock, world });
  return { emulator, clock, ec2: clientOf(emulator) };
}

/** What a call was refused with, as the SDK tells it: code, status and request id. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; message: string; status: number }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error) || !("$metadata" in error)) throw error;
    const metadata = error.$metadata as { httpStatusCode: number; requestId: string };
    return { code: error.name, message: error.message, status: metadata.httpStatusCode };
  }
  throw new Error("the call was not refused");
}
