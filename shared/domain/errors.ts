/** Whether and when the same call can be expected to work. */
export type Retry = "soon" | "later" | "never";

/** What a cloud's route API can answer, in our words. `message` says what happened; `next` what a person should do. */
export type RouteErrorCode =
  | "THROTTLED"
  | "LOCKED"
  | "TIMED_OUT"
  | "UNREACHABLE"
  | "CLOUD_FAULT"
  | "DENIED"
  | "TABLE_MISSING"
  | "TARGET_MISSING"
  | "TARGET_NOT_ALLOWED"
  | "TARGET_AMBIGUOUS"
  | "ROUTE_EXISTS"
  | "ROUTE_MISSING"
  | "QUOTA"
  | "INVALID"
  | "SUPERSEDED"
  | "UNKNOWN";

export class RouteError extends Error {
  override readonly name = "RouteError";
  readonly code: RouteErrorCode;
  readonly retry: Retry;
  readonly next: string;

  constructor(code: RouteErrorCode, message: string, options: { cause?: unknown; retry: Retry; next: string }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry;
    this.next = options.next;
  }
}

export type DatabaseErrorCode = "THROTTLED" | "UNREACHABLE" | "DENIED" | "TABLE_MISSING" | "UNKNOWN";

/** The database did not do what was asked; for a write it is not known whether it was done. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;
  readonly next: string;

  constructor(code: DatabaseErrorCode, message: string, options: { cause?: unknown; next: string }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.next = options.next;
  }
}

/** One mistake in what a person gave: where, what stands there, and what to do. `line` counts from 1. */
export type Mistake = {
  readonly field: string;
  readonly value: string;
  readonly reason: string;
  readonly line?: number;
};

function mistakeLine({ field, value, reason, line }: Mistake): string {
  return `${line === undefined ? "" : `line ${line}: `}${field}: ${value}: ${reason}`;
}

/** What a person gave cannot be taken. Lists every mistake found, not only the first. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(mistakeLine).join("\n"));
    this.mistakes = mistakes;
  }
}
