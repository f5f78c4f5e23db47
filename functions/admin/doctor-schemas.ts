import * as z from "zod/mini";
import { CheckName, FindingState, FixAction } from "../../shared/domain/finding.ts";
import { Id } from "../../shared/domain/ids.ts";

/** Milliseconds since 1970. */
const Millis = z.number();

export const DoctorRequest = z.strictObject({
  /** LINK/LOCATION, or LINK; everything when left out. */
  location: z.optional(z.string().check(z.minLength(1), z.maxLength(127))),
});

/** What one check came to, and where: LINK/LOCATION, or `pointsman`. */
export const LocatedFinding = z.object({
  location: z.string(),
  check: CheckName,
  state: FindingState,
  about: z.string(),
  found: z.string(),
  next: z.string(),
  fix: z.optional(FixAction),
});
export type LocatedFinding = z.infer<typeof LocatedFinding>;

export const DoctorAnswer = z.object({
  /** Names the examination for the calls that follow. */
  id: Id,
  nowMs: Millis,
  /** What does not come by then counts as a fail. */
  untilMs: Millis,
  findings: z.array(LocatedFinding),
  /** Locations whose report is still to come: LINK/LOCATION. */
  waitingFor: z.array(z.string()),
});
export type DoctorAnswer = z.infer<typeof DoctorAnswer>;
