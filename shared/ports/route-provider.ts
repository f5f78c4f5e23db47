import type { Cloud } from "../domain/clouds/cloud.ts";
import type { RouteError } from "../domain/errors.ts";
import type { Id } from "../domain/ids.ts";
import type { Route, RouteChange, RouteTarget, TableRef } from "../domain/routes.ts";

export type { Route, RouteChange, RouteTarget, TableRef };

/** A host as far as a provider needs it to find its interface. */
export type TargetHost = {
  readonly hostId: Id;
  readonly target: string;
  /** What the host last reported; "" when it never did. */
  readonly localAddress: string;
};

/** `landedMs`: when the call was answered. A failed change may be tried again as its error says. */
export type ChangeOutcome =
  | { readonly change: RouteChange; readonly result: "written"; readonly landedMs: number }
  | { readonly change: RouteChange; readonly result: "failed"; readonly error: RouteError };

export type TargetOutcome =
  | { readonly hostId: Id; readonly result: "found"; readonly target: RouteTarget }
  | { readonly hostId: Id; readonly result: "failed"; readonly error: RouteError };

/** The tables of a location, and every route that was read with them. */
export type Survey = { readonly tables: readonly TableRef[]; readonly routes: readonly Route[] };

/**
 * Asked right before every single call that changes a route. Resolves when the call may start; rejects with a
 * `RouteError` SUPERSEDED when the epoch is no longer the latest or the lease is gone: the rest is then not written.
 * `sinceMs`: what it rests on must have been read after this moment of the monotonic clock.
 */
export type Guard = (sinceMs?: number) => Promise<void>;

/** For whom a write is made. `epoch`: the decision that it carries out, for clouds whose routes bear it in their names. */
export type Turn = { readonly guard: Guard; readonly epoch: number };

/**
 * The routes of one location in one cloud. Reads may be eventually consistent; the caller reads twice.
 * Every method throws `RouteError`. A changing call makes one attempt of at most `limits.routeCallMs`, and all calls
 * that were started are awaited before a method returns. Where the cloud answers a change with an operation, the change
 * is written when that has ended well. Only a change that was throttled, or met a lock, is attempted again inside
 * `write`, since nothing was changed: each attempt is a new call, at the cloud's pace and with its own guard.
 */
export interface RouteProvider {
  /** The tables that hold the location's routes, and what stands in them, in one look: all pages, in order of key. */
  survey(signal: AbortSignal): Promise<Survey>;
  /** A table that was noted before by key and id, with what it holds; to be had where tables of the cloud hold something else than routes at the active host. */
  tableOf?(noted: Pick<TableRef, "key" | "id">): TableRef;
  /** Every route of the tables, all pages. */
  read(tables: readonly TableRef[], signal: AbortSignal): Promise<readonly Route[]>;
  /** The interface of every host, one outcome a host. */
  targets(hosts: readonly TargetHost[], signal: AbortSignal): Promise<readonly TargetOutcome[]>;
  /**
   * Writes changes at the pace that the cloud allows; one outcome a change, in any order. After the signal aborts no
   * call is started: the changes left over fail with SUPERSEDED, TIMED_OUT or (when throttled) THROTTLED, retry "soon".
   */
  write(changes: readonly RouteChange[], turn: Turn, signal: AbortSignal): Promise<readonly ChangeOutcome[]>;
}

/** Opens the provider of a cloud for one location. Throws `RouteError` when it cannot be opened. */
export type OpenProvider = (cloud: Cloud, locationId: Id) => Promise<RouteProvider>;
