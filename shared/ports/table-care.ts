import type { Replication } from "../domain/replication.ts";

/** What there is to know of the table itself, and to do for it, beside its items. */
export interface TableCare {
  /** How the table is replicated now. Never rejects: what cannot be found out is `unknown`. */
  replication(): Promise<Replication>;
  /**
   * Deletes some of the items that have expired, and goes on from there when called again: for tables whose time to live
   * is off. Answers how many were deleted. Throws `DatabaseError`.
   */
  removeExpired(): Promise<number>;
}
