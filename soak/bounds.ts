/** Bounds and settings of a soak run, with their units. */
export const soakBounds = {
  /** Of every host: twice as long as an agent waits for an answer, so that one that is not answered is no time-out. ms */
  timeoutMs: 20_000,
  /** Locations of one link: each host is told of all others in its link. */
  locationsPerLink: 10,
  leastHostsPerLocation: 2,
  mostLocations: 200,
  mostHosts: 800,
  mostMinutes: 120,
  mostKills: 20,
  /** An agent sleeps at least as long as an installed one, and so short that one lost heartbeat is no time-out. ms */
  shortestSleepMs: 1_000,
  longestSleepMs: 5_000,
  /** Sleep while it is not yet measured what a heartbeat costs. ms */
  firstSleepMs: 5_000,
  /** Between the first heartbeats of two agents, so that the first second is not all that is measured. ms */
  startEveryMs: 40,
  /** No further agent is started while more than this share of those that run wait for an answer: a server that is swamped answers none in time. */
  startWaitingShare: 0.3,
  /** How long it is measured what a heartbeat costs. ms */
  calibrateMs: 8_000,
  /** With half of all answers slower than this before anything went wrong, the load alone makes hosts look dead. ms */
  carriedLatencyMs: 2_000,
  /** Share of all processors that heartbeats may take. */
  processorShare: 0.65,
  /** Server, database: until it answers. Locations: until each has a host and verified routes. ms */
  startMs: 90_000,
  readyMs: 300_000,
  /** After the last fault, until routes are looked at, and until they must be right: a reconcile comes each minute. ms */
  quietMs: 30_000,
  longestQuietMs: 100_000,
  pollMs: 3_000,
  progressMs: 5_000,
  sampleMs: 1_000,
  /** Short outages prove that nothing is lost; long ones bring a hold. ms */
  shortDownMs: 300,
  longDownMs: 7_000,
  /** Between two faults of one location, beside the time its host is away. ms */
  faultEveryMs: 60_000,
  /** A failover that comes later than its due time and this is told as late. ms */
  marginMs: 5_000,
} as const;
