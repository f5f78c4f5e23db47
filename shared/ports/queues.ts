import type { Id } from "../domain/ids.ts";

/** A location, by ids. */
export type LocationRef = { readonly linkId: Id; readonly locationId: Id };

/** Wakes the routes function for a location. What it then does depends on the store alone, never on the message. */
export type Wake = LocationRef & {
  readonly cause: "decision" | "reconcile" | "continue" | "verify";
  /** How many wakes in a row led to this one; bounded by `limits.swapRounds`. */
  readonly round: number;
};

/** FIFO per location, at least once. */
export interface SwapQueue {
  wake(wakes: readonly Wake[]): Promise<void>;
}

/** A message to the failover function: a whole sweep, one location's moment, or a delayed wake of the routes function. */
export type Tick =
  | { readonly kind: "sweep"; readonly dueMs: number }
  | ({ readonly kind: "moment"; readonly dueMs: number } & LocationRef)
  | ({
      readonly kind: "wake";
      readonly dueMs: number;
      readonly cause: Wake["cause"];
      readonly round: number;
    } & LocationRef);

/** At least once, in any order, each about when it is due: `tickDelayS` says how nearly. */
export interface TickQueue {
  send(ticks: readonly Tick[]): Promise<void>;
}
