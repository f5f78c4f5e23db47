import { tried } from "../common/pace.ts";
import { GoogleRefusal } from "./errors.ts";
import type { Authority } from "./identity.ts";

export type ComputeRequest = {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/compute/v1/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
};

export type ComputeClient = {
  /** Makes one attempt of one request; the JSON that was answered. Throws `GoogleRefusal`, or what the network threw. */
  (request: ComputeRequest, signal: AbortSignal): Promise<unknown>;
  /** Resolves when there is a token to call with, or when there will be none. */
  entered(): Promise<void>;
};

/** How an HTTP request is made: `fetch`, or what a test puts in its place. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * A client of the REST API of Compute Engine at `endpoint` (without a path), or of another API of Google at `path`. It repeats nothing by itself: a changing
 * call that is repeated blindly could land after a newer decision.
 */
export function computeClient(
  endpoint: string,
  authority: Authority,
  send: Fetch = fetch,
  path = "compute/v1/",
): ComputeClient {
  const base = `${endpoint.replace(/\/+$/, "")}/${path}`;
  const call = async ({ method, path, query, body }: ComputeRequest, signal: AbortSignal): Promise<unknown> => {
    const text = new URLSearchParams(query).toString();
    const answer = await send(`${base}${path}${text === "" ? "" : `?${text}`}`, {
      method,
      headers: {
        ...(await shown(authority, signal)),
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "error",
      signal,
    });
    const given = parsed(await answer.text());
    if (answer.ok) return given;
    // A token that was refused is not shown again: the account may have got another key or role meanwhile.
    if (answer.status === 401) authority.forget();
    throw refusalOf(answer.status, given);
  };
  return Object.assign(call, { entered: () => tried(() => authority.headers()) });
}

/**
 * The headers of an authority. Its errors hold the request that was refused, with what signs it: only what they say is
 * passed on. One that hangs, since the container was frozen meanwhile, is begun anew by whoever comes next.
 */
async function shown(authority: Authority, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  const giveUp = () => authority.forget();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await authority.headers();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = textOf(fieldOf(error, "code"));
    if (/^(?:E[A-Z_]+|UND_ERR_[A-Z_]+)$/.test(code)) throw Object.assign(new Error(message), { code });
    const status = Number(fieldOf(error, "status") ?? fieldOf(fieldOf(error, "response"), "status") ?? 401);
    throw new GoogleRefusal(status, status === 429 || status >= 500 ? "" : "authError", message);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The error of an answer: `{ error: { message, errors: [{ reason }] } }`. */
function refusalOf(status: number, given: unknown): GoogleRefusal {
  const error = fieldOf(given, "error");
  const [first] = listOf(fieldOf(error, "errors"));
  const message = textOf(fieldOf(error, "message")) || (typeof given === "string" ? given : "");
  return new GoogleRefusal(status, textOf(fieldOf(first, "reason")), message || `HTTP status ${status}`);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
