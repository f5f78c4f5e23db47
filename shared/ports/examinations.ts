import type { Examination, ExaminationReport } from "../domain/examination.ts";
import type { Id } from "../domain/ids.ts";
import type { LocationRef } from "./queues.ts";
import type { Claim } from "./store.ts";

/**
 * Examinations and what was reported to them. All are forgotten after `doctorLimits.keepMs`. `prior: undefined` means
 * "must not exist yet". Every method throws `DatabaseError` when the database cannot be asked.
 */
export interface Examinations {
  begin(next: Examination): Promise<Claim>;
  report(id: Id, next: ExaminationReport, prior: number | undefined): Promise<Claim>;
  /** An examination with the reports that are in; undefined when there is none of that id. */
  read(
    id: Id,
  ): Promise<{ readonly examination: Examination; readonly reports: readonly ExaminationReport[] } | undefined>;
}

/** Asks the routes function to examine a location and to report what it found; one that comes after `untilMs` is dropped. */
export type Examine = LocationRef & {
  readonly kind: "examine";
  readonly examinationId: Id;
  readonly untilMs: number;
};

/** At least once, in any order, beside the wakes of the location: an examination never holds a swap up. */
export interface ExamineQueue {
  examine(requests: readonly Examine[]): Promise<void>;
}
