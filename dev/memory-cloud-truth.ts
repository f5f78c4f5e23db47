import type { AwsCloud } from "../shared/domain/clouds/aws.ts";
import type { RouteError } from "../shared/domain/errors.ts";
import type { Route, RouteChange, TableRef } from "../shared/domain/routes.ts";
import type { Interface } from "./memory-cloud.ts";
import { answer } from "./memory-cloud-call.ts";

type Table = {
  readonly ref: TableRef;
  readonly vpc: string;
  tags: Readonly<Record<string, string>>;
  readonly routes: Map<string, { readonly target: string; readonly isStatic: boolean }>;
  /** Its changes so far. */
  version: number;
  /** What it showed, oldest first. */
  readonly snapshots: Snapshot[];
};

/** A table as it stood at some time. Two with the same version hold the same routes at the same targets. */
export type Snapshot = { readonly atMs: number; readonly version: number; readonly routes: readonly Route[] };

/** One change of a table. */
export type Change = {
  readonly atMs: number;
  readonly table: string;
  readonly destination: string;
  /** Undefined: nothing stands there any more. */
  readonly target: string | undefined;
};

/** What is really so in the memory cloud, and what was so a while ago. */
export type Truth = {
  addTable(table: {
    readonly id: string;
    readonly vpc: string;
    readonly tags?: Readonly<Record<string, string>>;
  }): TableRef;
  removeTable(id: string): void;
  untag(id: string): void;
  /** Also one that is there already: it is then attached, and as it is given. */
  addInterface(one: Interface): void;
  removeInterface(id: string): void;
  detachInterface(id: string): void;
  interfaces(): readonly Interface[];
  hasInterface(id: string): boolean;
  hasTable(id: string): boolean;
  /** The network of a table. */
  networkOf(id: string): string | undefined;
  tablesOf(cloud: AwsCloud): readonly TableRef[];
  target(tableId: string, destination: string): string | undefined;
  put(tableId: string, destination: string, target: string, isStatic: boolean): void;
  remove(tableId: string, destination: string): void;
  /** A table as it was `lagMs` ago, at most `keptMs`; undefined when it is not there. */
  snapshot(tableId: string, lagMs: number): Snapshot | undefined;
  standing(): Readonly<Record<string, string>>;
  /** Static routes that a table takes. */
  routesMost: number;
  isFull(tableId: string): boolean;
};

/** How far back a reader can be shown the past, ms. */
export const keptMs = 60_000;

/**
 * No tables, and no interfaces. `monotonicMs`: the time that the past is told by. `changed` is told of every change of a
 * route.
 */
export function createTruth(
  { monotonicMs }: { readonly monotonicMs: () => number },
  changed: (change: Change) => void = () => undefined,
): Truth {
  const tables = new Map<string, Table>();
  const interfaces = new Map<string, Interface>();
  const detached = new Set<string>();

  const note = (table: Table): void => {
    const { ref, routes, version, snapshots } = table;
    const atMs = monotonicMs();
    const shown = Array.from(routes, ([destination, one]): Route => {
      const isDead = one.target.startsWith("eni-") && (!interfaces.has(one.target) || detached.has(one.target));
      if (!isDead) return { table: ref, destination, ...one, state: "active" };
      return { table: ref, destination, ...one, state: "blackhole", warning: `${one.target} is attached to nothing` };
    });
    snapshots.push({ atMs, version, routes: shown });
    // The newest of those that are too old still stood when the time began that may be asked for.
    const oldest = snapshots.findIndex((one) => one.atMs > atMs - keptMs);
    if (oldest > 1) snapshots.splice(0, oldest - 1);
  };
  const noteAll = (): void => {
    for (const table of tables.values()) note(table);
  };
  const change = (id: string, destination: string, target: string | undefined): void => {
    changed({ atMs: monotonicMs(), table: id, destination, target });
    const table = tables.get(id);
    if (table === undefined) return;
    table.version++;
    note(table);
  };

  const truth: Truth = {
    addTable({ id, vpc, tags }) {
      const ref = { key: `memory/${id}`, id };
      const table: Table = { ref, vpc, tags: tags ?? {}, routes: new Map(), version: 0, snapshots: [] };
      tables.set(id, table);
      note(table);
      return ref;
    },
    removeTable: (id) => void tables.delete(id),
    untag(id) {
      const table = tables.get(id);
      if (table !== undefined) table.tags = {};
    },
    addInterface(one) {
      interfaces.set(one.id, one);
      detached.delete(one.id);
      noteAll();
    },
    removeInterface(id) {
      interfaces.delete(id);
      detached.delete(id);
      noteAll();
    },
    detachInterface(id) {
      detached.add(id);
      noteAll();
    },
    interfaces: () => [...interfaces.values()],
    hasInterface: (id) => interfaces.has(id),
    hasTable: (id) => tables.has(id),
    networkOf: (id) => tables.get(id)?.vpc,
    tablesOf: (cloud) => [...tables.values()].filter((table) => isOf(table, cloud)).map((table) => table.ref),
    target: (tableId, destination) => tables.get(tableId)?.routes.get(destination)?.target,
    put(tableId, destination, target, isStatic) {
      tables.get(tableId)?.routes.set(destination, { target, isStatic });
      change(tableId, destination, target);
    },
    remove(tableId, destination) {
      tables.get(tableId)?.routes.delete(destination);
      change(tableId, destination, undefined);
    },
    snapshot(tableId, lagMs) {
      const atMs = monotonicMs() - lagMs;
      const snapshots = tables.get(tableId)?.snapshots;
      return snapshots?.findLast((one) => one.atMs <= atMs) ?? snapshots?.[0];
    },
    standing() {
      const all = [...tables.values()].flatMap((table) =>
        [...table.routes].map(([destination, one]): [string, string] => [`${table.ref.id} ${destination}`, one.target]),
      );
      return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    routesMost: Number.POSITIVE_INFINITY,
    isFull(tableId) {
      const routes = [...(tables.get(tableId)?.routes.values() ?? [])];
      return routes.filter((route) => route.isStatic).length >= truth.routesMost;
    },
  };
  return truth;
}

/** Makes a change as the cloud does; the error says why it did not. */
export function makeChange(truth: Truth, change: RouteChange): RouteError | undefined {
  const { table, destination } = change;
  const refusal = refusalOf(truth, change);
  if (refusal !== undefined) return refusal;
  if (change.kind === "remove") truth.remove(table.id, destination);
  else truth.put(table.id, destination, change.target, true);
  return undefined;
}

/** Why the cloud would not make a change. */
export function refusalOf(truth: Truth, change: RouteChange): RouteError | undefined {
  const { table, destination } = change;
  if (!truth.hasTable(table.id)) return answer("TABLE_MISSING", `no route table ${table.id}`);
  const stands = truth.target(table.id, destination) !== undefined;
  if (change.kind === "create" && stands) return answer("ROUTE_EXISTS", `${destination} exists in ${table.id}`, "soon");
  if (change.kind !== "create" && !stands) return answer("ROUTE_MISSING", `no ${destination} in ${table.id}`, "soon");
  if (change.kind === "create" && truth.isFull(table.id)) return answer("QUOTA", `${table.id} is full`);
  if (change.kind === "remove" || truth.hasInterface(change.target)) return undefined;
  return answer("TARGET_MISSING", `no interface ${change.target}`);
}

function isOf(table: Table, cloud: AwsCloud): boolean {
  const { routeTables } = cloud;
  switch (routeTables.by) {
    case "id":
      return routeTables.ids.includes(table.ref.id);
    case "tag":
      return table.vpc === cloud.vpc && table.tags[routeTables.key] === routeTables.value;
    case "network":
      return table.vpc === cloud.vpc;
    default:
      return routeTables satisfies never;
  }
}
