import type { Cloud } from "../domain/clouds/cloud.ts";
import type { Event } from "../domain/events.ts";
import type { Id } from "../domain/ids.ts";
import type { Network } from "../domain/network.ts";
import type {
  Decision,
  HostRecord,
  Lease,
  LedgerEntry,
  LinkSwitches,
  LocationWish,
  Pulse,
  Suspicion,
  SwapReport,
} from "../domain/records.ts";
import type { Consistency, Observed } from "./database.ts";

/** A record with the revision that a conditional write of it must name. */
export type Revised<T> = { readonly value: T; readonly revision: number };

/** Everything that is known of a location beside its configuration. */
export type LocationRecords = {
  /** The newest decision; undefined before the first. */
  readonly head: Revised<Decision> | undefined;
  readonly hosts: ReadonlyMap<Id, Revised<HostRecord>>;
  readonly wish: Revised<LocationWish> | undefined;
  readonly suspicion: Revised<Suspicion> | undefined;
};

/** Everything that is known of a link beside its configuration. */
export type LinkRecords = {
  readonly pulse: Revised<Pulse> | undefined;
  readonly switches: Revised<LinkSwitches> | undefined;
  readonly locations: ReadonlyMap<Id, LocationRecords>;
};

export const noRecords: LocationRecords = { head: undefined, hosts: new Map(), wish: undefined, suspicion: undefined };

/** Whether an optimistic write won. Losing is a value: read again and decide again. */
export type Claim = { readonly kind: "won"; readonly revision: number } | { readonly kind: "lost" };

/** One applied configuration. */
export type AppliedNetwork = {
  readonly network: Network;
  readonly atMs: number;
  readonly by: string;
  readonly why: string;
  /** The network file's text as it was applied. */
  readonly source: string;
};

/** A location or a generation of one that is gone, whose routes are still to be removed or listed as orphans. */
export type Retired = {
  readonly linkId: Id;
  readonly linkName: string;
  readonly locationId: Id;
  readonly locationName: string;
  readonly generation: number;
  readonly cloud: Cloud;
  readonly removeRoutes: boolean;
  readonly atMs: number;
};

/** A route table that the ledger has entries for, and how to reach it. */
export type KnownTable = { readonly table: string; readonly tableId: string; readonly cloud: Cloud };

/**
 * State of Pointsman over the database port. `prior: undefined` means "must not exist yet".
 * Every method throws `DatabaseError` when the database cannot be asked.
 */
export interface Store {
  /** The configuration in force, strongly consistent; the empty network when none was applied. */
  readNetwork(): Promise<Observed<AppliedNetwork>>;
  /** Puts version n + 1 on the condition that it does not exist: two appliers have one winner. */
  commitNetwork(next: AppliedNetwork): Promise<Claim>;
  readNetworkHistory(limit: number): Promise<readonly AppliedNetwork[]>;

  /** All records of a link in one query. */
  readLink(linkId: Id, consistency: Consistency): Promise<Observed<LinkRecords>>;
  /** Head, hosts, wish and suspicion of one location in one query. */
  readLocation(linkId: Id, locationId: Id, consistency: Consistency): Promise<Observed<LocationRecords>>;
  /** Pulse and switches of a link, strongly consistent. */
  readPulse(linkId: Id): Promise<Observed<Pick<LinkRecords, "pulse" | "switches">>>;
  /** The newest decision alone, strongly consistent. */
  readHead(linkId: Id, locationId: Id): Promise<Observed<Revised<Decision> | undefined>>;

  writeHost(linkId: Id, locationId: Id, next: HostRecord, prior: number | undefined): Promise<Claim>;
  removeHost(linkId: Id, locationId: Id, hostId: Id, prior: number): Promise<Claim>;
  writePulse(linkId: Id, next: Pulse, prior: number | undefined): Promise<Claim>;
  writeSwitches(linkId: Id, next: LinkSwitches, prior: number | undefined): Promise<Claim>;
  writeWish(linkId: Id, locationId: Id, next: LocationWish, prior: number | undefined): Promise<Claim>;
  writeSuspicion(linkId: Id, locationId: Id, next: Suspicion, prior: number | undefined): Promise<Claim>;
  removeSuspicion(linkId: Id, locationId: Id, prior: number): Promise<Claim>;

  /**
   * Commits a decision: one conditional write on the head, that claims the epoch. The decision that it replaces is
   * archived first, so the log has no hole whatever happens in between. `mayCommit` is asked right before that write;
   * where it says no (the evidence got too old meanwhile) the claim is lost.
   */
  commitDecision(next: Decision, prior: Revised<Decision> | undefined, mayCommit: () => boolean): Promise<Claim>;
  /** Notes on the head that the swap of its epoch is verified. Lost when another epoch or writer was there first. */
  confirmDecision(confirmed: Decision, prior: number): Promise<Claim>;
  /** Newest first, the head included. */
  readDecisions(linkId: Id, locationId: Id, limit: number): Promise<readonly Decision[]>;

  readLease(locationId: Id): Promise<Observed<Revised<Lease> | undefined>>;
  writeLease(locationId: Id, next: Lease, prior: number | undefined): Promise<Claim>;
  readSwapReport(locationId: Id): Promise<Revised<SwapReport> | undefined>;
  writeSwapReport(locationId: Id, next: SwapReport, prior: number | undefined): Promise<Claim>;
  /** Interfaces that routes of the location were ever pointed at: these are never foreign. */
  readTargets(locationId: Id): Promise<Revised<readonly string[]> | undefined>;
  writeTargets(locationId: Id, next: readonly string[], prior: number | undefined): Promise<Claim>;

  readLedger(table: string): Promise<ReadonlyMap<string, Revised<LedgerEntry>>>;
  writeLedger(next: LedgerEntry, prior: number | undefined): Promise<Claim>;
  removeLedger(table: string, destination: string, prior: number): Promise<Claim>;
  /** Idempotent. */
  noteTable(known: KnownTable): Promise<void>;
  knownTables(): Promise<readonly KnownTable[]>;

  /** Idempotent. */
  retire(retired: Retired): Promise<void>;
  readRetired(): Promise<readonly Revised<Retired>[]>;
  removeRetired(retired: Revised<Retired>): Promise<Claim>;

  /** Idempotent for an event with `once`. */
  tell(event: Event): Promise<void>;
  /** Events after a cursor, oldest first; `cursor` goes into the next call. */
  readEvents(
    after: EventCursor,
    limit: number,
  ): Promise<{ readonly events: readonly Event[]; readonly cursor: EventCursor }>;

  /** When the last scheduled sweep ended; undefined for never. */
  readSwept(): Promise<number | undefined>;
  noteSwept(atMs: number): Promise<void>;
}

/** Where reading of the event log goes on. `sinceMs` alone begins there. */
export type EventCursor = { readonly sinceMs: number; readonly key: string | undefined };
