import type { Clock } from "../../../shared/ports/clock.ts";
import { ApiError, missing } from "./errors.ts";
import { idOf, type Json, linkOf } from "./show.ts";

/** What an operation that was accepted ends in instead. */
export type OperationError = { readonly code: string; readonly message: string; readonly status: number };

type Operation = {
  readonly name: string;
  readonly project: string;
  readonly type: "insert" | "delete";
  /** `projects/…` of what it is about. */
  readonly target: string;
  readonly begunMs: number;
  endedMs: number | null;
  error: OperationError | null;
  done: Promise<void>;
};

type Begun = Pick<Operation, "project" | "type" | "target"> & {
  readonly takesMs: number;
  readonly error: OperationError | null;
  /** Makes the change when its time has come. May throw `ApiError`, which the operation then ends in. */
  readonly land: () => void;
};

export type Operations = {
  /** Begins an operation; as the API shows it. */
  begin(begun: Begun): Json;
  get(project: string, name: string): Json;
  /** Answers when an operation is done, or after the two minutes that Google holds an answer back. */
  wait(project: string, name: string): Promise<Json>;
  /** The operation that is under way for a resource. */
  underWay(target: string): "insert" | "delete" | undefined;
  clear(): void;
};

const LONGEST_WAIT_MS = 120_000;
const KEPT = 10_000;

/** Global operations: a change lands when its operation ends, some time after it was accepted. */
export function operations(clock: Clock): Operations {
  const known = new Map<string, Operation>();
  const pending = new Map<string, Operation>();
  let count = 0;

  const end = (operation: Operation, begun: Begun): void => {
    operation.endedMs = clock.nowMs();
    pending.delete(operation.target);
    if (operation.error !== null) return;
    try {
      begun.land();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      operation.error = { code: error.reason, message: error.message, status: error.status };
    }
  };
  const find = (project: string, name: string): Operation => {
    const operation = known.get(`${project}/${name}`);
    if (operation === undefined) throw missing(`projects/${project}/global/operations/${name}`);
    return operation;
  };

  return {
    begin(begun) {
      count++;
      const { project, type, target, takesMs, error } = begun;
      const name = `operation-${String(clock.nowMs())}-${count.toString(16).padStart(8, "0")}`;
      const begunMs = clock.nowMs();
      const operation: Operation = {
        name,
        project,
        type,
        target,
        begunMs,
        endedMs: null,
        error,
        done: Promise.resolve(),
      };
      known.set(`${project}/${name}`, operation);
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
      pending.set(target, operation);
      const shown = showOperation(operation, "PENDING");
      if (takesMs <= 0) end(operation, begun);
      else operation.done = clock.sleep(takesMs).then(() => end(operation, begun));
      return shown;
    },
    get: (project, name) => showOperation(find(project, name), null),
    async wait(project, name) {
      const operation = find(project, name);
      const over = new AbortController();
      await Promise.race([operation.done, clock.sleep(LONGEST_WAIT_MS, over.signal)]);
      over.abort();
      return showOperation(operation, null);
    },
    underWay: (target) => pending.get(target)?.type,
    clear() {
      known.clear();
      pending.clear();
    },
  };
}

function showOperation(operation: Operation, status: "PENDING" | null): Json {
  const { name, project, type, target, begunMs, endedMs, error } = operation;
  const isDone = status === null && endedMs !== null;
  const path = `projects/${project}/global/operations/${name}`;
  return {
    kind: "compute#operation",
    id: idOf(name),
    name,
    operationType: type,
    targetLink: linkOf(target),
    targetId: idOf(target),
    status: status ?? (isDone ? "DONE" : "RUNNING"),
    progress: isDone ? 100 : 0,
    insertTime: new Date(begunMs).toISOString(),
    startTime: new Date(begunMs).toISOString(),
    ...(isDone && { endTime: new Date(endedMs).toISOString() }),
    ...(isDone &&
      error !== null && {
        error: { errors: [{ code: error.code, message: error.message }] },
        httpErrorStatusCode: error.status,
        httpErrorMessage: error.status === 403 ? "FORBIDDEN" : "BAD REQUEST",
      }),
    selfLink: linkOf(path),
  };
}
