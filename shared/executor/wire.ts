import type * as z from "zod/mini";
import { RouteError } from "../domain/errors.ts";
import { redacted } from "../domain/redact.ts";
import type { Route, RouteChange, TableRef } from "../domain/routes.ts";
import { executorLimits } from "./limits.ts";
import type { WireChange, WireError, WireRoute } from "./messages.ts";

type SentRoute = z.infer<typeof WireRoute>;

/** An error as it is told to the other side: without what could be a secret, on one line, its cause left behind. */
export function errorOut({ code, message, next, retry }: RouteError): WireError {
  return { code, message: plain(message), next: plain(next), retry };
}

/** An error that the other side told; redacted again, since the other side may not have. */
export function errorIn({ code, message, next, retry }: WireError, executorId: string): RouteError {
  return new RouteError(code, `executor ${executorId}: ${plain(message)}`, { retry, next: plain(next) });
}

/** A text on one line that an error may carry over the wire. */
export function plain(text: string): string {
  const line = redacted(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " "));
  return line.length <= executorLimits.errorChars ? line : `${line.slice(0, executorLimits.errorChars - 1)}…`;
}

/** Routes with their tables by place in `tables`. */
export function routesOut(routes: readonly Route[], tables: readonly TableRef[]): SentRoute[] {
  const places = placesOf(tables);
  return routes.map(({ table, destination, target, state, isStatic, residue, warning }) => ({
    t: places.get(table.key) ?? tables.length,
    destination,
    target,
    state,
    isStatic,
    ...(residue && { residue }),
    ...(warning !== undefined && { warning: plain(warning) }),
  }));
}

/** The routes of a list of tables; undefined when one is of no table in it. */
export function routesIn(routes: readonly SentRoute[], tables: readonly TableRef[]): readonly Route[] | undefined {
  const found: Route[] = [];
  for (const { t, ...route } of routes) {
    const table = tables[t];
    if (table === undefined) return undefined;
    found.push({ table, ...route });
  }
  return found;
}

/** Changes with their tables in a list of their own. */
export function changesOut(changes: readonly RouteChange[]): {
  readonly tables: readonly TableRef[];
  readonly changes: readonly WireChange[];
} {
  const tables = [...new Map(changes.map(({ table }) => [table.key, table])).values()];
  const places = placesOf(tables);
  return { tables, changes: changes.map(({ table, ...change }) => ({ t: places.get(table.key) ?? 0, ...change })) };
}

/** The changes of a request; undefined when one is of no table in its list. */
export function changesIn(
  changes: readonly WireChange[],
  tables: readonly TableRef[],
): readonly RouteChange[] | undefined {
  const found: RouteChange[] = [];
  for (const { t, ...change } of changes) {
    const table = tables[t];
    if (table === undefined) return undefined;
    found.push({ table, ...change });
  }
  return found;
}

function placesOf(tables: readonly TableRef[]): ReadonlyMap<string, number> {
  return new Map(tables.map(({ key }, at) => [key, at]));
}
