import type { Event } from "../shared/domain/events.ts";
import type { Id } from "../shared/domain/ids.ts";
import type { Network } from "../shared/domain/network.ts";
import type { Decision, HostRecord, LedgerEntry, LocationWish, Pulse, Suspicion } from "../shared/domain/records.ts";
import type { LocationRef } from "../shared/ports/queues.ts";
import type { FaultKind } from "./faults/kinds.ts";

/** Whether a function's process has the right time: how far its clock is off, ms, and whether it was frozen just now. */
export type Writer = {
  readonly process: string;
  readonly role: "heartbeat" | "failover" | "routes" | "admin";
  readonly clockOffsetMs: number;
};

/**
 * A changing call as the cloud saw it. `started`: the provider began it; `sent`: it left the process, later where that
 * froze in between; `landed`: it had its effect, or was refused. True times, ms. A call that changes a table as a whole is
 * one of these for each of its routes.
 */
export type RouteCall = {
  readonly number: number;
  readonly writer: Writer;
  readonly cloud: "replace" | "etag";
  readonly kind: "create" | "replace" | "remove";
  /** The cloud's own id of the table. */
  readonly table: string;
  readonly destination: string;
  /** Empty for a removal. */
  readonly target: string;
  readonly startedMs: number;
  readonly sentMs: number;
  readonly landedMs: number | undefined;
  readonly result: "ok" | "refused" | undefined;
  /** What stood there before it landed, and after. */
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/** Everything that really happened, in order, as it happened. `atMs` is true time, milliseconds since 1970. */
export type Fact = { readonly atMs: number } & (
  | {
      readonly kind: "network";
      readonly network: Network;
      readonly by: string;
      readonly why: string;
      readonly writer: Writer;
    }
  /** A head item was put: a new epoch, or the confirmation of one. */
  | {
      readonly kind: "head";
      readonly decision: Decision;
      readonly before: Decision | undefined;
      readonly writer: Writer;
    }
  | ({ readonly kind: "head-removed"; readonly writer: Writer } & LocationRef)
  | { readonly kind: "archived"; readonly decision: Decision; readonly writer: Writer }
  | ({
      readonly kind: "host-record";
      readonly hostId: Id;
      readonly record: HostRecord | undefined;
      readonly writer: Writer;
    } & LocationRef)
  | { readonly kind: "pulse"; readonly linkId: Id; readonly pulse: Pulse; readonly writer: Writer }
  | { readonly kind: "paused"; readonly linkId: Id; readonly isPaused: boolean; readonly writer: Writer }
  | ({ readonly kind: "wish"; readonly wish: LocationWish | undefined; readonly writer: Writer } & LocationRef)
  | ({
      readonly kind: "suspicion";
      readonly suspicion: Suspicion | undefined;
      readonly writer: Writer;
    } & LocationRef)
  | { readonly kind: "event"; readonly event: Event; readonly writer: Writer }
  | { readonly kind: "ledger"; readonly entry: LedgerEntry; readonly isRemoved: boolean; readonly writer: Writer }
  | { readonly kind: "call-started"; readonly call: RouteCall }
  | { readonly kind: "call-landed"; readonly call: RouteCall }
  /** Somebody else changed a route; or an interface came or went: `table` is then empty, and `destination` its id. */
  | {
      readonly kind: "foreign-change";
      readonly table: string;
      readonly destination: string;
      readonly before: string | undefined;
      readonly after: string | undefined;
    }
  | { readonly kind: "host-up" | "host-down"; readonly hostId: Id; readonly how: string }
  /** A genuine heartbeat or leave left its host. */
  | {
      readonly kind: "sent";
      readonly hostId: Id;
      readonly method: "PUT" | "DELETE";
      /** What its own clock said when it was signed, Unix seconds. */
      readonly agentTimeS: number;
    }
  /** A request was answered by a function; `isGenuine`: sent by its host itself, not replayed or forged. */
  | {
      readonly kind: "answered";
      readonly hostId: Id;
      readonly method: "PUT" | "DELETE";
      readonly isGenuine: boolean;
      /** When its host signed it, true time; 0 for what its host never signed. */
      readonly signedMs: number;
      readonly status: number;
      readonly writer: Writer;
    }
  | { readonly kind: "operator"; readonly command: string; readonly status: number; readonly text: string }
  /** Something went wrong; `untilMs`: as long as it lasts, where that is known, else the same time. */
  | { readonly kind: "fault"; readonly fault: FaultKind; readonly what: string; readonly untilMs: number }
  | { readonly kind: "invocation-failed"; readonly role: Writer["role"]; readonly error: string }
);

/** Takes note of a fact. */
export type Observe = (fact: Fact) => void;
