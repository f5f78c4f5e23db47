import { type Conditions, type FaultRule, fairConditions, type Latency } from "../common/faults.ts";
import type { LoggedCall, RouteMoment } from "./record.ts";
import { asStored, type MakeEtag, type PrivateIp, type State, withoutVnic, withPrivateIp, withTable } from "./state.ts";
import type { RouteRule, Vnic } from "./world.ts";

/** The hand of a test (or of the demonstration) inside the emulator. Everything takes effect at once. */
export type Control = {
  /** How long calls of an operation (or of all, with `*`) take. */
  latency(operation: string, latency: Latency): void;
  /** Whether the token buckets apply. */
  throttling(on: boolean): void;
  /** Reads show the state of up to this many milliseconds ago, drawn anew for every read. */
  readLag(mostMs: number): void;
  fail(rule: FaultRule): void;
  /** Ends all faults, latency, lag and throttling. */
  calm(): void;
  /** Every changing call so far, in order of arrival. */
  calls(): readonly LoggedCall[];
  /** How often each operation was called so far. */
  operations(): ReadonlyMap<string, number>;
  /** What stood at every destination from when on, in order of time. */
  moments(): readonly RouteMoment[];
  /** Destinations (`table destination`) that stood without a rule, or with one that drops packets, at any time since. */
  gaps(sinceMs: number): readonly string[];
  /** A table is changed by something else for this long: OCI refuses other changes meanwhile. */
  busy(table: string, ms: number): void;
  readonly edit: Edit;
};

/** Changes made behind Pointsman's back, by a person or by Terraform. */
type Edit = {
  putRule(table: string, rule: RouteRule): void;
  removeRule(table: string, destination: string): void;
  removeTable(table: string): void;
  setVnic(id: string, change: Partial<Pick<Vnic, "skipSourceDestCheck" | "freeformTags">>): void;
  /** The VNIC goes, and its ephemeral private IPs with it. Reserved ones stay, on no VNIC. */
  removeVnic(id: string): void;
  movePrivateIp(id: string, vnic: string | null): void;
  setLifetime(id: string, lifetime: "EPHEMERAL" | "RESERVED"): void;
  /** Takes a public key away, as when an API key is deleted. */
  revokeKey(keyId: string): void;
  /** The rules of a table, as they stand. */
  rules(table: string): readonly RouteRule[];
  vnicOf(privateIp: string): string | null;
};

/** What the controls reach into. */
export type Reach = {
  readonly conditions: Conditions;
  readonly calls: readonly LoggedCall[];
  readonly operations: ReadonlyMap<string, number>;
  readonly moments: readonly RouteMoment[];
  readonly etag: MakeEtag;
  readonly monotonicMs: () => number;
  current(): State;
  put(state: State): void;
};

export function control(reach: Reach): Control {
  const { conditions } = reach;
  return {
    latency: (operation, latency) => void conditions.latency.set(operation, latency),
    throttling(on) {
      conditions.throttling = on;
    },
    readLag(mostMs) {
      conditions.readLagMs = mostMs;
    },
    fail: (rule) => void conditions.rules.push({ rule, left: rule.count ?? 1 }),
    calm: () => void Object.assign(conditions, fairConditions()),
    calls: () => reach.calls,
    operations: () => reach.operations,
    moments: () => reach.moments,
    gaps(sinceMs) {
      const gap = reach.moments.filter(({ atMs, state }) => atMs >= sinceMs && state !== "active");
      return [...new Set(gap.map(({ table, destination }) => `${table} ${destination}`))];
    },
    busy(table, ms) {
      const found = tableOf(reach, table);
      reach.put(withTable(reach.current(), { ...found, busyUntilMs: reach.monotonicMs() + ms }));
    },
    edit: edit(reach),
  };
}

function edit(reach: Reach): Edit {
  const { etag } = reach;
  const editRules = (table: string, change: (rules: readonly RouteRule[]) => RouteRule[]) => {
    const found = tableOf(reach, table);
    reach.put(withTable(reach.current(), { ...found, rules: change(found.rules), etag: etag() }));
  };
  const editIp = (id: string, change: Partial<Pick<PrivateIp, "vnic" | "lifetime">>) => {
    const found = reach.current().privateIps.get(id);
    if (found === undefined) throw new Error(`oci emulator: no ${id}`);
    reach.put(withPrivateIp(reach.current(), { ...found, ...change, etag: etag() }));
  };
  return {
    putRule: (table, rule) =>
      editRules(table, (rules) => {
        const stored = asStored(rule);
        const isSame = (other: RouteRule) =>
          other.destination === stored.destination && other.routeType === stored.routeType;
        return rules.some(isSame) ? rules.map((other) => (isSame(other) ? stored : other)) : [...rules, stored];
      }),
    removeRule: (table, destination) =>
      editRules(table, (rules) =>
        rules.filter((rule) => rule.destination !== destination || rule.routeType === "LOCAL"),
      ),
    removeTable(table) {
      const tables = new Map(reach.current().tables);
      tables.delete(table);
      reach.put({ ...reach.current(), tables });
    },
    setVnic(id, change) {
      const found = reach.current().vnics.get(id);
      if (found === undefined) throw new Error(`oci emulator: no ${id}`);
      reach.put({ ...reach.current(), vnics: new Map(reach.current().vnics).set(id, { ...found, ...change }) });
    },
    removeVnic: (id) => reach.put(withoutVnic(reach.current(), id, etag)),
    movePrivateIp: (id, vnic) => editIp(id, { vnic }),
    setLifetime: (id, lifetime) => editIp(id, { lifetime }),
    revokeKey(keyId) {
      const apiKeys = new Map(reach.current().apiKeys);
      apiKeys.delete(keyId);
      // Without any key everybody would be let in.
      reach.put({ ...reach.current(), apiKeys: apiKeys.set("nobody", "") });
    },
    rules: (table) => reach.current().tables.get(table)?.rules ?? [],
    vnicOf: (privateIp) => reach.current().privateIps.get(privateIp)?.vnic ?? null,
  };
}

function tableOf(reach: Reach, id: string) {
  const found = reach.current().tables.get(id);
  if (found === undefined) throw new Error(`oci emulator: no ${id}`);
  return found;
}
