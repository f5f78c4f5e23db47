import type { HttpRequest } from "../common/http-server.ts";
import { apiError, invalidField } from "./errors.ts";

/** What a request asks for. `id`: of the network, server or action in its path. */
export type Operation = { readonly name: string; readonly id: number; readonly query: URLSearchParams };

/** Every operation that is emulated, and the parameters of its query. Repeatable ones may stand several times. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  "GET /firewalls": ["name", "label_selector", "sort", "page", "per_page"],
  "GET /networks": ["name", "label_selector", "page", "per_page"],
  "GET /networks/{id}": [],
  "GET /networks/{id}/actions": ["status", "sort", "page", "per_page"],
  "POST /networks/{id}/actions/add_route": [],
  "POST /networks/{id}/actions/delete_route": [],
  "GET /servers": ["name", "label_selector", "status", "sort", "page", "per_page"],
  "GET /servers/{id}": [],
  "GET /actions/{id}": [],
};

/** The operations that are emulated, such as `GET /networks/{id}`. */
export const HETZNER_OPERATIONS: readonly string[] = Object.keys(OPERATIONS);

/** Throws `ApiError` when there is no such operation, or it has no such parameter. */
export function operationOf({ method, path }: Pick<HttpRequest, "method" | "path">): Operation {
  const url = new URL(path, "http://emulator");
  const id = /\/(\d+)/.exec(url.pathname)?.[1] ?? "";
  const name = `${method} ${url.pathname.replace(/^\/v1(?=\/)/, "").replace(/\/\d+/, "/{id}")}`;
  const parameters = OPERATIONS[name];
  if (parameters === undefined || !url.pathname.startsWith("/v1/")) {
    throw apiError("not_found", `no such operation: ${name}`);
  }
  for (const parameter of url.searchParams.keys()) {
    if (!parameters.includes(parameter)) throw invalidField(parameter, "is not a parameter");
  }
  return { name, id: Number(id), query: url.searchParams };
}

const MOST_PER_PAGE = 50;

/** One page of a list, with what the API tells of it. Throws `ApiError`. */
export function pageOf<T>(all: readonly T[], query: URLSearchParams): { readonly page: readonly T[]; meta: unknown } {
  const page = numberOf(query, "page", 1);
  const perPage = numberOf(query, "per_page", 25);
  if (perPage > MOST_PER_PAGE) throw invalidField("per_page", `must be at most ${MOST_PER_PAGE}`);
  const last = Math.max(1, Math.ceil(all.length / perPage));
  const pagination = {
    page,
    per_page: perPage,
    previous_page: page > 1 ? page - 1 : null,
    next_page: page < last ? page + 1 : null,
    last_page: last,
    total_entries: all.length,
  };
  return { page: all.slice((page - 1) * perPage, page * perPage), meta: { pagination } };
}

function numberOf(query: URLSearchParams, name: string, without: number): number {
  const text = query.get(name);
  if (text === null) return without;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalidField(name, "is not a positive number");
  return Number(text);
}

/** Whether labels are as a selector says: `key`, `!key`, `key=value`, `key==value` and `key!=value`, joined by commas. */
export function isSelected(labels: Readonly<Record<string, string>>, selector: string | null): boolean {
  if (selector === null || selector === "") return true;
  return selector.split(",").every((part) => {
    const match = /^(!?)([\w./-]+)(?:(==?|!=)([\w.-]*))?$/.exec(part.trim());
    if (match === null) throw invalidField("label_selector", `is not understood: ${part}`);
    const [, not, key = "", operator, value] = match;
    const stands = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (operator === undefined) return (stands === undefined) === (not === "!");
    return (stands === value) === (operator !== "!=");
  });
}
