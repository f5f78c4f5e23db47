import { RouteError, type RouteErrorCode } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";

/** How one cloud's errors are put into our words. `C`: what an error tells of a call. */
export type Wording<C> = {
  /** What the SDK or the network threw, as a `RouteError`; one that is thrown already stays as it is. */
  readonly translate: (error: unknown, call: C) => RouteError;
  readonly routeError: (code: RouteErrorCode, call: C, message: string) => RouteError;
};

/** How calls of one cloud are made. */
export type Caller<C> = {
  /**
   * One attempt of one call, given up after `limits.routeCallMs` or when `signal` aborts. It is then unknown whether
   * the cloud did what was asked. Throws `RouteError`.
   */
  attempt<T>(clock: Clock, call: C, send: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** A call that only reads: attempted again, a few times, when its error says that it may work soon. Throws `RouteError`. */
  attemptRead<T>(clock: Clock, call: C, send: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Everything that a paged listing holds. Throws `RouteError` when it does not end. */
  allPages<Entry>(call: C, page: (token: string | undefined) => Promise<Page<Entry>>): Promise<readonly Entry[]>;
};

export type Page<Entry> = { readonly entries: readonly Entry[]; readonly next: string | undefined };

/** The way to call a cloud whose errors read as `wording` says. */
export function callerOf<C>({ translate, routeError }: Wording<C>): Caller<C> {
  const attempt: Caller<C>["attempt"] = async (clock, call, send, signal) => {
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
  };
  return {
    attempt,
    async attemptRead(clock, call, send, signal) {
      for (let attempts = 1; ; attempts++) {
        try {
          return await attempt(clock, call, send, signal);
        } catch (error) {
          const mayWork = error instanceof RouteError && error.retry === "soon" && !signal.aborted;
          if (!mayWork || attempts >= limits.readAttempts) throw error;
          await clock.sleep(limits.readRetryMs * 2 ** (attempts - 1), signal);
        }
      }
    },
    async allPages<Entry>(call: C, page: (token: string | undefined) => Promise<Page<Entry>>) {
      const all: Entry[] = [];
      let token: string | undefined;
      for (let count = 0; count < limits.pages; count++) {
        const { entries, next } = await page(token);
        all.push(...entries);
        if (next === undefined || next === "") return all;
        token = next;
      }
      throw routeError("UNKNOWN", call, `the listing has more than ${limits.pages} pages`);
    },
  };
}

/** A list in pieces of at most `size`. */
export function pieces<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, at) => list.slice(at * size, (at + 1) * size));
}
