import type { Conditions } from "../common/faults.ts";
import type { HttpRequest } from "../common/http-server.ts";
import { routeBody } from "./bodies.ts";
import { putInterface } from "./change-interface.ts";
import { type Change, deleteRoute, putRoute } from "./change-route.ts";
import type { Settings } from "./control.ts";
import { ApiError, locked, notFound } from "./errors.ts";
import type { Operations } from "./operations.ts";
import { API_VERSION, type Asked } from "./paths.ts";
import { readResource } from "./read.ts";
import type { State } from "./state.ts";

/** What carrying out a call needs of the emulator. */
export type Runtime = {
  readonly random: () => number;
  readonly conditions: Conditions;
  readonly settings: Settings;
  readonly operations: Operations;
  current(): State;
  past(lagMs: number): State;
  edit(change: (state: State) => State): void;
};

export type Result = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Carries a call out. Throws `ApiError`. `origin`: where the emulator is reached. */
export function run(inside: Runtime, at: Asked, request: HttpRequest, origin: string): Result {
  if (at.action.includes("/locations/")) return operationState(inside, at);
  if (!at.isChange) {
    const state = inside.past(inside.conditions.readLagMs * inside.random());
    return { status: 200, body: readResource(state, at, origin, inside.settings.pageSize) };
  }
  if (at.action.endsWith("/networkInterfaces/write")) {
    inside.edit((state) => putInterface(state, at, request.body, request.headers["if-match"]));
    return { status: 200, body: readResource(inside.current(), asReading(at), origin, inside.settings.pageSize) };
  }
  const isPut = request.method === "PUT";
  const state = inside.current();
  const change = isPut ? putRoute(state, at, request.body) : deleteRoute(state, at);
  if (change === null) return { status: 204 };
  const urlOf = (kind: string, id: string) =>
    `${origin}/subscriptions/${at.subscription}/providers/Microsoft.Network/locations/${change.table.location}/${kind}/${id}?api-version=${API_VERSION}`;
  const holding = inside.operations.holding(change.tableKey);
  if (holding !== undefined) throw locked(urlOf("operations", holding.id));
  const id = begun(inside, change);
  const headers = { "azure-asyncoperation": urlOf("operations", id) };
  if (!isPut) return { status: 202, headers: { ...headers, location: urlOf("operationResults", id) } };
  const table = inside.current().tables.get(change.tableKey);
  const route = table?.routes.get(at.child.toLowerCase());
  const body = table && route && routeBody(table, route);
  return { status: change.isNew ? 201 : 200, headers, body };
}

const asReading = (at: Asked): Asked => ({ ...at, action: at.action.replace(/write$/, "read"), isChange: false });

function begun(inside: Runtime, change: Change): string {
  inside.edit(change.meanwhile);
  return inside.operations.begin(change.tableKey, change.destination, (isWell) =>
    inside.edit((state) => change.after(state, isWell)),
  );
}

/** How an operation goes on; what asks for its result instead is answered 202 until there is one. */
function operationState({ operations }: Runtime, at: Asked): Result {
  const operation = operations.find(at.child);
  if (operation === undefined) throw notFound(at.path);
  const { outcome } = operation;
  if (at.action.endsWith("operationResults/read")) {
    if (outcome === "in progress") return { status: 202 };
    if (outcome === "succeeded") return { status: 204 };
    throw new ApiError(409, outcome.code, outcome.message);
  }
  if (outcome === "in progress") return { status: 200, body: { status: "InProgress" } };
  if (outcome === "succeeded") return { status: 200, body: { status: "Succeeded" } };
  return { status: 200, body: { status: "Failed", error: outcome } };
}
