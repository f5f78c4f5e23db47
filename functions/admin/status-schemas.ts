import * as z from "zod/mini";
import { Id } from "../../shared/domain/ids.ts";

/** Milliseconds since 1970. */
const Millis = z.number();
const Count = z.int();

export const DrainState = z.enum(["none", "draining", "released"]);
export type DrainState = z.infer<typeof DrainState>;

export const HostStatus = z.object({
  id: Id,
  name: z.string(),
  isStatic: z.boolean(),
  isActive: z.boolean(),
  priority: Count,
  /** `available`, `silent`, `left`, `unheard`, `clock` (last seen in the future) or `static`; whether it is drained is `drain`. */
  state: z.string(),
  lastSeenMs: z.nullable(Millis),
  upSinceMs: z.nullable(Millis),
  drain: DrainState,
  isPinned: z.boolean(),
  backoffUntilMs: z.nullable(Millis),
  version: z.string(),
  publicAddress: z.string(),
  localAddress: z.string(),
  /** Names of locations: tunnels that are up, and that were up and are not. */
  tunnelsUp: z.array(z.string()),
  tunnelsDown: z.array(z.string()),
  /** Names of locations of which a host is reached by host check, or of which none is. */
  reaches: z.array(z.string()),
  doesNotReach: z.array(z.string()),
});
export type HostStatus = z.infer<typeof HostStatus>;

export const SwapStatus = z.object({
  state: z.enum(["pending", "confirmed", "none"]),
  confirmedMs: z.nullable(Millis),
  routes: Count,
  written: Count,
  foreign: Count,
  attempts: Count,
  retryAtMs: z.nullable(Millis),
  errors: z.array(z.object({ code: z.string(), message: z.string(), table: z.string(), destination: z.string() })),
});
export type SwapStatus = z.infer<typeof SwapStatus>;

export const LocationStatus = z.object({
  id: Id,
  name: z.string(),
  /** Where its routes live, for a person; null for a location without routes. */
  cloud: z.nullable(z.string()),
  active: z.nullable(z.string()),
  epoch: Count,
  sinceMs: z.nullable(Millis),
  reason: z.nullable(z.string()),
  by: z.nullable(z.string()),
  swap: SwapStatus,
  hosts: z.array(HostStatus),
});
export type LocationStatus = z.infer<typeof LocationStatus>;

export const LinkStatus = z.object({
  id: Id,
  name: z.string(),
  online: z.boolean(),
  hostCheck: z.boolean(),
  paused: z.nullable(z.object({ atMs: Millis, by: z.string() })),
  lastCreditedMs: z.nullable(Millis),
  /** Nothing that rests on silence is decided before this; null for no hold. */
  holdUntilMs: z.nullable(Millis),
  locations: z.array(LocationStatus),
});
export type LinkStatus = z.infer<typeof LinkStatus>;

/** Something that a person should look at. */
export const Problem = z.object({
  severity: z.enum(["info", "warning", "error"]),
  where: z.string(),
  what: z.string(),
  next: z.string(),
});
export type Problem = z.infer<typeof Problem>;

/** A route that is not ours to change: of something that is gone (`orphan`), or of somebody else (`foreign`). */
export const StrayRoute = z.object({
  state: z.enum(["orphan", "foreign"]),
  table: z.string(),
  destination: z.string(),
  location: z.string(),
  seen: z.string(),
});
export type StrayRoute = z.infer<typeof StrayRoute>;

export const StatusAnswer = z.object({
  /** The server's clock: ages are counted from it. */
  nowMs: Millis,
  version: Count,
  sweptMs: z.nullable(Millis),
  links: z.array(LinkStatus),
  strayRoutes: z.array(StrayRoute),
  /** Stray routes that are left out of this answer. */
  moreStrayRoutes: Count,
  problems: z.array(Problem),
});
export type StatusAnswer = z.infer<typeof StatusAnswer>;

export const PastDecision = z.object({
  epoch: Count,
  active: z.nullable(z.string()),
  previous: z.nullable(z.string()),
  reason: z.string(),
  decidedMs: Millis,
  by: z.string(),
  networkVersion: Count,
  evidence: z.string(),
  swap: z.enum(["pending", "confirmed"]),
  confirmedMs: z.nullable(Millis),
});
export type PastDecision = z.infer<typeof PastDecision>;

export const ExplainAnswer = z.object({
  nowMs: Millis,
  link: z.string(),
  location: LocationStatus,
  /** What an election would decide now, and why. */
  verdict: z.object({
    kind: z.string(),
    to: z.nullable(z.string()),
    reason: z.string(),
    text: z.string(),
    nextMs: z.nullable(Millis),
  }),
  /** What would change who is active, one sentence each. */
  wouldChange: z.array(z.string()),
  history: z.array(PastDecision),
  problems: z.array(Problem),
});
export type ExplainAnswer = z.infer<typeof ExplainAnswer>;
