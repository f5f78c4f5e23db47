import * as z from "zod/mini";
import { Id } from "./ids.ts";

/** Milliseconds since 1970. */
const Millis = z.number();
/** Unix seconds of an agent's own clock. */
const AgentSeconds = z.int();
const Bytes = z.instanceof(Uint8Array);

/** What a host was last heard to say, and how far it is believed to be alive. */
export const HostRecord = z.object({
  hostId: Id,
  /** Until when the host is believed to have been alive: the credited time, never later than server time. */
  lastSeenMs: Millis,
  /** The newest agent time that was credited. */
  agentTimeS: AgentSeconds,
  /** Pairs an agent time with a server time; crediting measures from here. */
  anchor: z.object({ agentTimeS: AgentSeconds, serverMs: Millis }),
  /** The nonce of the heartbeat that this record was last written for. */
  nonce: z.string(),
  /** Since when the host has been available without a gap longer than its time-out. */
  upSinceMs: Millis,
  /** The host's good-bye, or null while it is here. */
  left: z.nullable(z.object({ agentTimeS: AgentSeconds, atMs: Millis })),
  version: z.string(),
  publicAddress: z.string(),
  localAddress: z.string(),
  address6: z.string(),
  wgPublicKey: z.string(),
  /** How long the host takes from one heartbeat to the next, by its own sleep and the host checks that it reported. */
  intervalMs: z.number(),
  /** The last samples of hosts reached by host check, newest first; a bit is a host's ordinal. */
  reach: z.array(Bytes),
  /** Since when hosts (by ordinal) that were reached once are not reached any more. */
  lost: z.record(z.string(), Millis),
  /** Bits are ordinals of locations. `ever`: connected at some time since this host became active in `epoch`. */
  tunnels: z.object({
    up: Bytes,
    ever: Bytes,
    epoch: z.int(),
    /** Since when tunnels that were connected in this epoch are not. */
    down: z.record(z.string(), Millis),
  }),
});
export type HostRecord = z.infer<typeof HostRecord>;

export const ChangeReason = z.enum([
  "first-host",
  "returned",
  "timed-out",
  "left",
  "removed",
  "drained",
  "suspected",
  "tunnels-down",
  "pinned",
  "switchover",
  "better-reach",
  "higher-priority",
  "nobody-available",
  "location-moved",
]);
export type ChangeReason = z.infer<typeof ChangeReason>;

/** Whether the routes of a decision are in place. `confirmed` means verified by equal reads, not fenced. */
export const SwapState = z.discriminatedUnion("state", [
  z.object({ state: z.literal("pending") }),
  z.object({ state: z.literal("confirmed"), atMs: Millis, routes: z.int() }),
]);
export type SwapState = z.infer<typeof SwapState>;

/**
 * One decision of a location: the claim of its epoch, the audit record and the outbox of its swap at once.
 * The newest stands in the location's head item; older ones are archived before they are replaced.
 */
export const Decision = z.object({
  linkId: Id,
  locationId: Id,
  epoch: z.int(),
  /** Generation of the location that this was decided for: a move of the location is a decision of its own. */
  generation: z.int(),
  activeHostId: z.nullable(Id),
  previousHostId: z.nullable(Id),
  reason: ChangeReason,
  decidedMs: Millis,
  /** Who decided: `heartbeat`, `sweep`, `tick`, or `operator NAME`. */
  by: z.string(),
  /** Version of the configuration that the decision rests on. */
  networkVersion: z.int(),
  /** One sentence an operator can read: what was known when this was decided. */
  evidence: z.string(),
  /** When hosts of this location were failed over from, by id: where their back-off is counted from. */
  demotedMs: z.record(z.string(), Millis),
  /** When the tunnel rule last moved this location; 0 for never. */
  tunnelMoveMs: Millis,
  swap: SwapState,
});
export type Decision = z.infer<typeof Decision>;

/** The record of when Pointsman itself last credited any heartbeat of a link. */
export const Pulse = z.object({
  lastCreditedMs: Millis,
  /** Nothing that rests on silence is decided before this. */
  holdUntilMs: Millis,
  holdSinceMs: Millis,
});
export type Pulse = z.infer<typeof Pulse>;

/** What an operator set for a link, and which configuration is in force. */
export const LinkSwitches = z.object({
  paused: z.nullable(z.object({ atMs: Millis, by: z.string() })),
  networkVersion: z.int(),
});
export type LinkSwitches = z.infer<typeof LinkSwitches>;

/** What an operator asked of a location. */
export const LocationWish = z.object({
  pin: z.nullable(z.object({ hostId: Id, atMs: Millis, by: z.string() })),
  drains: z.record(z.string(), z.object({ atMs: Millis, by: z.string() })),
  /** A switchover that was asked for and is not decided yet. */
  switchover: z.nullable(z.object({ hostId: Id, atMs: Millis, by: z.string() })),
});
export type LocationWish = z.infer<typeof LocationWish>;

/** A suspicion against the active host; its next heartbeat is persisted at once and clears it. */
export const Suspicion = z.object({
  hostId: Id,
  epoch: z.int(),
  markedMs: Millis,
  evaluateMs: Millis,
  by: Id,
});
export type Suspicion = z.infer<typeof Suspicion>;

/** How the last attempt to put the routes of a location in place went. */
export const SwapReport = z.object({
  epoch: z.int(),
  atMs: Millis,
  firstWriteMs: z.nullable(Millis),
  verifiedMs: z.nullable(Millis),
  written: z.int(),
  total: z.int(),
  foreign: z.int(),
  attempts: z.int(),
  errors: z.array(z.object({ code: z.string(), message: z.string(), table: z.string(), destination: z.string() })),
  /** When to try again; null when there is nothing left to do. */
  retryAtMs: z.nullable(Millis),
});
export type SwapReport = z.infer<typeof SwapReport>;

/** Who may write a location's routes now. */
/** `settlesMs`: until when reads may show routes as they stood before an older epoch wrote them last; 0 for never. */
export const Lease = z.object({ owner: z.string(), epoch: z.int(), untilMs: Millis, settlesMs: z._default(Millis, 0) });
export type Lease = z.infer<typeof Lease>;

/**
 * The ledger of one (table, destination), unique across all links. `intended`: recorded before the route is created;
 * `owned`: ours to change; `foreign`: stands there and is not ours; `orphan`: ours once, of a location or generation that is gone;
 * `removed`: we removed it lately, and a call that created it may still land. `epoch`: the newest one that found it so.
 */
export const LedgerEntry = z.object({
  table: z.string(),
  destination: z.string(),
  linkId: Id,
  locationId: Id,
  generation: z.int(),
  state: z.enum(["intended", "owned", "foreign", "orphan", "removed"]),
  /** What was seen to stand there when it was found foreign. */
  seen: z.string(),
  epoch: z.int(),
  atMs: Millis,
  by: z.string(),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;
