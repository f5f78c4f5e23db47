import { familyOf, parseCidr } from "../../../../shared/domain/cidr.ts";
import type { Subject } from "../../common/faults.ts";
import type { ChangeAction } from "../action.ts";
import { ApiError, dryRun, invalidValue, missing } from "../errors.ts";
import type { Parameters } from "../parameters.ts";
import { quotaUse, type RegionState } from "../state.ts";
import type { Entries, Pending, PrefixList } from "./list.ts";
import { listOf, renderList } from "./read.ts";

/** Entries that a list may have at most, and that one call may add or take out. */
const MOST_ENTRIES = 1_000;
const MOST_AT_ONCE = 100;

export const createManagedPrefixList: ChangeAction = {
  kind: "change",
  parameters: new Set([
    "AddressFamily",
    "ClientToken",
    "DryRun",
    "Entry.N.Cidr",
    "Entry.N.Description",
    "MaxEntries",
    "PrefixListName",
    "TagSpecification.N.ResourceType",
    "TagSpecification.N.Tag.N.Key",
    "TagSpecification.N.Tag.N.Value",
  ]),
  subject: (parameters) => subjectOf(parameters.text("PrefixListName") ?? ""),
  run(state, parameters, { nowMs, takesMs }) {
    const name = required(parameters, "PrefixListName");
    const family = required(parameters, "AddressFamily");
    if (family !== "IPv4" && family !== "IPv6") throw invalidValue("addressFamily", family, "Expecting IPv4 or IPv6.");
    if (name.startsWith("com.amazonaws") || name.length > 255) throw invalidValue("prefixListName", name, "");
    const maxEntries = room(required(parameters, "MaxEntries"));
    const tags = tagsOf(parameters);
    const entries = added(new Map(), family, entriesOf(parameters, "Entry"), maxEntries);
    const asked = JSON.stringify([name, family, maxEntries, tags, [...entries]]);
    const token = parameters.text("ClientToken") ?? "";
    const made = state.listTokens.get(token);
    if (made !== undefined) return { state, answer: answerOf(state, again(state, made, asked)) };
    if (state.prefixLists.size >= state.prefixListQuota) {
      throw new ApiError(
        "PrefixListLimitExceeded",
        `You have reached the limit of ${state.prefixListQuota} prefix lists.`,
      );
    }
    if (parameters.dryRun) throw dryRun();
    const id = `pl-${String(state.prefixLists.size + state.listTokens.size + 1).padStart(8, "0")}`;
    const list: PrefixList = {
      ...{ id, name, family, tags, maxEntries, entries: new Map(), version: 1, versions: new Map() },
      state: "create-in-progress",
      stateMessage: "",
      pending: { endsMs: nowMs + takesMs, change: { entries }, state: "create-complete", stateMessage: "" },
    };
    const listTokens = token === "" ? state.listTokens : new Map(state.listTokens).set(token, { id, asked });
    const prefixLists = new Map(state.prefixLists).set(id, list);
    return { state: { ...state, prefixLists, listTokens }, answer: answerOf(state, list) };
  },
};

export const modifyManagedPrefixList: ChangeAction = {
  kind: "change",
  parameters: new Set([
    "AddEntry.N.Cidr",
    "AddEntry.N.Description",
    "CurrentVersion",
    "DryRun",
    "IpamPrefixListResolverSyncEnabled",
    "MaxEntries",
    "PrefixListId",
    "PrefixListName",
    "RemoveEntry.N.Cidr",
  ]),
  subject: (parameters) => subjectOf(parameters.text("PrefixListId") ?? ""),
  run(state, parameters, { nowMs, takesMs }) {
    const list = listOf(state, parameters);
    if (parameters.text("IpamPrefixListResolverSyncEnabled") !== undefined) {
      throw new ApiError("UnsupportedOperation", "The emulator knows no IPAM.");
    }
    if (list.pending !== null) {
      const message = `The request cannot be completed in the current state (${list.state}).`;
      throw new ApiError("IncorrectState", message);
    }
    const version = parameters.text("CurrentVersion");
    if (version !== undefined && Number(version) !== list.version) {
      throw new ApiError("PrefixListVersionMismatch", "The prefix list has the incorrect version number.");
    }
    const pending = changeOf(state, list, parameters, version);
    if (parameters.dryRun) throw dryRun();
    const name = parameters.text("PrefixListName") ?? list.name;
    const changed: PrefixList =
      pending === null
        ? { ...list, name }
        : { ...list, name, state: "modify-in-progress", pending: { ...pending, endsMs: nowMs + takesMs } };
    const prefixLists = new Map(state.prefixLists).set(list.id, changed);
    return { state: { ...state, prefixLists }, answer: answerOf(state, changed) };
  },
};

/** What a call changes but for the name; null for nothing. */
function changeOf(
  state: RegionState,
  list: PrefixList,
  parameters: Parameters,
  version: string | undefined,
): Omit<Pending, "endsMs"> | null {
  const adds = entriesOf(parameters, "AddEntry");
  const removes = entriesOf(parameters, "RemoveEntry");
  const asked = parameters.text("MaxEntries");
  const hasEntries = adds.length + removes.length > 0;
  if (asked !== undefined && hasEntries) {
    const what =
      "You cannot modify the entries and the maximum number of entries for the prefix list in the same request.";
    throw new ApiError("InvalidParameterCombination", what);
  }
  if (asked !== undefined) return resized(state, list, room(asked));
  if (!hasEntries) return null;
  if (version === undefined) throw missing("currentVersion");
  const left = removed(list.entries, removes);
  const entries = added(left, list.family, adds, list.maxEntries);
  return { change: { entries, version: list.version + 1 }, state: "modify-complete", stateMessage: "" };
}

/** Tables that have no room for the list are named in the message of the state that the change ends in. */
function resized(state: RegionState, list: PrefixList, maxEntries: number): Omit<Pending, "endsMs"> {
  if (maxEntries < list.entries.size)
    throw invalidValue("maxEntries", String(maxEntries), "The list has more entries.");
  const more = maxEntries - list.maxEntries;
  const full = [...state.tables.values()].filter(
    (table) =>
      table.routes.has(list.id) && quotaUse(state, table, list.family === "IPv6" ? 6 : 4) + more > state.routeQuota,
  );
  if (full.length === 0) return { change: { maxEntries }, state: "modify-complete", stateMessage: "" };
  const ids = full.slice(0, 10).map(({ id }) => id);
  const stateMessage = `The following resources do not support the new maximum size: ${ids.join(", ")}`;
  return { change: {}, state: "modify-failed", stateMessage };
}

function entriesOf(parameters: Parameters, name: string): readonly (readonly [cidr: string, description: string])[] {
  const found: (readonly [string, string])[] = [];
  for (let place = 1; ; place++) {
    const cidr = parameters.text(`${name}.${place}.Cidr`);
    if (cidr === undefined) break;
    found.push([cidr, parameters.text(`${name}.${place}.Description`) ?? ""]);
  }
  if (found.length > MOST_AT_ONCE) {
    throw new ApiError(
      "InvalidParameterValue",
      `The request cannot contain more than ${MOST_AT_ONCE} entry additions or removals.`,
    );
  }
  return found;
}

function added(
  entries: Entries,
  family: PrefixList["family"],
  adds: readonly (readonly [cidr: string, description: string])[],
  maxEntries: number,
): Entries {
  const all = new Map(entries);
  for (const [cidr, description] of adds) {
    const read = parseCidr(cidr);
    if (!("cidr" in read) || `IPv${familyOf(read.cidr)}` !== family) {
      throw invalidValue("cidr", cidr, `This is not a valid ${family} CIDR block.`);
    }
    if (all.has(cidr)) throw new ApiError("InvalidPrefixListModification", `The entry ${cidr} already exists.`);
    all.set(cidr, description);
  }
  if (all.size > maxEntries) {
    const message = `The prefix list cannot have more than its maximum number of entries (${maxEntries}).`;
    throw new ApiError("PrefixListMaxEntriesExceeded", message);
  }
  return all;
}

function removed(entries: Entries, removes: readonly (readonly [cidr: string, description: string])[]): Entries {
  const left = new Map(entries);
  for (const [cidr] of removes) {
    if (!left.delete(cidr)) {
      throw new ApiError("InvalidPrefixListModification", `The entry ${cidr} does not exist.`);
    }
  }
  return left;
}

function again(state: RegionState, made: { readonly id: string; readonly asked: string }, asked: string): PrefixList {
  const list = state.prefixLists.get(made.id);
  if (list !== undefined && made.asked === asked) return list;
  throw new ApiError("IdempotentParameterMismatch", "The client token was used for another request.");
}

function tagsOf(parameters: Parameters): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (let place = 1; ; place++) {
    const kind = parameters.text(`TagSpecification.${place}.ResourceType`);
    if (kind === undefined) return tags;
    if (kind !== "prefix-list") throw invalidValue("resourceType", kind, "Expecting prefix-list.");
    for (let at = 1; ; at++) {
      const key = parameters.text(`TagSpecification.${place}.Tag.${at}.Key`);
      if (key === undefined) break;
      tags[key] = parameters.text(`TagSpecification.${place}.Tag.${at}.Value`) ?? "";
    }
  }
}

function room(value: string): number {
  const maxEntries = Number(value);
  if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > MOST_ENTRIES) {
    throw invalidValue("maxEntries", value, `Expecting a value between 1 and ${MOST_ENTRIES}.`);
  }
  return maxEntries;
}

function required(parameters: Parameters, name: string): string {
  const value = parameters.text(name);
  if (value === undefined || value === "") throw missing(`${name.slice(0, 1).toLowerCase()}${name.slice(1)}`);
  return value;
}

const answerOf = (state: RegionState, list: PrefixList) => ({ prefixList: renderList(state, list) });

const subjectOf = (table: string): Subject => ({ table, destination: "", target: null });
