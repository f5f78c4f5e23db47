import { limits } from "../../shared/domain/limits.ts";
import type { FaultKind } from "../faults/kinds.ts";

/**
 * What a promise honestly allows beside its own words, in ms. Every number is here, with its reason: a checker that
 * allows more sleeps, one that allows less cries wolf.
 */
export const allowances = {
  /** A route call may start on a read of head and lease that was sent this long before: the fence (docs/design.md). */
  fenceMs: limits.fenceMs,
  /** Between two things that happen at the same moment of the timeline. */
  momentMs: 20,
  /** A late landing is undone within a minute: locations with a young decision are reconciled twice in that time. */
  undoMs: limits.sweepMs,
  /** A decision rests on evidence that is at most this old when it is written. */
  evidenceMs: limits.evidenceMs + 200,
  /** The same where neither database nor containers are struck: two reads at once, and the way back. */
  calmEvidenceMs: 300,
  /** A container's clock is this far off without a fault (`usualOffsetMs` of the platform's model). */
  usualClockMs: 1_000,
  /**
   * A clock that is off by more than this is noticed for certain: 2 s, and the second to which the database's `Date`
   * header is cut off.
   */
  wrongClockMs: limits.clockSkewMs + 1_000,
  /** A run of the routes function looks at its clock when it begins; it starts no call after 24 s. */
  routesRunMs: limits.swapRunMs + limits.routeCallMs,
  /** A write that waits for a database that is struck is tried three times, 3 s each, with pauses in between. */
  slowWriteMs: 10_000,
  /** A container stands still for so long at most, and then sends what it was about to send. */
  frozenMs: 151_000,
  /** Routes that a call rests on were read this long before it started, where nothing is struck. */
  routeReadMs: 5_000,
  /** And where something is: a run holds its lease for 30 s, and that is all that ends it. */
  oldRouteReadMs: limits.leaseMs + limits.routeCallMs,
  /** A removal may rest on a configuration, or a lack of hosts, that was read when its run began. */
  runKnowledgeMs: limits.leaseMs + limits.routeCallMs,
  /** What a heartbeat may be moved ahead beside what its host signed: 5 s, and the second that its time is cut to. */
  creditMs: limits.creditSlackMs + 1_000,
  /** Two functions' clocks, one that wrote and one that reads, may be apart by this. */
  twoClocksMs: 2 * limits.clockSkewMs,
  /** Promise 7's own: commit and first route write within time-out + 2 s. */
  failoverMs: 2_000,
  /** Wake, cold start of the routes function, its first reads and the lease, in this model. */
  firstWriteMs: 2_500,
  /** Where heartbeats were credited, the record of it may be this much older: the pulse is written before, the answer after. */
  hearingMs: 1_000,
  /** A host has just come up, or back: its first heartbeats, and whatever they set off. */
  arrivalMs: 5_000,
  /** Both ends report a dead tunnel with their next heartbeats, which their host checks may stretch to 4 s. */
  tunnelReportMs: 5_000,
  /** A cloud that refused so many calls of one decision, over so long a time, failed for long. */
  manyRefusals: 4,
  longFailureMs: 60_000,
  /** Nothing has been wrong for so long when liveness is judged. */
  calmMs: 120_000,
  /** A decision made just now may still be being carried out. */
  settleMs: 30_000,
} as const;

/**
 * How long after its end a fault can still make itself felt, ms: messages come again when their visibility is over, a
 * frozen container goes on, a lost message is made good by the next sweep.
 */
const lingersMs: Readonly<Partial<Record<FaultKind, number>>> = {
  "container-freeze": allowances.frozenMs + 10_000,
  "container-kill": 40_000,
  "container-clock": 40_000,
  "schedule-odd": 105_000,
  "queue-delay": 35_000,
  "queue-refuse": 65_000,
  "queue-duplicate": 10_000,
  "db-throttle": 15_000,
  "db-lost-answer": 40_000,
  "db-slow": 15_000,
  "db-stale": 5_000,
  "cloud-throttle": 65_000,
  "cloud-late": 65_000,
  "cloud-lost-answer": 65_000,
  "cloud-refuse": 65_000,
  "cloud-stale": 65_000,
  "outage-endpoint": 70_000,
  "outage-functions": 110_000,
  "interface-replaced": 65_000,
  "foreign-route": 65_000,
  "host-address-lie": 65_000,
  "host-reach-lie": 20_000,
  "host-partition": 20_000,
  "forwarding-dead": 20_000,
  "operator-apply": 35_000,
  "operator-pause": 35_000,
  "net-lose": 12_000,
  "net-delay": 12_000,
  "net-duplicate": 12_000,
};

/** How long after its end a fault of this kind can still make itself felt, ms. */
export function lingerMs(kind: FaultKind): number {
  return lingersMs[kind] ?? 5_000;
}
