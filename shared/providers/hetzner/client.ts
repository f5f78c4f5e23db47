import type * as z from "zod/mini";
import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import { callerOf } from "../common/call.ts";
import { tried } from "../common/pace.ts";
import type { Allowance } from "./allowance.ts";
import { ErrorAnswer } from "./answers.ts";
import { ApiRefusal, type Call, routeError, TokenRefused, translate } from "./errors.ts";
import type { TokenSource } from "./identity.ts";

export const { attempt, attemptRead, allPages } = callerOf<Call>({ translate, routeError });

/** How one project's API is called. */
export type HetznerClient = {
  readonly clock: Clock;
  readonly allowance: Allowance;
  /** The secret that the token is in, for messages. */
  readonly secret: string;
  /** Reads, again when its error says so, and with a new token when the one in use was refused. Throws `RouteError`. */
  get<T>(call: Call, path: string, answer: z.ZodMiniType<T>, signal: AbortSignal): Promise<T>;
  /**
   * One attempt to begin a change. Throws `RouteError`, `TokenRefused` when the token was refused: after `renew` the
   * same call may be attempted again.
   */
  post<T>(call: Call, path: string, body: object, answer: z.ZodMiniType<T>): Promise<T>;
  /** Resolves when there is a token to call with, or when there will be none; at the latest when the signal aborts. */
  entered(signal: AbortSignal): Promise<void>;
  /** Reads the token anew the next time. */
  renew(): void;
};

/** `url`: where the API is, with its version, such as `https://api.hetzner.cloud/v1`. */
export type ClientParts = {
  readonly clock: Clock;
  readonly allowance: Allowance;
  readonly token: TokenSource;
  readonly secret: string;
  readonly url: string;
  readonly fetch: typeof fetch;
};

export function hetznerClient(parts: ClientParts): HetznerClient {
  const { clock, allowance, token, secret, url } = parts;

  const send = async <T>(
    call: Call,
    request: { readonly method: "GET" | "POST"; readonly path: string; readonly body?: object },
    answer: z.ZodMiniType<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    const authorization = `Bearer ${await token.read()}`;
    allowance.spent();
    const response = await parts.fetch(`${url}${request.path}`, {
      method: request.method,
      headers: {
        authorization,
        accept: "application/json",
        ...(request.body && { "content-type": "application/json" }),
      },
      // A token is sent to nobody that a redirect names.
      redirect: "error",
      signal,
      ...(request.body && { body: JSON.stringify(request.body) }),
    });
    allowance.told(response.headers, response.status === 429);
    const text = await response.text();
    if (!response.ok) throw refusalOf(response.status, text);
    const read = answer.safeParse(jsonOf(text));
    if (read.success) return read.data;
    throw routeError("UNKNOWN", call, `the answer cannot be understood: ${read.error.issues[0]?.path.join(".")}`);
  };

  return {
    clock,
    allowance,
    secret,
    async get(call, path, answer, signal) {
      const read = () =>
        attemptRead(clock, call, (abort) => send(call, { method: "GET", path }, answer, abort), signal);
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof TokenRefused)) throw error;
        token.forget();
        return read();
      }
    },
    post: (call, path, body, answer) =>
      attempt(clock, call, (abort) => send(call, { method: "POST", path, body }, answer, abort)),
    async entered(signal) {
      const over = new AbortController();
      const waited = clock.sleep(limits.routeCallMs, AbortSignal.any([signal, over.signal]));
      await Promise.race([tried(() => token.read()), waited]);
      over.abort();
    },
    renew: () => token.forget(),
  };
}

function refusalOf(status: number, text: string): ApiRefusal {
  const read = ErrorAnswer.safeParse(jsonOf(text));
  if (!read.success) return new ApiRefusal(status, "", `answered with status ${status}`);
  const { code, message } = read.data.error;
  return new ApiRefusal(status, code, `${message} (${code})`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
