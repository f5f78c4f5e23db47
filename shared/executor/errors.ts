import type { ExecutorRef } from "../domain/clouds/executors.ts";
import { RouteError } from "../domain/errors.ts";
import type { Refusal } from "./messages.ts";
import { plain } from "./wire.ts";

const name = ({ id }: ExecutorRef): string => `executor ${id}`;

export function malformedKey(executor: ExecutorRef): RouteError {
  const next = `store 64 hex digits in ${executor.key}, as the executor has them (openssl rand -hex 32)`;
  return new RouteError("DENIED", `${name(executor)}: its secret is no key`, { retry: "later", next });
}

export function unreadableKey(executor: ExecutorRef, cause: unknown): RouteError {
  const next = `see that ${executor.key} can be read where the routes function runs`;
  return new RouteError("DENIED", `${name(executor)}: its key cannot be read`, { cause, retry: "soon", next });
}

/** Nothing was heard of it. */
export function silent(executor: ExecutorRef, why: string, cause?: unknown): RouteError {
  const next = `see whether ${new URL(executor.url).host} runs and can be reached from the routes function`;
  return new RouteError("UNREACHABLE", `${name(executor)}: ${why}`, { cause, retry: "soon", next });
}

/** The run ended first. */
export function givenUp(executor: ExecutorRef): RouteError {
  const message = `${name(executor)}: given up because the run ended`;
  return new RouteError("TIMED_OUT", message, { retry: "soon", next: again });
}

export function redirected(executor: ExecutorRef): RouteError {
  const next = "write the address that it really has into the location's executors";
  return new RouteError("INVALID", `${name(executor)}: it answers with a redirect, which is not followed`, {
    retry: "later",
    next,
  });
}

/** An answer without its signature, of whoever it was. Its text is not shown. */
export function unbelieved(executor: ExecutorRef, status: number): RouteError {
  const message = `${name(executor)}: ${status}, not signed by it: nothing of that is believed`;
  if (status === 401) {
    const next = "see that id and key are the same in the location's executors and in the executor's own settings";
    return new RouteError("DENIED", message, { retry: "later", next });
  }
  const next = `see what answers at ${new URL(executor.url).host}, and what the executor logs`;
  return new RouteError("UNREACHABLE", message, { retry: "soon", next });
}

/** What it signed and cannot be right. */
export function garbage(executor: ExecutorRef, what: string): RouteError {
  const next =
    "see that the executor runs the same version; if it does, take it for somebody else's and change its key";
  return new RouteError("UNKNOWN", `${name(executor)}: ${what}: nothing of it is believed`, { retry: "later", next });
}

const clocks = "set the clocks of the routes function and the executor: they are apart, or the way takes too long";
const slow = "run the executor nearer to the routes function, or see why its cloud is slow";
const version = "see that the executor runs the same version";
const elsewhere = "name an executor that runs in the location's cloud";
const again = "nothing: it is tried again";

const refused: Readonly<Record<Refusal, Pick<RouteError, "code" | "retry" | "next">>> = {
  expired: { code: "DENIED", retry: "later", next: clocks },
  "expires-late": { code: "DENIED", retry: "later", next: clocks },
  replayed: { code: "DENIED", retry: "later", next: "see who sends requests again: the same one came twice" },
  busy: { code: "THROTTLED", retry: "soon", next: again },
  invalid: { code: "INVALID", retry: "later", next: version },
  "not-served": { code: "INVALID", retry: "later", next: elsewhere },
  "permit-old": { code: "TIMED_OUT", retry: "soon", next: slow },
  "permit-foreign": { code: "TIMED_OUT", retry: "soon", next: again },
};

export function refusal(executor: ExecutorRef, why: Refusal, about: string): RouteError {
  const message = `${name(executor)}: refused as ${why}: ${plain(about)}`;
  const { code, retry, next } = refused[why];
  return new RouteError(code, message, { retry, next });
}

/** Permits in a row that ran out before a call was begun. */
export function tooSlow(executor: ExecutorRef): RouteError {
  const message = `${name(executor)}: its permits run out before it begins a call`;
  return new RouteError("TIMED_OUT", message, { retry: "soon", next: slow });
}

/** A write whose answer did not come: its calls have ended by now, and reads tell which were made. */
export function unknownOutcome(executor: ExecutorRef, cause: RouteError): RouteError {
  const message = `${name(executor)}: whether it was written is not known: ${cause.message}`;
  return new RouteError("TIMED_OUT", message, { cause, retry: "soon", next: cause.next });
}

export function notBegun(): RouteError {
  return new RouteError("TIMED_OUT", "not begun at an executor before the run ended", { retry: "soon", next: again });
}
