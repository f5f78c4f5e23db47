import type { Clock } from "../../../shared/ports/clock.ts";

/** How an operation ended, or that it goes on. */
type Outcome = { readonly code: string; readonly message: string } | "succeeded" | "in progress";

export type Operation = {
  readonly id: string;
  readonly table: string;
  readonly destination: string;
  readonly outcome: Outcome;
};

/** Which operations end in error. */
export type OperationFailure = {
  readonly code: string;
  readonly message: string;
  readonly table?: string;
  readonly destination?: string;
  /** How many operations; one when left out. */
  readonly count?: number;
};

/** Long-running operations: one at a time for each table. */
export type Operations = {
  /** How long the next ones take, ms; 0 ends them before they are answered. */
  durationMs: number;
  fail(failure: OperationFailure): void;
  /** The operation that a table is held by. */
  holding(table: string): Operation | undefined;
  find(id: string): Operation | undefined;
  /** Begins one; `end` is told how it ended, at its end. Answers its id. */
  begin(table: string, destination: string, end: (isWell: boolean) => void, durationMs?: number): string;
  clear(): void;
};

export function operations(clock: Clock): Operations {
  const known = new Map<string, Operation>();
  const held = new Map<string, string>();
  let failures: { failure: OperationFailure; left: number }[] = [];
  let count = 0;

  const failureOf = (table: string, destination: string): OperationFailure | undefined => {
    const hit = failures.find(
      ({ failure, left }) =>
        left > 0 &&
        (failure.table === undefined || failure.table === table) &&
        (failure.destination === undefined || failure.destination === destination),
    );
    if (hit !== undefined) hit.left--;
    return hit?.failure;
  };

  const made: Operations = {
    durationMs: 0,
    fail: (failure) => void failures.push({ failure, left: failure.count ?? 1 }),
    holding: (table) => known.get(held.get(table) ?? ""),
    find: (id) => known.get(id),
    begin(table, destination, end, durationMs = made.durationMs) {
      count++;
      const id = `00000000-0000-4000-9000-${count.toString(16).padStart(12, "0")}`;
      const operation = { id, table, destination };
      const finish = () => {
        const failure = failureOf(table, destination);
        const outcome = failure === undefined ? "succeeded" : { code: failure.code, message: failure.message };
        known.set(id, { ...operation, outcome });
        if (held.get(table) === id) held.delete(table);
        end(failure === undefined);
      };
      known.set(id, { ...operation, outcome: "in progress" });
      held.set(table, id);
      if (durationMs === 0) finish();
      else void clock.sleep(durationMs).then(finish);
      return id;
    },
    clear() {
      failures = [];
    },
  };
  return made;
}
