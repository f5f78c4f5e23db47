import * as z from "zod/mini";
import { Cidr } from "../../shared/domain/cidr.ts";
import { Id, Name } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { NetworkDiff } from "../../shared/network-file/diff.ts";

/** Milliseconds since 1970. */
const Millis = z.number();
const Count = z.int();
const Why = z._default(z.string().check(z.maxLength(500)), "");

/* What requests hold. Unknown fields are refused. */

export const FileRequest = z.strictObject({ file: z.string() });
export const ApplyRequest = z.strictObject({
  file: z.string(),
  /** Apply only on top of this version: what `plan` said. */
  expectVersion: z.optional(z.int().check(z.nonnegative())),
  /** Go on although routes are lost or locations removed. */
  allowRemove: z._default(z.boolean(), false),
  why: Why,
});
export const CommandRequest = z.strictObject({ why: Why });
export const HostCommandRequest = z.strictObject({ host: Name, why: Why });
export const SwitchoverRequest = z.strictObject({ host: z.optional(Name), why: Why });
export const AdoptRequest = z.strictObject({
  /** Only routes of this table, by the cloud's own id. */
  table: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
  /** Only routes of this destination. */
  destination: z.optional(Cidr),
  why: Why,
});
export const PauseRequest = z.strictObject({ link: z.optional(Name), why: Why });
export const RotateHostRequest = z.strictObject({
  /** How long the secret before is still taken. */
  graceMs: z._default(z.int().check(z.nonnegative(), z.maximum(limits.rotationGraceMaxMs)), limits.rotationGraceMs),
  /** Rotate although the grace of the rotation before still runs. */
  force: z._default(z.boolean(), false),
  why: Why,
});

/* What answers hold. */

/** The difference as `shared/network-file` makes it: plain data, from a server of the same version. */
const Diff = z.custom<NetworkDiff>((value) => typeof value === "object" && value !== null && "changes" in value);

export const MistakeBody = z.object({
  field: z.string(),
  value: z.string(),
  reason: z.string(),
  line: z.optional(Count),
});
export const ErrorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    mistakes: z.optional(z.array(MistakeBody)),
    next: z.string(),
  }),
});

export const NetworkAnswer = z.object({
  version: Count,
  atMs: Millis,
  by: z.string(),
  why: z.string(),
  source: z.string(),
});
export type NetworkAnswer = z.infer<typeof NetworkAnswer>;

export const ValidateAnswer = z.object({
  valid: z.boolean(),
  mistakes: z.array(MistakeBody),
  links: Count,
  locations: Count,
  hosts: Count,
});
export type ValidateAnswer = z.infer<typeof ValidateAnswer>;

/** What a network file changes. */
export const Plan = z.object({
  /** The version that it would change. */
  version: Count,
  /** Nothing changes. */
  unchanged: z.boolean(),
  diff: Diff,
  routesLost: Count,
  /** Links and locations that go. */
  removed: z.array(z.string()),
  /** Whether apply has to be told that this is meant. */
  needsAllowRemove: z.boolean(),
  /** Active hosts that go, and hand over first: LINK/LOCATION/HOST. */
  handOvers: z.array(z.string()),
});
export type Plan = z.infer<typeof Plan>;

export const ApplyAnswer = z.discriminatedUnion("state", [
  z.object({ state: z.literal("unchanged"), version: Count }),
  z.object({ state: z.literal("applied"), version: Count, plan: Plan }),
  z.object({
    state: z.literal("switching"),
    version: Count,
    /** Hosts that are about to go and still carry traffic, or whose successor's routes are not verified yet. */
    waitingFor: z.array(z.object({ host: z.string(), what: z.string() })),
  }),
]);
export type ApplyAnswer = z.infer<typeof ApplyAnswer>;

export const RotateAnswer = z.object({
  version: Count,
  generation: Count,
  /** Until when the secret before is taken; 0 when it is not. */
  graceUntilMs: Millis,
});
export type RotateAnswer = z.infer<typeof RotateAnswer>;

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

export const EventLine = z.object({
  atMs: Millis,
  kind: z.string(),
  severity: z.enum(["info", "warning", "error"]),
  link: z.nullable(z.string()),
  location: z.nullable(z.string()),
  host: z.nullable(z.string()),
  by: z.string(),
  message: z.string(),
});
export type EventLine = z.infer<typeof EventLine>;
export const EventsAnswer = z.object({ events: z.array(EventLine), cursor: z.string() });
export type EventsAnswer = z.infer<typeof EventsAnswer>;

export const HostUriAnswer = z.object({ uri: z.string() });

/** What an operator's command on a location came to. */
export const CommandAnswer = z.object({
  location: z.string(),
  active: z.nullable(z.string()),
  epoch: Count,
  /** Whether the election that followed changed the active host. */
  changed: z.boolean(),
  message: z.string(),
  notes: z.array(z.string()),
});
export type CommandAnswer = z.infer<typeof CommandAnswer>;

export const DrainAnswer = z.object({
  host: z.string(),
  state: DrainState,
  active: z.nullable(z.string()),
  message: z.string(),
});
export type DrainAnswer = z.infer<typeof DrainAnswer>;

export const PauseAnswer = z.object({ links: z.array(z.string()), paused: z.boolean(), message: z.string() });
export type PauseAnswer = z.infer<typeof PauseAnswer>;

export const AdoptAnswer = z.object({
  location: z.string(),
  adopted: z.array(z.object({ table: z.string(), destination: z.string(), was: z.string() })),
  refused: z.array(z.object({ table: z.string(), destination: z.string(), reason: z.string() })),
});
export type AdoptAnswer = z.infer<typeof AdoptAnswer>;
