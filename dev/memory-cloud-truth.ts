import type { AwsCloud } from "../shared/domain/network.ts";
import type { Route, TableRef } from "../shared/domain/routes.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { Interface } from "./memory-cloud.ts";

type Table = {
  readonly ref: TableRef;
  readonly vpc: string;
  tags: Readonly<Record<string, string>>;
  readonly routes: Map<string, { readonly target: string; readonly isStatic: boolean }>;
};

type Change = {
  readonly atMs: number;
  readonly table: string;
  readonly destination: string;
  /** Undefined: nothing stands there any more. */
  readonly target: string | undefined;
};

/** What is really so in the memory cloud, and what was so at any moment before. */
export type Truth = {
  addTable(table: {
    readonly id: string;
    readonly vpc: string;
    readonly tags?: Readonly<Record<string, string>>;
  }): TableRef;
  removeTable(id: string): void;
  untag(id: string): void;
  addInterface(one: Interface): void;
  removeInterface(id: string): void;
  detachInterface(id: string): void;
  interfaces(): readonly Interface[];
  hasTable(id: string): boolean;
  /** The network of a table. */
  networkOf(id: string): string | undefined;
  tablesOf(cloud: AwsCloud): readonly TableRef[];
  target(tableId: string, destination: string): string | undefined;
  put(tableId: string, destination: string, target: string, isStatic: boolean): void;
  remove(tableId: string, destination: string): void;
  /** The routes of a table as they were `lagMs` ago. */
  routes(tableId: string, lagMs: number): readonly Route[];
  standing(): Readonly<Record<string, string>>;
  readonly history: readonly Change[];
};

type Snapshot = { readonly atMs: number; readonly routes: ReadonlyMap<string, Route> };

export function createTruth(clock: Clock): Truth {
  const tables = new Map<string, Table>();
  const interfaces = new Map<string, Interface>();
  const detached = new Set<string>();
  const history: Change[] = [];
  const snapshots = new Map<string, Snapshot[]>();

  const shown = (table: Table): ReadonlyMap<string, Route> =>
    new Map(
      [...table.routes].map(([destination, one]) => {
        const isDead = one.target.startsWith("eni-") && (!interfaces.has(one.target) || detached.has(one.target));
        return [destination, { table: table.ref, destination, ...one, state: isDead ? "blackhole" : "active" }];
      }),
    );
  const note = (): void => {
    const atMs = clock.monotonicMs();
    for (const [id, table] of tables) {
      const list = snapshots.get(id) ?? [];
      snapshots.set(id, list);
      list.push({ atMs, routes: shown(table) });
    }
  };
  const change = (id: string, destination: string, target: string | undefined): void => {
    history.push({ atMs: clock.monotonicMs(), table: id, destination, target });
    note();
  };

  return {
    addTable({ id, vpc, tags }) {
      const ref = { key: `memory/${id}`, id };
      tables.set(id, { ref, vpc, tags: tags ?? {}, routes: new Map() });
      note();
      return ref;
    },
    removeTable: (id) => void tables.delete(id),
    untag(id) {
      const table = tables.get(id);
      if (table !== undefined) table.tags = {};
    },
    addInterface(one) {
      interfaces.set(one.id, one);
      note();
    },
    removeInterface(id) {
      interfaces.delete(id);
      note();
    },
    detachInterface(id) {
      detached.add(id);
      note();
    },
    interfaces: () => [...interfaces.values()],
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
    routes(tableId, lagMs) {
      const atMs = clock.monotonicMs() - lagMs;
      const list = snapshots.get(tableId) ?? [];
      const snapshot = list.findLast((one) => one.atMs <= atMs) ?? list[0];
      return [...(snapshot?.routes.values() ?? [])];
    },
    standing() {
      const all = [...tables.values()].flatMap((table) =>
        [...table.routes].map(([destination, one]): [string, string] => [`${table.ref.id} ${destination}`, one.target]),
      );
      return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    history,
  };
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
