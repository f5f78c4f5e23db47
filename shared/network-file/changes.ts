import type { Id } from "../domain/ids.ts";
import type { Host, Link, Location, Network } from "../domain/network.ts";
import {
  describeHost,
  describeLink,
  describeLocation,
  describeNewLocation,
  type Setting,
  type Settings,
} from "./described.ts";

/** One setting that changes: `field` as a network file names it; null where it says nothing. */
export type FieldChange = { readonly field: string; readonly from: Setting; readonly to: Setting };

/** What stands where: `LINK`, `LINK/LOCATION` or `LINK/LOCATION/HOST`, as the commands take it. */
type Place = { readonly path: string; readonly id: Id };

/**
 * One change. A thing that is added or removed brings or takes all that is inside of it, each with its own change; what
 * is added has every setting of its own in `fields`. All changes together, and the moves, make the next configuration
 * of the one before; ordinals follow from the order.
 */
export type Change =
  | ({ readonly subject: "link" | "location" | "host"; readonly action: "removed" } & Place)
  | ({
      readonly subject: "link" | "location" | "host";
      readonly action: "added" | "changed";
      readonly fields: readonly FieldChange[];
    } & Place)
  | {
      readonly subject: "network";
      readonly action: "added" | "removed";
      readonly path: string;
      readonly network: string;
    }
  | {
      /** Whether two locations that stay have a tunnel. `path` is their link. */
      readonly subject: "tunnel";
      readonly action: "added" | "removed";
      readonly path: string;
      readonly between: readonly [string, string];
    };

/** Every change between two configurations, compared by ids, in order of link, location and host. */
export function changesOf(current: Network, next: Network): Change[] {
  return pairs(current.links, next.links).flatMap(([before, after]) => linkChanges(before, after));
}

/** What stands on both sides, or on one: by id, in order of name. */
function pairs<T extends { readonly id: Id; readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
): (readonly [T | undefined, T | undefined])[] {
  const later = new Map(after.map((item) => [item.id, item]));
  const known = new Set(before.map(({ id }) => id));
  const both = before.map((item) => [item, later.get(item.id)] as const);
  const added = after.filter(({ id }) => !known.has(id)).map((item) => [undefined, item] as const);
  const nameOf = ([from, to]: readonly [T | undefined, T | undefined]) => (to ?? from)?.name ?? "";
  return [...both, ...added].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
}

function linkChanges(before: Link | undefined, after: Link | undefined): Change[] {
  const one = after ?? before;
  if (one === undefined) return [];
  const own = ownChange("link", one.name, one.id, before && describeLink(before), after && describeLink(after));
  const inner = pairs(before?.locations ?? [], after?.locations ?? []).flatMap(([from, to]) =>
    locationChanges(one.name, before, from, after, to),
  );
  return [...own, ...inner, ...(before && after ? tunnelChanges(before, after) : [])];
}

function locationChanges(
  linkName: string,
  linkBefore: Link | undefined,
  before: Location | undefined,
  linkAfter: Link | undefined,
  after: Location | undefined,
): Change[] {
  const one = after ?? before;
  if (one === undefined) return [];
  const path = `${linkName}/${one.name}`;
  const from = before && linkBefore && describeLocation(before, linkBefore);
  const describe = before === undefined ? describeNewLocation : describeLocation;
  const to = after && linkAfter && describe(after, linkAfter);
  const hosts = pairs(before?.hosts ?? [], after?.hosts ?? []).flatMap(([old, host]) => hostChanges(path, old, host));
  return [
    ...ownChange("location", path, one.id, from, to),
    ...networkChanges(path, before?.networks ?? [], after?.networks ?? []),
    ...hosts,
  ];
}

function hostChanges(locationPath: string, before: Host | undefined, after: Host | undefined): Change[] {
  const one = after ?? before;
  if (one === undefined) return [];
  const path = `${locationPath}/${one.name}`;
  return ownChange("host", path, one.id, before && describeHost(before), after && describeHost(after));
}

function ownChange(
  subject: "link" | "location" | "host",
  path: string,
  id: Id,
  from: Settings | undefined,
  to: Settings | undefined,
): Change[] {
  if (to === undefined) return [{ subject, action: "removed", path, id }];
  const fields = Object.keys({ ...from, ...to })
    .map((field) => ({ field, from: from?.[field] ?? null, to: to[field] ?? null }))
    .filter((change) => change.from !== change.to);
  if (from === undefined) return [{ subject, action: "added", path, id, fields }];
  return fields.length === 0 ? [] : [{ subject, action: "changed", path, id, fields }];
}

function networkChanges(path: string, before: readonly string[], after: readonly string[]): Change[] {
  const change = (action: "added" | "removed") => (network: string) =>
    ({ subject: "network", action, path, network }) as const;
  return [
    ...before.filter((network) => !after.includes(network)).map(change("removed")),
    ...after.filter((network) => !before.includes(network)).map(change("added")),
  ];
}

function tunnelChanges(before: Link, after: Link): Change[] {
  const names = new Map(after.locations.map(({ id, name }) => [id, name]));
  const [old, now] = [partedPairs(before), partedPairs(after)];
  const known = new Set(before.locations.map(({ id }) => id));
  const change = (action: "added" | "removed", [a, b]: readonly [Id, Id]): Change[] => {
    const [first, second] = [names.get(a), names.get(b)];
    if (first === undefined || second === undefined || !known.has(a) || !known.has(b)) return [];
    const between = first < second ? ([first, second] as const) : ([second, first] as const);
    return [{ subject: "tunnel", action, path: after.name, between }];
  };
  return [
    ...[...now].flatMap(([key, pair]) => (old.has(key) ? [] : change("removed", pair))),
    ...[...old].flatMap(([key, pair]) => (now.has(key) ? [] : change("added", pair))),
  ];
}

/** Every pair of locations without a tunnel, once, by a text that names both. */
function partedPairs(link: Link): Map<string, readonly [Id, Id]> {
  const parted = new Map<string, readonly [Id, Id]>();
  for (const { id, excludes } of link.locations) {
    for (const other of excludes) {
      const pair = id < other ? ([id, other] as const) : ([other, id] as const);
      parted.set(pair.join(" "), pair);
    }
  }
  return parted;
}
