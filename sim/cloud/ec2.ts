import { DescribeRouteTablesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { asAws } from "../../dev/as-aws.ts";
import type { Fault } from "../../dev/emulators/common/faults.ts";
import { createEc2Emulator, type Ec2Emulator } from "../../dev/emulators/ec2/emulator.ts";
import { type InProcessHandler, inProcess } from "../../dev/emulators/ec2/in-process.ts";
import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { RouteChange } from "../../shared/domain/routes.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { RouteProvider } from "../../shared/ports/route-provider.ts";
import { awsProvider } from "../../shared/providers/aws/provider.ts";
import { createTimeline } from "../engine/timeline.ts";
import type { Process } from "../platform/process.ts";
import type { Calls } from "./calls.ts";
import type { Inside } from "./inside.ts";
import { timelineClock } from "./timeline-clock.ts";
import type { Fate, Refusal, Wire } from "./wire.ts";

const region = "us-east-1";
const account = "000000000000";

type Request = Parameters<Ec2Emulator["handle"]>[0];

/** What all processes share of EC2. */
export type Ec2Ground = { readonly emulator: Ec2Emulator; readonly wire: Wire; readonly calls: Calls };

/** EC2's emulator in virtual time. Latency and faults come from the wire alone, limits of its own from itself. */
export function createEc2(clock: Clock, seed: number): Ec2Emulator {
  return createEc2Emulator({ clock, seed });
}

/** EC2 from inside. */
export function insideOfEc2({ control, seed }: Ec2Emulator): Inside {
  const here = control.region(region, account);
  return {
    addTable(id, vpc, network) {
      seed({ regions: [{ region, account, vpcs: [{ id: vpc, cidrs: [network] }], routeTables: [{ id, vpc }] }] });
    },
    putInterface({ id, vpc, address, tag }) {
      const tags: Record<string, string> = tag === undefined ? {} : { "pointsman:host": tag };
      seed({ regions: [{ region, account, interfaces: [{ id, vpc, addresses: [address], tags }] }] });
    },
    removeInterface: here.removeInterface,
    detachInterface: here.detachInterface,
    put(table, destination, target, isStatic) {
      here.putRoute(table, { destination, target, ...(!isStatic && { origin: "EnableVgwRoutePropagation" as const }) });
    },
    remove: here.removeRoute,
    target: (table, destination) => here.routes(table).find((route) => route.destination === destination)?.target,
    routes: here.routes,
  };
}

/** Opens the product's own EC2 providers in a process, over the SDK's own client. */
export function openEc2(ground: Ec2Ground, process: Process): (cloud: Cloud) => Promise<RouteProvider> {
  const { emulator } = ground;
  const client = clientOf(inProcess({ ...emulator, handle: (request) => carry(ground, process, request) }));
  return async (cloud) => awsProvider(asAws(cloud), client, process.clock);
}

let warming: Promise<void> | undefined;

/** The first call of all reads configuration files, which takes real time: to be awaited before a world begins. */
export function warmUp(): Promise<void> {
  warming ??= clientOf(inProcess(createEc2(timelineClock(createTimeline(0)), 0)))
    .send(new DescribeRouteTablesCommand({ MaxResults: 5 }))
    .then(() => undefined);
  return warming;
}

function clientOf(requestHandler: InProcessHandler): EC2Client {
  return new EC2Client({
    region,
    endpoint: "http://ec2.test",
    maxAttempts: 1,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    requestHandler,
  });
}

async function carry({ emulator, wire, calls }: Ec2Ground, process: Process, request: Request) {
  const form = new URLSearchParams(request.body);
  const change = changeOf(form);
  const what =
    change === undefined ? (form.get("Action") ?? "") : `${change.kind} ${change.destination} in ${change.table.id}`;
  const call = change && calls.start(process.writer, change);
  return process.outward(what, async () => {
    call?.send();
    const fate = await wire.there(what, call !== undefined);
    call?.arrive();
    if (!isHeard(fate)) {
      call?.land(false);
      await wire.back(fate);
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    }
    setConditions(emulator, fate, call === undefined ? wire.lagMs(what) : 0);
    // Nothing takes time in there: it is done within this very moment.
    const answer = await emulator.handle(request);
    call?.land(typeof emulator.control.calls().at(-1)?.landedMs === "number");
    await wire.back(fate);
    return answer;
  });
}

const isHeard = (fate: Fate): boolean =>
  fate.kind !== "lost" && !(fate.kind === "refused" && fate.how === "unreachable");

function setConditions({ control }: Ec2Emulator, fate: Fate, lagMs: number): void {
  control.calm();
  control.throttling(true);
  control.readLag(lagMs);
  const fault = faultOf(fate);
  if (fault !== undefined) control.fail({ action: "*", fault });
}

const refusals: Readonly<Record<Refusal, Fault | undefined>> = {
  throttled: { kind: "throttle" },
  fault: { kind: "internal-error" },
  denied: { kind: "deny" },
  unreachable: undefined,
};

function faultOf(fate: Fate): Fault | undefined {
  switch (fate.kind) {
    case "fair":
    case "lost":
      return undefined;
    case "answer-lost":
      return fate.how === "fault" ? { kind: "internal-error", written: true } : { kind: "drop", written: true };
    case "refused":
      return refusals[fate.how];
    default:
      return fate satisfies never;
  }
}

const kinds: Readonly<Record<string, RouteChange["kind"]>> = {
  CreateRoute: "create",
  ReplaceRoute: "replace",
  DeleteRoute: "remove",
};

/** What a request is to change, if anything. */
function changeOf(form: URLSearchParams): RouteChange | undefined {
  const kind = kinds[form.get("Action") ?? ""];
  if (kind === undefined) return undefined;
  const id = form.get("RouteTableId") ?? "";
  const table = { key: `aws/${region}/${id}`, id };
  const destination = form.get("DestinationCidrBlock") ?? form.get("DestinationIpv6CidrBlock") ?? "";
  if (kind === "remove") return { kind, table, destination, found: "" };
  const target = form.get("NetworkInterfaceId") ?? "";
  return kind === "create" ? { kind, table, destination, target } : { kind, table, destination, target, found: "" };
}
