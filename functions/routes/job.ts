import type { Writer } from "../../shared/domain/ledger-moves.ts";
import type { Step, WriteStep } from "../../shared/domain/plan-steps.ts";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import type { Route, TableRef } from "../../shared/domain/routes.ts";
import type { RouteProvider } from "../../shared/ports/route-provider.ts";
import type { Budget } from "./budget.ts";
import type { RoutesDeps } from "./deps.ts";
import type { Fence } from "./fence.ts";
import type { LedgerBook } from "./ledger-book.ts";
import type { StaleCause, Teller } from "./story.ts";
import type { Tries } from "./tries.ts";

/** Tables, a plan for them, and what is needed to carry it out. */
export type Job = {
  readonly deps: Pick<RoutesDeps, "store" | "clock" | "log">;
  readonly provider: RouteProvider;
  readonly tables: readonly TableRef[];
  readonly book: LedgerBook;
  readonly fence: Fence;
  readonly budget: Budget;
  readonly tries: Tries;
  readonly teller: Teller;
  readonly writer: Omit<Writer, "atMs">;
  readonly plan: (routes: readonly Route[], entries: readonly LedgerEntry[]) => readonly Step[];
  /** Done before the first route is written: notes the interfaces that routes will point at. */
  readonly beforeWriting: () => Promise<void>;
  /**
   * Undefined while routes are being moved. Else they were in place before, and a difference is a surprise: it is
   * believed when it was read twice this many ms apart, and told.
   */
  readonly believeMs: number | undefined;
  readonly staleCause: (step: WriteStep) => StaleCause;
};

/** The ledger's author for what is written now. */
export function writerOf(job: Job): Writer {
  return { ...job.writer, atMs: job.deps.clock.nowMs() };
}
