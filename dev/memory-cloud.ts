import type { Cloud } from "../shared/domain/clouds/cloud.ts";
import type { RouteError } from "../shared/domain/errors.ts";
import type { Route, TableRef } from "../shared/domain/routes.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { RouteProvider } from "../shared/ports/route-provider.ts";
import { asAws } from "./as-aws.ts";
import { keep } from "./emulators/common/keep.ts";
import { faultyLine } from "./memory-cloud-line.ts";
import { memoryProvider } from "./memory-cloud-provider.ts";
import { type Change, createTruth } from "./memory-cloud-truth.ts";

/** One call as the cloud saw it. `result` is undefined while it is under way. */
export type CloudCall = {
  readonly by: string;
  readonly kind: "survey" | "read" | "targets" | "create" | "replace" | "remove";
  readonly table: string;
  readonly destination: string;
  readonly target: string;
  readonly sentMs: number;
  landedMs: number | undefined;
  result: "ok" | RouteError["code"] | undefined;
};

/** What goes wrong, call by call. Every member may be set at any time. */
export type CloudFaults = {
  /** Refused before it has any effect. */
  refuse: (call: CloudCall) => RouteError | undefined;
  /** Has its effect, and is answered with an error all the same. */
  answer: (call: CloudCall) => RouteError | undefined;
  /** From sending to effect, ms; a caller gives up after `limits.routeCallMs`, the call lands all the same. */
  landMs: (call: CloudCall) => number;
  /** Holds a changing call past its guard before it is sent, as a frozen process does. */
  hold: (call: CloudCall) => Promise<void>;
  /** How old the state is that a read shows, ms. */
  readLagMs: (call: CloudCall) => number;
};

export type Interface = {
  readonly id: string;
  /** Its network; undefined is every network. */
  readonly vpc?: string;
  /** The instance whose primary interface it is. */
  readonly instance?: string;
  readonly address?: string;
  /** The tag that `auto` asks for. */
  readonly hostId?: string;
};

export type MemoryCloudOptions = {
  /** Changing calls that the cloud takes: a bucket of `capacity`, refilled at `perSecond`. */
  readonly bucket?: { readonly capacity: number; readonly perSecond: number };
  /** Changing calls of one `write` that are under way at once. */
  readonly parallel?: number;
};

export type MemoryCloud = {
  /** A provider for a location's tables, as a process called `by` opens it. */
  open(by: string): (cloud: Cloud) => Promise<RouteProvider>;
  addTable(table: {
    readonly id: string;
    readonly vpc: string;
    readonly tags?: Readonly<Record<string, string>>;
  }): TableRef;
  removeTable(id: string): void;
  /** Takes a tag off, so that a location that finds its tables by tag finds it no more. */
  untag(id: string): void;
  addInterface(one: Interface): void;
  /** Deletes it: routes at it become blackholes. */
  removeInterface(id: string): void;
  /** Takes it off its instance: it is still there, and routes at it are blackholes. */
  detachInterface(id: string): void;
  /** A route by somebody else's hand. */
  set(tableId: string, destination: string, target: string, more?: Partial<Pick<Route, "isStatic">>): void;
  unset(tableId: string, destination: string): void;
  /** What really stands there, by `table destination`. */
  standing(): Readonly<Record<string, string>>;
  /** The changes of the truth, the latest 100,000: when, where, and what stood there after. */
  readonly history: readonly Change[];
  readonly calls: readonly CloudCall[];
  readonly faults: CloudFaults;
};

/**
 * A cloud's route tables in memory: interfaces that come and go, reads that lag, calls that are throttled, refused,
 * answered wrongly or land late. Records every call and every change, so that a test can ask for any moment.
 */
export function memoryCloud(clock: Clock, options: MemoryCloudOptions = {}): MemoryCloud {
  const history: Change[] = [];
  const truth = createTruth(clock, (change) => keep(history, change));
  const calls: CloudCall[] = [];
  const faults: CloudFaults = {
    refuse: () => undefined,
    answer: () => undefined,
    landMs: () => 0,
    hold: () => Promise.resolve(),
    readLagMs: () => 0,
  };
  const bucket = options.bucket === undefined ? undefined : tokens(clock, options.bucket);
  const parallel = options.parallel ?? 1;
  return {
    open(by) {
      const line = faultyLine({ clock, truth, calls, faults, bucket, by });
      return async (cloud) => memoryProvider({ clock, truth, line, parallel, cloud: asAws(cloud) });
    },
    addTable: truth.addTable,
    removeTable: truth.removeTable,
    untag: truth.untag,
    addInterface: truth.addInterface,
    removeInterface: truth.removeInterface,
    detachInterface: truth.detachInterface,
    set: (tableId, destination, target, more) => truth.put(tableId, destination, target, more?.isStatic ?? true),
    unset: truth.remove,
    standing: truth.standing,
    history,
    calls,
    faults,
  };
}

/** Takes a token, or says that there is none. */
function tokens(clock: Clock, bucket: NonNullable<MemoryCloudOptions["bucket"]>): () => boolean {
  let level = bucket.capacity;
  let filledMs = clock.monotonicMs();
  return () => {
    const nowMs = clock.monotonicMs();
    level = Math.min(bucket.capacity, level + ((nowMs - filledMs) * bucket.perSecond) / 1_000);
    filledMs = nowMs;
    if (level < 1) return false;
    level -= 1;
    return true;
  };
}
