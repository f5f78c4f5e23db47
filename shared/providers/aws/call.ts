import type { EC2Client } from "@aws-sdk/client-ec2";
import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Call, routeError, translate } from "./errors.ts";

/** What every call of one location needs. */
export type Ec2Session = {
  readonly ec2: Pick<EC2Client, "send">;
  readonly clock: Clock;
  readonly region: string;
  readonly vpc: string;
};

/**
 * One attempt of one call, given up after `limits.routeCallMs` or when `signal` aborts. It is then unknown whether
 * the cloud did what was asked. Throws `RouteError`.
 */
export async function attempt<T>(
  clock: Clock,
  call: Call,
  send: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const over = new AbortController();
  const giveUp = new AbortController();
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp.signal.addEventListener("abort", () => reject(giveUp.signal.reason), { once: true });
  });
  const stop = (why: string) => giveUp.abort(routeError("TIMED_OUT", call, why));
  const onAbort = () => stop("given up because the run ended");
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  void clock.sleep(limits.routeCallMs, over.signal).then(() => {
    if (!over.signal.aborted) stop(`no answer within ${limits.routeCallMs} ms`);
  });
  try {
    return await Promise.race([givenUp, send(giveUp.signal)]);
  } catch (error) {
    throw translate(error, call);
  } finally {
    over.abort();
    signal?.removeEventListener("abort", onAbort);
  }
}

/** A call that only reads: attempted again, a few times, when its error says that it may work soon. Throws `RouteError`. */
export async function attemptRead<T>(
  clock: Clock,
  call: Call,
  send: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt(clock, call, send, signal);
    } catch (error) {
      const mayWork = error instanceof RouteError && error.retry === "soon" && !signal.aborted;
      if (!mayWork || attempts >= limits.readAttempts) throw error;
      await clock.sleep(limits.readRetryMs * 2 ** (attempts - 1), signal);
    }
  }
}

/** Everything that a paged listing holds. Throws `RouteError` when it does not end. */
export async function allPages<Entry>(
  call: Call,
  page: (
    token: string | undefined,
  ) => Promise<{ readonly entries: readonly Entry[]; readonly next: string | undefined }>,
): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  let token: string | undefined;
  for (let count = 0; count < limits.pages; count++) {
    const { entries, next } = await page(token);
    all.push(...entries);
    if (next === undefined || next === "") return all;
    token = next;
  }
  throw routeError("UNKNOWN", call, `the listing has more than ${limits.pages} pages`);
}

/** A list in pieces of at most `size`. */
export function pieces<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, at) => list.slice(at * size, (at + 1) * size));
}
