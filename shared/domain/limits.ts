/** Every bound of the system in one place, with its unit and why it is what it is. */
export const limits = {
  /** Heartbeat request body, bytes. */
  bodyBytes: 64 * 1024,
  /** Entries in each map of a heartbeat. */
  mapEntries: 1_000,
  /** Longest header or text field of a heartbeat, characters. */
  fieldChars: 256,
  /** An agent time within this of server time is always creditable; also what a replay may buy. ms */
  creditSlackMs: 5_000,
  /** An elector whose clock is further than this from the database's decides nothing; a last-seen further ahead is no evidence. ms */
  clockSkewMs: 2_000,
  /** Evidence older than this on the monotonic clock is read again instead of committed on. ms */
  evidenceMs: 2_000,
  /** A heartbeat without news is persisted at most every min(time-out / 6, this). ms */
  persistMs: 5_000,
  /** An agent gives a request this long; a hold lasts at least this and a second. ms */
  agentRequestMs: 10_000,
  /** Between two heartbeats an agent sleeps this long. ms */
  agentSleepMs: 1_000,
  /** A host check of an agent ends after this. ms */
  hostCheckMs: 3_000,
  /** Reachability samples kept: a standby needs all of them equal, an active host two. */
  reachSamples: 3,
  activeReachSamples: 2,
  /** A remote host that reached the suspect within this time has a say. ms */
  reachedWithinMs: 10 * 60_000,
  /** A remote host that was heard within this time is fresh enough to have a say. ms */
  freshMs: 10_000,
  /** Lease on the routes of a location. ms */
  leaseMs: 30_000,
  /** A strongly consistent read of epoch and lease holds for this long. ms */
  fenceMs: 1_000,
  /** One call to a cloud's route API. ms */
  routeCallMs: 5_000,
  /** A run of the routes function starts no call after this. ms */
  swapRunMs: 24_000,
  /** Runs of one swap that wake each other before the rest is left to the reconcile; a platform stops chains of about 16. */
  swapRounds: 8,
  /** Scheduled sweep. ms */
  sweepMs: 60_000,
  /** Delayed ticks between two scheduled sweeps. */
  ticks: 11,
  tickMs: 5_000,
  /** A tick later than this is dropped. ms */
  tickLateMs: 5_000,
  /** Locations that one run works on at the same time. */
  parallelLocations: 16,
  /** Attempts to win an optimistic write before giving the caller a conflict. */
  writeAttempts: 5,
  /** Snapshot of a link in a heartbeat container. ms */
  snapshotMs: 1_000,
  /** A clock that is off is told once per host in this time. ms */
  skewReportMs: 10 * 60_000,
  /** Events are kept for this long. ms */
  eventKeepMs: 90 * 24 * 3_600_000,
} as const;
