import { ApiError, invalidValue } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

export type PageRules = { readonly least: number; readonly most: number; readonly idsParameter: string };
export type Page<T> = { readonly items: readonly T[]; readonly nextToken: string | undefined };

/** The part of `items` (sorted by id) that a call asks for. A page is never longer than `rules.most`, asked for or not. */
export function pageOf<T extends { readonly id: string }>(
  action: string,
  items: readonly T[],
  parameters: Parameters,
  rules: PageRules,
): Page<T> {
  const asked = parameters.text("MaxResults");
  if (asked !== undefined && parameters.list(rules.idsParameter).length > 0) {
    throw new ApiError(
      "InvalidParameterCombination",
      `The parameter ${rules.idsParameter} cannot be used with the parameter maxResults`,
    );
  }
  const size = asked === undefined ? rules.most : Number(asked);
  if (!Number.isInteger(size) || size < rules.least || size > rules.most) {
    throw invalidValue("maxResults", asked ?? "", `Expecting a value between ${rules.least} and ${rules.most}.`);
  }
  const after = startOf(action, parameters.text("NextToken"));
  const rest = items.filter((item) => item.id > after);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  return { items: page, nextToken: last !== undefined && rest.length > size ? tokenFor(action, last.id) : undefined };
}

function tokenFor(action: string, lastId: string): string {
  return Buffer.from(JSON.stringify([action, lastId])).toString("base64url");
}

function startOf(action: string, token: string | undefined): string {
  if (token === undefined) return "";
  try {
    const read: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    if (Array.isArray(read) && read[0] === action && typeof read[1] === "string") return read[1];
  } catch {
    // The token is not one of ours: the same answer as for one of another action.
  }
  throw new ApiError("InvalidNextToken", `The token '${token}' is invalid`);
}
