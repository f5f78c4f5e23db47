/** Bounds of a server of one's own, with their units. */
export const serveLimits = {
  /** Messages that one queue holds; more are refused, as a bug. */
  queueMessages: 100_000,
  /** The longest delay that a queue takes. ms */
  queueDelayMs: 900_000,
  /** What is under way when the server is told to stop has this long to end. ms */
  stopMs: 10_000,
  /** Longest time that a server goes on serving while it tells load balancers that it stops. ms */
  drainMs: 5 * 60_000,
  /** The database is asked this often whether it is there, and is missed after this. ms */
  probeMs: 10_000,
  databaseSilentMs: 30_000,
  /** The scheduled run is missed after this: two and a half of its minutes. ms */
  scheduleSilentMs: 150_000,
  /** A TLS handshake, and a whole request with its body, come within this. ms */
  handshakeMs: 10_000,
  requestMs: 15_000,
  /** A connection that a proxy keeps open: longer than load balancers do, or they would use one that just closed. ms */
  keepAliveMs: 75_000,
  /** Certificate files are looked at this often for a renewed one. ms */
  certificateMs: 60_000,
  /** A file that holds a secret. bytes */
  secretBytes: 64 * 1024,
  /** The longest path of a Unix socket that every system takes. bytes */
  socketPathBytes: 100,
  /** Endpoints that a host's URI may hold. */
  endpoints: 8,
} as const;
