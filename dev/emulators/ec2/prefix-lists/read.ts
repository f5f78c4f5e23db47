import { byId, type ReadAction, tagSet } from "../action.ts";
import { ApiError, invalidValue, missing } from "../errors.ts";
import { applyFilters, type FilterFields } from "../filters.ts";
import { pageOf } from "../paging.ts";
import type { Parameters } from "../parameters.ts";
import type { RegionState } from "../state.ts";
import type { Xml } from "../xml.ts";
import type { PrefixList } from "./list.ts";

export const describeManagedPrefixLists: ReadAction = {
  kind: "read",
  parameters: new Set(["DryRun", "Filter.N.Name", "Filter.N.Value.N", "MaxResults", "NextToken", "PrefixListId.N"]),
  run(state, parameters) {
    const ids = parameters.list("PrefixListId");
    for (const id of ids) {
      if (!state.prefixLists.has(id)) throw missingList(id);
    }
    const all = byId(state.prefixLists.values());
    const asked = ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id));
    const matching = applyFilters(asked, parameters.filters(), filterFields(state));
    const rules = { least: 1, most: 100, idsParameter: "PrefixListId" };
    const page = pageOf("DescribeManagedPrefixLists", matching, parameters, rules);
    return { prefixListSet: page.items.map((list) => renderList(state, list)), nextToken: page.nextToken };
  },
};

export const getManagedPrefixListEntries: ReadAction = {
  kind: "read",
  parameters: new Set(["DryRun", "MaxResults", "NextToken", "PrefixListId", "TargetVersion"]),
  run(state, parameters) {
    const list = listOf(state, parameters);
    const version = parameters.text("TargetVersion");
    const entries =
      version === undefined || Number(version) === list.version ? list.entries : list.versions.get(Number(version));
    if (entries === undefined) throw invalidValue("targetVersion", version ?? "", "There is no such version.");
    const items = byId([...entries].map(([id, description]) => ({ id, description })));
    const rules = { least: 1, most: 100, idsParameter: "PrefixListId" };
    const page = pageOf("GetManagedPrefixListEntries", items, parameters, rules);
    return {
      entrySet: page.items.map(({ id, description }) => ({ cidr: id, description: description || undefined })),
      nextToken: page.nextToken,
    };
  },
};

/** The list that a call names. Throws `ApiError`. */
export function listOf(state: RegionState, parameters: Parameters): PrefixList {
  const id = parameters.text("PrefixListId");
  if (id === undefined) throw missing("prefixListId");
  if (!id.startsWith("pl-")) throw new ApiError("InvalidPrefixListId.Malformed", `Invalid id: "${id}"`);
  const list = state.prefixLists.get(id);
  if (list === undefined) throw missingList(id);
  return list;
}

function missingList(id: string): ApiError {
  return new ApiError("InvalidPrefixListID.NotFound", `The prefix list ID '${id}' does not exist`);
}

/** EC2 knows no filters for the tags of prefix lists. */
function filterFields(state: RegionState): FilterFields<PrefixList> {
  return {
    fields: {
      "owner-id": () => [state.account],
      "prefix-list-id": (list) => [list.id],
      "prefix-list-name": (list) => [list.name],
    },
  };
}

/** A list as EC2 shows it. */
export function renderList({ account, region }: RegionState, list: PrefixList): Xml {
  return {
    prefixListId: list.id,
    prefixListName: list.name,
    prefixListArn: `arn:aws:ec2:${region}:${account}:prefix-list/${list.id}`,
    addressFamily: list.family,
    maxEntries: list.maxEntries,
    version: list.version,
    ownerId: account,
    state: list.state,
    stateMessage: list.stateMessage || undefined,
    tagSet: tagSet(list.tags),
  };
}
