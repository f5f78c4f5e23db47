import * as z from "zod/mini";
import { DatabaseError, InputError, type Mistake } from "../../shared/domain/errors.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Log } from "../../shared/ports/log.ts";
import { Refusal } from "./refusal.ts";

/** What a handler answers: a body for JSON, and a status other than 200. */
export type Answer = { readonly status?: number; readonly body: unknown };

/** A JSON response that no cache may keep. */
export function jsonResponse(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
  });
}

/** Turns whatever a handler threw into an answer: never a stack, never the text of an unexpected error. */
export function errorResponse(error: unknown, log: Log): Response {
  const refusal = asRefusal(error, log);
  const mistakes = refusal.mistakes === undefined ? {} : { mistakes: refusal.mistakes };
  const body = { error: { code: refusal.code, message: refusal.message, ...mistakes, next: refusal.next } };
  return jsonResponse(refusal.status, body, refusal.headers);
}

function asRefusal(error: unknown, log: Log): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof InputError) {
    return new Refusal(422, "invalid-network", "the network file has mistakes", {
      mistakes: error.mistakes,
      next: "correct them and try again; `pointsman validate FILE` checks a file without a server",
    });
  }
  if (error instanceof DatabaseError) {
    log.error("admin: the database cannot be asked", { code: error.code });
    return new Refusal(503, "database-unavailable", `the database cannot be asked (${error.code})`, {
      next: error.next,
      headers: { "retry-after": "2" },
    });
  }
  log.error("admin: unexpected error", { name: error instanceof Error ? error.name : typeof error });
  return new Refusal(500, "internal", "the admin function failed", {
    next: "look into its log; if it happens again, report it with the log line",
  });
}

/**
 * Reads a JSON body of at most `limits.adminBodyBytes` and checks it. No body counts as `{}`.
 * Throws `Refusal` 413, 400 invalid-json, or 400 invalid-request with every mistake.
 */
export async function readBody<S extends z.ZodMiniType>(request: Request, schema: S): Promise<z.output<S>> {
  const text = await readText(request);
  let value: unknown;
  try {
    value = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new Refusal(400, "invalid-json", "the body is not JSON", { next: "send a JSON object in UTF-8" });
  }
  return check(schema, value);
}

/** Checks a value that came from outside. Throws `Refusal` 400 with every mistake. */
export function check<S extends z.ZodMiniType>(schema: S, value: unknown): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const mistakes = result.error.issues.flatMap((issue) => mistakesOf(issue, value));
  throw new Refusal(400, "invalid-request", "the request is not as this call takes it", {
    mistakes: mistakes.slice(0, limits.adminMistakes),
    next: "correct the fields that are named",
  });
}

type Issue = z.core.$ZodIssue;

function mistakesOf(issue: Issue, root: unknown): readonly Mistake[] {
  const at = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, limits.adminMistakes).map((key) => ({
      field: cut([...at, key].join(".")),
      value: shown(root, [...at, key]),
      reason: "unknown field",
    }));
  }
  return [{ field: cut(at.join(".")) || "the body", value: shown(root, at), reason: reasonOf(issue) }];
}

/** The schemas come without words of their own where a value has the wrong type or size. */
function reasonOf(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `not ${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
    case "too_big":
      return `more than ${issue.maximum}${issue.origin === "string" ? " characters" : ""}`;
    case "too_small":
      return `less than ${issue.minimum}`;
    default:
      return issue.message;
  }
}

function shown(root: unknown, path: readonly string[]): string {
  let value: unknown = root;
  for (const step of path) value = typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
  return value === undefined ? "nothing" : cut(JSON.stringify(outline(value, 2)));
}

/** What stands in one another deeper than `depth` is left out: a body may be deeper than the stack. */
function outline(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) return "…";
  if (Array.isArray(value)) return value.slice(0, shownChars).map((one) => outline(one, depth - 1));
  const entries = Object.entries(value).slice(0, shownChars);
  return Object.fromEntries(entries.map(([key, one]) => [key, outline(one, depth - 1)]));
}

const shownChars = 60;

function cut(text: string): string {
  return text.length <= shownChars ? text : `${text.slice(0, shownChars)}…`;
}

async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > limits.adminBodyBytes) throw tooLarge();
  if (request.body === null) return "";
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > limits.adminBodyBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    parts.push(part.value);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    throw new Refusal(400, "invalid-json", "the body is not UTF-8", { next: "send a JSON object in UTF-8" });
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, "too-large", `the body is larger than ${limits.adminBodyBytes} bytes`, {
    next: "send a smaller network file",
  });
}
