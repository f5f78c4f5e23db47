import {
  CreateManagedPrefixListCommand,
  type CreateManagedPrefixListCommandInput,
  ModifyManagedPrefixListCommand,
  type ModifyManagedPrefixListCommandInput,
} from "@aws-sdk/client-ec2";
import { limits } from "../../../domain/limits.ts";
import type { WriteRun } from "../../common/write-run.ts";
import { attempt, type Ec2Session } from "../call.ts";
import { type Call, routeError } from "../errors.ts";
import { describeList, type KeptEntries, type OwnList } from "./lists.ts";
import { type Family, LOCATION_TAG, listName } from "./names.ts";

/** The lists of one location, with room for so many entries each. */
export type ListSession = Ec2Session & {
  readonly locationId: string;
  readonly maxEntries: number;
  readonly kept: KeptEntries;
};

/**
 * Makes a location's list and waits until it is there. However often it is asked for within `limits.awsListMakingMs`,
 * EC2 makes one. Throws `RouteError`.
 */
export async function makeList(session: ListSession, run: WriteRun<Call>, family: Family): Promise<OwnList> {
  const { locationId, maxEntries, clock } = session;
  const name = listName(locationId, family);
  const call: Call = {
    action: "ec2:CreateManagedPrefixList",
    region: session.region,
    about: name,
    resource: "prefix-list/* (and ec2:CreateTags, on its creation)",
    quota: `ask AWS for a higher quota 'Prefix lists per Region', or delete lists that nothing uses`,
  };
  const made = await run.call("CreateManagedPrefixList", call, () => {
    const input: CreateManagedPrefixListCommandInput = {
      PrefixListName: name,
      AddressFamily: `IPv${family}`,
      MaxEntries: maxEntries,
      ClientToken: `${name}-${maxEntries}-${Math.floor(clock.nowMs() / limits.awsListMakingMs)}`,
      TagSpecifications: [{ ResourceType: "prefix-list", Tags: [{ Key: LOCATION_TAG, Value: locationId }] }],
    };
    const command = new CreateManagedPrefixListCommand(input);
    return attempt(clock, call, (abortSignal) => session.ec2.send(command, { abortSignal }));
  });
  const id = made.PrefixList?.PrefixListId;
  if (id === undefined) throw routeError("UNKNOWN", call, "the answer names no list");
  return whenDone(session, run, call, { id, version: 0, state: "" });
}

/** Gives a list room for as many entries as the location's settings say, and waits until it has. Throws `RouteError`. */
export async function growList(session: ListSession, run: WriteRun<Call>, list: OwnList): Promise<OwnList> {
  const { maxEntries } = session;
  const call = {
    ...modifying(session, `${list.id}, to ${maxEntries} entries`, list.id),
    quota: `in the tables that have the list, ask AWS for a higher quota 'Routes per route table' or remove routes (the list counts as ${maxEntries} in each), or lower the location's prefixList.maxEntries`,
  };
  await modify(session, run, call, { PrefixListId: list.id, MaxEntries: maxEntries });
  return whenDone(session, run, call, { ...list, version: 0 });
}

/** Entries that one call changes: at most `limits.awsListEntries`, all added or all taken out. */
export type EntryBatch = { readonly kind: "add" | "take"; readonly cidrs: readonly string[] };

/** Changes entries, if the list is still in the version that it was read in, and waits until they are in force. Throws `RouteError`. */
export async function changeEntries(
  session: ListSession,
  run: WriteRun<Call>,
  list: OwnList,
  { kind, cidrs }: EntryBatch,
): Promise<OwnList> {
  const [first = ""] = cidrs;
  const which = cidrs.length === 1 ? first : `${first} and ${cidrs.length - 1} more`;
  const call = {
    ...modifying(session, `${which} in ${list.id}`, list.id),
    quota: `raise the location's prefixList.maxEntries (the list has room for ${list.maxEntries})`,
  };
  const entries = cidrs.map((Cidr) => ({ Cidr }));
  await modify(session, run, call, {
    PrefixListId: list.id,
    CurrentVersion: list.version,
    ...(kind === "add" ? { AddEntries: entries } : { RemoveEntries: entries }),
  });
  return whenDone(session, run, call, { ...list, version: list.version + 1 });
}

function modifying(session: ListSession, about: string, id: string): Call {
  return { action: "ec2:ModifyManagedPrefixList", region: session.region, about, resource: `prefix-list/${id}` };
}

async function modify(
  session: ListSession,
  run: WriteRun<Call>,
  call: Call,
  input: ModifyManagedPrefixListCommandInput,
): Promise<void> {
  await run.call("ModifyManagedPrefixList", call, async () => {
    const command = new ModifyManagedPrefixListCommand(input);
    await attempt(session.clock, call, (abortSignal) => session.ec2.send(command, { abortSignal }));
  });
}

/** Waits for the end of a change that others make. Throws `RouteError` when the run ends first. */
export function whenQuiet(session: ListSession, run: WriteRun<Call>, list: OwnList): Promise<OwnList> {
  const call = { ...modifying(session, list.id, list.id), action: "ec2:DescribeManagedPrefixLists", resource: "*" };
  if (!list.state.endsWith("-in-progress")) return Promise.resolve(list);
  return untilEnd(session, run, call, { ...list, version: 0 });
}

/** What is waited for: the list in this version or a later one. `state`: as it was before the change. */
type Awaited = Pick<OwnList, "id" | "version" | "state">;

/** The list once the change that a call began has ended well. Throws `RouteError`. */
async function whenDone(session: ListSession, run: WriteRun<Call>, call: Call, awaited: Awaited): Promise<OwnList> {
  const list = await untilEnd(session, run, call, awaited);
  if (!list.state.endsWith("-failed")) return list;
  const isFull = call.quota !== undefined && list.state === "modify-failed";
  throw routeError(isFull ? "QUOTA" : "UNKNOWN", call, list.stateMessage || `it ended in ${list.state}`);
}

/** A change that failed before this one may still be shown for a while: it is believed once the pauses have grown. */
async function untilEnd(
  session: ListSession,
  run: WriteRun<Call>,
  call: Call,
  { id, version, state }: Awaited,
): Promise<OwnList> {
  for (let pauseMs: number = limits.awsListPollMs; ; pauseMs = Math.min(pauseMs * 2, limits.awsListPollMaxMs)) {
    const list = await describeList(session, id, run.signal);
    const isBelieved = list?.state !== state || pauseMs >= limits.awsListPollMaxMs;
    const hasFailed = list?.state.endsWith("-failed") === true && isBelieved;
    const isComplete = list?.state.endsWith("-complete") === true && list.version >= version;
    if (list !== undefined && (hasFailed || isComplete)) return list;
    await session.clock.sleep(pauseMs, run.signal);
    if (run.signal.aborted) throw routeError("TIMED_OUT", call, `${id} is still ${list?.state ?? "not shown"}`);
  }
}
