import {
  DescribeManagedPrefixListsCommand,
  type Filter,
  GetManagedPrefixListEntriesCommand,
  type ManagedPrefixList,
} from "@aws-sdk/client-ec2";
import { parseCidr } from "../../../domain/cidr.ts";
import { limits } from "../../../domain/limits.ts";
import { allPages, attemptRead, type Ec2Session } from "../call.ts";
import type { Call } from "../errors.ts";
import { FAMILIES, type Family, LOCATION_TAG, listName } from "./names.ts";

/** A location's list as EC2 describes it. */
export type OwnList = {
  readonly id: string;
  readonly version: number;
  readonly maxEntries: number;
  /** `create-complete`, `modify-in-progress` and the like. */
  readonly state: string;
  readonly stateMessage: string;
};

/**
 * The lists that are marked as the location's, one a family at most. Where several are, the one that bears its name
 * and was changed most often is: a call to make it that landed late has made another, which nothing points at. EC2
 * knows no filter for tags of prefix lists. Throws `RouteError`.
 */
export async function findLists(
  session: Ec2Session,
  locationId: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<Family, OwnList>> {
  const about = `the lists of location ${locationId}`;
  const described = await describeLists(session, [], about, signal);
  const own = described.filter(
    ({ Tags = [], State = "" }) =>
      Tags.some(({ Key, Value }) => Key === LOCATION_TAG && Value === locationId) && !State.startsWith("delete-"),
  );
  const found = new Map<Family, OwnList>();
  for (const family of FAMILIES) {
    const [list] = own
      .filter(({ AddressFamily }) => AddressFamily === `IPv${family}`)
      .sort((a, b) => isNamed(b, locationId, family) - isNamed(a, locationId, family) || byChanges(a, b));
    if (list !== undefined) found.set(family, toList(list));
  }
  return found;
}

const isNamed = (list: ManagedPrefixList, locationId: string, family: Family): number =>
  list.PrefixListName === listName(locationId, family) ? 1 : 0;

function byChanges(a: ManagedPrefixList, b: ManagedPrefixList): number {
  const changes = (b.Version ?? 0) - (a.Version ?? 0);
  return changes !== 0 ? changes : (a.PrefixListId ?? "") < (b.PrefixListId ?? "") ? -1 : 1;
}

/** The list with this id; undefined when it is not there, or not shown yet. Throws `RouteError`. */
export async function describeList(session: Ec2Session, id: string, signal: AbortSignal): Promise<OwnList | undefined> {
  const [found] = await describeLists(session, [{ Name: "prefix-list-id", Values: [id] }], id, signal);
  return found === undefined ? undefined : toList(found);
}

/** The entries of lists by list: what a version holds never changes, so that it is read once. */
export type KeptEntries = Map<string, { readonly version: number; readonly cidrs: ReadonlySet<string> }>;

/** The entries of a list in its present version, as canonical CIDRs. Throws `RouteError`. */
export async function readEntries(
  session: Ec2Session & { readonly kept: KeptEntries },
  { id, version }: OwnList,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const known = session.kept.get(id);
  if (known?.version === version) return known.cidrs;
  const call: Call = {
    action: "ec2:GetManagedPrefixListEntries",
    region: session.region,
    about: id,
    resource: `prefix-list/${id}`,
  };
  const entries = await allPages(call, async (token) => {
    const command = new GetManagedPrefixListEntriesCommand({
      PrefixListId: id,
      TargetVersion: version,
      MaxResults: limits.awsPageEntries,
      NextToken: token,
    });
    const send = (abortSignal: AbortSignal) => session.ec2.send(command, { abortSignal });
    const answer = await attemptRead(session.clock, call, send, signal);
    return { entries: answer.Entries ?? [], next: answer.NextToken };
  });
  const cidrs = new Set(entries.flatMap(({ Cidr }) => (Cidr === undefined ? [] : canonical(Cidr))));
  session.kept.set(id, { version, cidrs });
  return cidrs;
}

async function describeLists(
  session: Ec2Session,
  filters: Filter[],
  about: string,
  signal: AbortSignal,
): Promise<readonly ManagedPrefixList[]> {
  const call: Call = { action: "ec2:DescribeManagedPrefixLists", region: session.region, about, resource: "*" };
  return allPages(call, async (token) => {
    const command = new DescribeManagedPrefixListsCommand({
      ...(filters.length > 0 && { Filters: filters }),
      MaxResults: limits.awsPageEntries,
      NextToken: token,
    });
    const send = (abortSignal: AbortSignal) => session.ec2.send(command, { abortSignal });
    const answer = await attemptRead(session.clock, call, send, signal);
    return { entries: answer.PrefixLists ?? [], next: answer.NextToken };
  });
}

function toList(found: ManagedPrefixList): OwnList {
  return {
    id: found.PrefixListId ?? "",
    version: found.Version ?? 1,
    maxEntries: found.MaxEntries ?? 0,
    state: found.State ?? "",
    stateMessage: found.StateMessage ?? "",
  };
}

function canonical(cidr: string): string {
  const read = parseCidr(cidr);
  return "cidr" in read ? read.cidr : (read.canonical ?? cidr);
}
