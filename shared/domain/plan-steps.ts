import type { Id } from "./ids.ts";
import type { LedgerEntry } from "./records.ts";
import type { Route, RouteChange, RouteTarget, TableRef } from "./routes.ts";

/** Where a step acts, and what was known of that place when it was planned. */
export type Place = {
  readonly table: TableRef;
  readonly destination: string;
  readonly found: Route | undefined;
  readonly entry: LedgerEntry | undefined;
};

/** What is to be done about one destination in one table, and why. */
export type Step = Place &
  (
    | /** Nothing stands there. `absent`: new; `drift`: it was ours and has vanished. */
    { readonly kind: "create"; readonly target: RouteTarget; readonly reason: "absent" | "drift" }
    /**
     * Ours, and not right. `stale`: points at one of our interfaces that is not the active one; `drift`: blackholed;
     * `adopted`: an operator gave it to us as it stands; `reclaimed`: an orphan that is wanted again.
     */
    | {
        readonly kind: "replace";
        readonly target: RouteTarget;
        readonly reason: "stale" | "drift" | "adopted" | "reclaimed";
      }
    | { readonly kind: "remove"; readonly reason: "not-desired" | "nobody-available" }
    /** Stands there and may not be touched: nobody gave it to us, it was pointed away from us, or the cloud made it. */
    | { readonly kind: "foreign"; readonly reason: "never-ours" | "moved-away" | "cloud-made" }
    | { readonly kind: "conflict"; readonly reason: "owned-elsewhere" | "newer-generation" }
    /** Ours, not desired any more, and removal is off. */
    | { readonly kind: "orphan"; readonly reason: "not-desired" }
    /** The cloud is right and the ledger is not: it is ours from now on, or no longer of interest. */
    | {
        readonly kind: "settle";
        readonly to: "owned" | "forgotten";
        readonly reason: "created" | "adopted" | "reclaimed" | "taken-over" | "gone" | "pointed-away" | "not-desired";
      }
    /** Points at the active interface, and that interface carries nothing: writing it again would change nothing. */
    | { readonly kind: "dead"; readonly reason: "target-blackholed" }
    | { readonly kind: "unchanged"; readonly reason: "in-place" | "nobody-available" | "listed-orphan" }
  );

export type WriteStep = Step & { readonly kind: "create" | "replace" | "remove" };

/** What a plan is made from: plain data, all of it read before. */
export type PlanInput = {
  /** Canonical CIDRs that the location reaches through its active host. */
  readonly desired: readonly string[];
  readonly tables: readonly TableRef[];
  readonly routes: readonly Route[];
  /** Entries of these tables, of whatever location. */
  readonly entries: readonly LedgerEntry[];
  /** The interface of the active host; null when nobody is available. */
  readonly active: RouteTarget | null;
  /** Every interface that routes of the location were ever pointed at, and those of its configured hosts. */
  readonly own: ReadonlySet<RouteTarget>;
  readonly locationId: Id;
  readonly generation: number;
  readonly removeRoutes: boolean;
};

/** Whether a step changes a route in the cloud. */
export function isWrite(step: Step): step is WriteStep {
  return step.kind === "create" || step.kind === "replace" || step.kind === "remove";
}

/** The route call that a step stands for. */
export function changeOf(step: WriteStep): RouteChange {
  const { table, destination } = step;
  if (step.kind === "create") return { kind: "create", table, destination, target: step.target };
  const found = step.found?.target ?? "";
  if (step.kind === "remove") return { kind: "remove", table, destination, found };
  return { kind: "replace", table, destination, target: step.target, found };
}
