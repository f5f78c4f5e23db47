import * as z from "zod/mini";
import { Id } from "./ids.ts";

/** The closed list of what Pointsman reports. */
export const EventKind = z.enum([
  "network-applied",
  "decision",
  "swap-confirmed",
  "swap-failed",
  "hold-begun",
  "clock-skew",
  "elector-clock",
  "host-first-seen",
  "host-returned",
  "host-left",
  "suspicion-raised",
  "suspicion-cleared",
  "tunnel-failover-futile",
  "route-foreign",
  "route-adopted",
  "route-repaired",
  "stale-write-repaired",
  "route-orphaned",
  "route-removed",
  "route-conflict",
  "operator",
  "secret-rotated",
]);
export type EventKind = z.infer<typeof EventKind>;

/** One thing that happened. Never holds a secret. */
export const Event = z.object({
  atMs: z.number(),
  kind: EventKind,
  severity: z.enum(["info", "warning", "error"]),
  linkId: z.optional(Id),
  locationId: z.optional(Id),
  hostId: z.optional(Id),
  /** Who made it happen: `heartbeat`, `sweep`, `routes`, `operator NAME`. */
  by: z.string(),
  message: z.string(),
  /** Makes an event that may be told twice stand in the log once. */
  once: z.optional(z.string()),
});
export type Event = z.infer<typeof Event>;
