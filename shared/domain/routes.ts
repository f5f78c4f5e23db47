/** A route table. `key` names it across accounts, regions and clouds: the ledger's key. */
export type TableRef = { readonly key: string; readonly id: string };

/** What a route points at, in the cloud's own id (for AWS a network interface). */
export type RouteTarget = string;

/** A route as the cloud shows it. */
export type Route = {
  readonly table: TableRef;
  /** Canonical CIDR. */
  readonly destination: string;
  /** The id of a network interface, or what else stands there, such as `nat-0a1`. */
  readonly target: RouteTarget;
  readonly state: "active" | "blackhole";
  /** Whether a route call may touch it at all; false for routes the cloud made itself. */
  readonly isStatic: boolean;
};

export type RouteChange =
  | { readonly kind: "create"; readonly table: TableRef; readonly destination: string; readonly target: RouteTarget }
  | { readonly kind: "replace"; readonly table: TableRef; readonly destination: string; readonly target: RouteTarget }
  | { readonly kind: "remove"; readonly table: TableRef; readonly destination: string };

/** Names a route among all tables of all clouds. */
export function routeKey(tableKey: string, destination: string): string {
  return `${tableKey} ${destination}`;
}
