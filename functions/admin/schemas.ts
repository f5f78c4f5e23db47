import * as z from "zod/mini";
import { Cidr } from "../../shared/domain/cidr.ts";
import { Name } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { NetworkDiff } from "../../shared/network-file/diff.ts";
import { DrainState } from "./status-schemas.ts";

/** Milliseconds since 1970. */
const Millis = z.number();
const Count = z.int();
const Why = z._default(z.string().check(z.maxLength(500)), "");

/** A route table by the cloud's own id. */
const TableId = z.string().check(z.minLength(1), z.maxLength(100));

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
  /** Only routes of this table. */
  table: z.optional(TableId),
  /** Only routes of this destination. */
  destination: z.optional(Cidr),
  why: Why,
});
export const DeviceQuery = z.strictObject({
  /** Whether the pre-shared keys are asked for. */
  secrets: z._default(z.enum(["true", "false"]), "false"),
});
/** The link may be gone from the configuration. */
export const OrphansQuery = z.strictObject({ link: z.optional(Name), table: z.optional(TableId) });
export const ForgetRequest = z.strictObject({
  link: z.optional(Name),
  table: z.optional(TableId),
  /** Only what was an orphan by then: what a person was shown. */
  untilMs: z.optional(z.int().check(z.nonnegative())),
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

/** A route that was ours and was left in place. */
const OrphanRoute = z.object({
  table: z.string(),
  destination: z.string(),
  /** Whose it was: LINK/LOCATION, or an id where the name is not known any more. */
  location: z.string(),
  sinceMs: Millis,
  /** What it pointed at then; empty when that is not known. */
  seen: z.string(),
});
export type OrphanRoute = z.infer<typeof OrphanRoute>;

export const OrphansAnswer = z.object({
  /** The server's clock: ages are counted from it. */
  nowMs: Millis,
  orphans: z.array(OrphanRoute),
  /** Orphans that are left out of this answer. */
  more: Count,
});
export type OrphansAnswer = z.infer<typeof OrphansAnswer>;

export const ForgetAnswer = z.object({
  forgotten: z.array(OrphanRoute),
  /** What somebody else changed at the same moment, and is as they left it. */
  changed: z.array(OrphanRoute),
  /** Orphans that were asked for and are left to the next call. */
  left: Count,
});
export type ForgetAnswer = z.infer<typeof ForgetAnswer>;
