import type { RouteError } from "../../shared/domain/errors.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Step, WriteStep } from "../../shared/domain/plan-steps.ts";
import { routeKey } from "../../shared/domain/routes.ts";

/** What went wrong with one route, or with a whole table or location ("" where it is not about one route). */
export type Failure = { readonly error: RouteError; readonly table: string; readonly destination: string };

type Try = {
  readonly fails: number;
  readonly pauses: number;
  readonly nextMs: number;
  readonly failure: Failure | undefined;
  readonly isHopeless: boolean;
  /** Written by this run, and seen in place since. */
  readonly wasPlaced: boolean;
};

/** How often and with what success this run has written each route. All times by the monotonic clock, ms. */
export type Tries = {
  isDue(step: WriteStep, nowMs: number): boolean;
  /** Whether this run can still put the route right. */
  isOpen(step: WriteStep): boolean;
  written(step: WriteStep, nowMs: number): void;
  failed(step: WriteStep, error: RouteError, nowMs: number): void;
  /** Takes note of which written routes a plan finds in place. */
  looked(steps: readonly Step[]): void;
  wasPlaced(step: WriteStep): boolean;
  /** Whether this run wrote the route, as far as it knows. */
  wasWritten(step: Step): boolean;
  /** Whether it did so lately that reads may not show it yet. */
  isSettling(step: Step, nowMs: number): boolean;
  /** Failures of those routes that are still not right. */
  failuresOf(steps: readonly WriteStep[]): readonly Failure[];
};

/** Errors that a new read of the routes clears up: the plan was made from an old one. */
const staleRead: ReadonlySet<RouteError["code"]> = new Set(["ROUTE_EXISTS", "ROUTE_MISSING"]);
/** Errors that say nothing about the route: the cloud wants to be asked more slowly. */
const pacing: ReadonlySet<RouteError["code"]> = new Set(["THROTTLED", "LOCKED"]);
const untried: Try = { fails: 0, pauses: 0, nextMs: 0, failure: undefined, isHopeless: false, wasPlaced: false };

export function createTries(): Tries {
  const tries = new Map<string, Try>();
  const keyOf = (step: Step): string => routeKey(step.table.key, step.destination);
  const of = (step: Step): Try => tries.get(keyOf(step)) ?? untried;

  const wasWritten = (step: Step): boolean => tries.has(keyOf(step)) && of(step).failure === undefined;

  return {
    isDue: (step, nowMs) => !of(step).isHopeless && nowMs >= of(step).nextMs,
    isOpen: (step) => !of(step).isHopeless,
    written: (step, nowMs) => void tries.set(keyOf(step), { ...untried, nextMs: nowMs + limits.routeSettleMs }),
    failed(step, error, nowMs) {
      const before = of(step);
      const fails = pacing.has(error.code) ? before.fails : before.fails + 1;
      const pauseMs = Math.min(limits.routeRetryMs * 2 ** before.pauses, limits.routeRetryMaxMs);
      const isWorthTrying = error.retry === "soon" || staleRead.has(error.code);
      tries.set(keyOf(step), {
        fails,
        pauses: before.pauses + 1,
        nextMs: nowMs + pauseMs,
        failure: { error, table: step.table.key, destination: step.destination },
        isHopeless: !isWorthTrying || fails >= limits.routeTries,
        wasPlaced: before.wasPlaced,
      });
    },
    looked(steps) {
      for (const step of steps) {
        const known = tries.get(keyOf(step));
        const isPlaced = step.kind === "unchanged" || step.kind === "settle";
        if (known !== undefined && isPlaced) tries.set(keyOf(step), { ...known, wasPlaced: true });
      }
    },
    wasPlaced: (step) => of(step).wasPlaced,
    wasWritten,
    isSettling: (step, nowMs) => wasWritten(step) && nowMs < of(step).nextMs,
    failuresOf: (steps) => steps.flatMap((step) => of(step).failure ?? []),
  };
}
