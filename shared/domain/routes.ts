/** A route table. `key` names it across accounts, regions and clouds: the ledger's key. */
export type TableRef = {
  readonly key: string;
  readonly id: string;
  /** What it is to hold; the networks that the location reaches, at its active host, when left out. */
  readonly holds?: Holds;
};

/**
 * What a table holds where routes reach the active host by way of something in between. `fixed`: the networks that the
 * location reaches, always at this target, whoever is active. `one`: a single destination at the active host, which all
 * the others go by. `list`: the networks of one address family, always at this target, in a list that is the location's
 * own: whatever of them stands there is its. `lists`: at the active host, one destination for the networks of each
 * address family that the location reaches.
 */
export type Holds =
  | { readonly kind: "fixed"; readonly target: RouteTarget }
  | { readonly kind: "one"; readonly destination: string }
  | { readonly kind: "list"; readonly target: RouteTarget; readonly family: 4 | 6 }
  | { readonly kind: "lists"; readonly destinations: Readonly<Record<4 | 6, string>> };

/** What a location's routes for its lists are called, by address family: the ledger does not depend on the id of a list. */
export const listDestinations: Readonly<Record<4 | 6, string>> = { 4: "prefix-list/ipv4", 6: "prefix-list/ipv6" };

/** What a route points at, in the cloud's own id (for AWS a network interface). */
export type RouteTarget = string;

/** A route as the cloud shows it. */
export type Route = {
  readonly table: TableRef;
  /** Canonical CIDR, or what a table that holds one destination calls it. */
  readonly destination: string;
  /** The id of a network interface, or what else stands there, such as `nat-0a1`. */
  readonly target: RouteTarget;
  readonly state: "active" | "blackhole";
  /** Whether a route call may touch it at all; false for routes the cloud made itself. */
  readonly isStatic: boolean;
  /** Beside this one, which carries the traffic, stand others of ours for the same destination: replacing clears them away. */
  readonly residue?: true;
  /** What the cloud says is wrong with it, in its own words. */
  readonly warning?: string;
};

export type RouteChange =
  | { readonly kind: "create"; readonly table: TableRef; readonly destination: string; readonly target: RouteTarget }
  /**
   * `found`: the target that stood there when the change was planned. Where it is the target itself, reads may be older
   * than what other decisions have written: it is written all the same, as far as that leaves no gap.
   */
  | {
      readonly kind: "replace";
      readonly table: TableRef;
      readonly destination: string;
      readonly target: RouteTarget;
      readonly found: RouteTarget;
    }
  | { readonly kind: "remove"; readonly table: TableRef; readonly destination: string; readonly found: RouteTarget };

/** Names a route among all tables of all clouds. */
export function routeKey(tableKey: string, destination: string): string {
  return `${tableKey} ${destination}`;
}
