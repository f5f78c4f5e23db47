import type { Clock } from "../../../shared/ports/clock.ts";
import { type BucketSize, tokenBuckets } from "../common/buckets.ts";
import { type Conditions, type Fault, fairConditions, latencyMs, nextFault } from "../common/faults.ts";
import { keep } from "../common/keep.ts";
import { seededRandom } from "../common/random.ts";
import type { Action, ChangeAction, ReadAction } from "./action.ts";
import { type Answer, ec2Error, ec2Result, stsError, stsResult } from "./answers.ts";
import { ASSUME_ROLE_PARAMETERS, assumeRole } from "./assume-role.ts";
import { EC2_BUCKETS } from "./buckets.ts";
import { createRoute, deleteRoute, replaceRoute } from "./change-routes.ts";
import { type Control, control } from "./control.ts";
import { describeInstances } from "./describe-instances.ts";
import { describeNetworkAcls } from "./describe-network-acls.ts";
import { describeNetworkInterfaces } from "./describe-network-interfaces.ts";
import { describeRouteTables } from "./describe-route-tables.ts";
import { describeSecurityGroups } from "./describe-security-groups.ts";
import { ApiError, denied, dryRun, internalError, throttled } from "./errors.ts";
import { type Caller, type Identities, identities } from "./identity.ts";
import { modifyNetworkInterfaceAttribute } from "./modify-network-interface.ts";
import { type Parameters, readParameters } from "./parameters.ts";
import { createManagedPrefixList, modifyManagedPrefixList } from "./prefix-lists/change.ts";
import { describeManagedPrefixLists, getManagedPrefixListEntries } from "./prefix-lists/read.ts";
import type { LoggedCall } from "./record.ts";
import { type Regions, regions } from "./regions.ts";
import type { World, WorldSeed } from "./world.ts";
import type { Xml } from "./xml.ts";

/** The EC2 actions that are emulated, by name. */
export const EC2_ACTIONS: Readonly<Record<string, Action>> = {
  CreateManagedPrefixList: createManagedPrefixList,
  CreateRoute: createRoute,
  DeleteRoute: deleteRoute,
  DescribeInstances: describeInstances,
  DescribeManagedPrefixLists: describeManagedPrefixLists,
  DescribeNetworkAcls: describeNetworkAcls,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  DescribeRouteTables: describeRouteTables,
  DescribeSecurityGroups: describeSecurityGroups,
  GetManagedPrefixListEntries: getManagedPrefixListEntries,
  ModifyManagedPrefixList: modifyManagedPrefixList,
  ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
  ReplaceRoute: replaceRoute,
};

/** The name by which `control.latency` says how long changes of prefix lists take to come into force; at once by default. */
const LIST_CHANGE = "PrefixListChange";

/** A signed query request: header names in lower case, the body as it came. */
type QueryRequest = { readonly headers: Readonly<Record<string, string | undefined>>; readonly body: string };

export type Ec2Emulator = {
  /** Answers one request; `dropped` when the connection is to be closed without an answer. */
  handle(request: QueryRequest): Promise<Answer | "dropped">;
  readonly control: Control;
  /** Adds to the world. */
  seed(world: WorldSeed): void;
  /** The whole world as plain JSON. */
  dump(): World;
  /** Replaces the world, as by one that was dumped. */
  restore(world: WorldSeed): void;
};

type Inside = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly conditions: Conditions;
  readonly regions: Regions;
  readonly identities: Identities;
  readonly takeToken: (key: string, size: BucketSize) => boolean;
  readonly calls: LoggedCall[];
};

/** EC2's query API (and STS AssumeRole) in memory. `seed` makes latency and read lag repeatable. */
export function createEc2Emulator(options: { clock: Clock; seed?: number; world?: WorldSeed }): Ec2Emulator {
  const { clock } = options;
  const known = regions(clock);
  const inside: Inside = {
    clock,
    random: seededRandom(options.seed ?? 1),
    conditions: fairConditions(),
    regions: known,
    identities: identities(clock, known.accountOf),
    takeToken: tokenBuckets(clock),
    calls: [],
  };
  if (options.world !== undefined) known.seed(options.world);
  let requests = 0;
  return {
    handle(request) {
      requests++;
      return answer(inside, request, `00000000-0000-4000-8000-${requests.toString(16).padStart(12, "0")}`);
    },
    control: control(inside.conditions, inside.calls, known),
    seed: known.seed,
    dump: known.dump,
    restore: known.restore,
  };
}

async function answer(inside: Inside, request: QueryRequest, requestId: string): Promise<Answer | "dropped"> {
  const form = new URLSearchParams(request.body);
  const action = form.get("Action") ?? "";
  const isSts = form.get("Version") === "2011-06-15";
  try {
    const caller = inside.identities.callerOf(request.headers);
    if (isSts) return stsResult(action, await sts(inside, action, form), requestId);
    if (form.get("Version") !== "2016-11-15") {
      throw new ApiError(
        "NoSuchVersion",
        `The requested version (${form.get("Version")}) of service AmazonEC2 does not exist`,
      );
    }
    const result = await ec2(inside, caller, action, form);
    return result === "dropped" ? result : ec2Result(action, result, requestId);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return isSts ? stsError(error, requestId) : ec2Error(error, requestId);
  }
}

async function sts(inside: Inside, action: string, form: URLSearchParams): Promise<Xml> {
  if (action !== "AssumeRole") throw new ApiError("InvalidAction", `Could not find operation ${action}`);
  const parameters = readParameters(form, ASSUME_ROLE_PARAMETERS);
  const fault = nextFault(inside.conditions, action, null);
  await pause(inside, latencyMs(inside.conditions, action, inside.random) + stallMs(fault));
  throwFault(fault);
  return assumeRole(parameters, inside.regions.roles, inside.clock.nowMs(), inside.identities.open);
}

async function ec2(inside: Inside, caller: Caller, name: string, form: URLSearchParams): Promise<Xml | "dropped"> {
  const arrivedMs = inside.clock.nowMs();
  const action = EC2_ACTIONS[name];
  if (action === undefined) {
    throw new ApiError("InvalidAction", `The action ${name} is not valid for this web service.`);
  }
  const parameters = readParameters(form, action.parameters);
  const subject = action.kind === "change" ? action.subject(parameters) : null;
  const fault = nextFault(inside.conditions, name, subject);
  const isFull =
    !inside.conditions.throttling ||
    inside.takeToken(`${caller.account}/${caller.region}/${name}`, EC2_BUCKETS[action.kind]);

  const takesMs = latencyMs(inside.conditions, name, inside.random);
  await pause(inside, takesMs / 2 + stallMs(fault));
  const outcome = attempt(inside, caller, action, parameters, isFull ? fault : { kind: "throttle" });
  const landedMs = outcome.landed ? inside.clock.nowMs() : null;
  await pause(inside, takesMs / 2);
  if (subject !== null) {
    const { account, region } = caller;
    const answeredMs = inside.clock.nowMs();
    keep(inside.calls, {
      ...subject,
      action: name,
      account,
      region,
      arrivedMs,
      landedMs,
      answeredMs,
      answer: outcome.label,
    });
  }
  if (outcome.result instanceof ApiError) throw outcome.result;
  return outcome.result;
}

type Outcome = { readonly result: Xml | ApiError | "dropped"; readonly landed: boolean; readonly label: string };

/** Carries a call out as far as its fault lets it. */
function attempt(inside: Inside, caller: Caller, action: Action, parameters: Parameters, fault: Fault | null): Outcome {
  const isLost = (fault?.kind === "drop" || fault?.kind === "internal-error") && fault.written !== true;
  try {
    if (!isLost) throwFault(fault);
    const result = isLost ? undefined : run(inside, caller, action, parameters);
    const landed = !isLost && action.kind === "change";
    if (fault?.kind === "drop") return { result: "dropped", landed, label: "dropped" };
    if (fault?.kind === "internal-error") return { result: internalError(), landed, label: "InternalError" };
    return { result, landed, label: "written" };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { result: fault?.kind === "drop" ? "dropped" : error, landed: false, label: error.code };
  }
}

function run(inside: Inside, caller: Caller, action: ReadAction | ChangeAction, parameters: Parameters): Xml {
  const { account, region } = caller;
  const nowMs = inside.clock.nowMs();
  inside.regions.settle(account, region);
  if (action.kind === "read") {
    if (parameters.dryRun) throw dryRun();
    const lagMs = inside.conditions.readLagMs * inside.random();
    return action.run(inside.regions.past(account, region, lagMs), parameters);
  }
  const takesMs = inside.conditions.latency.has(LIST_CHANGE)
    ? latencyMs(inside.conditions, LIST_CHANGE, inside.random)
    : 0;
  const { state, answer } = action.run(inside.regions.current(account, region), parameters, { nowMs, takesMs });
  inside.regions.put(state);
  return answer;
}

function throwFault(fault: Fault | null): void {
  if (fault?.kind === "throttle") throw throttled();
  if (fault?.kind === "deny") throw denied();
  if (fault?.kind === "error") throw new ApiError(fault.code, fault.message, fault.status);
}

function stallMs(fault: Fault | null): number {
  return fault?.kind === "stall" ? fault.ms : 0;
}

async function pause(inside: Inside, ms: number): Promise<void> {
  if (ms > 0) await inside.clock.sleep(ms);
}
