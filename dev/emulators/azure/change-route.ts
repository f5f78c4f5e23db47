import * as z from "zod/mini";
import { familyOf, parseCidr } from "../../../shared/domain/cidr.ts";
import { isIpv4, isIpv6 } from "../../../shared/domain/ip-address.ts";
import type { Subject } from "../common/faults.ts";
import { invalid, notFound } from "./errors.ts";
import type { Asked } from "./paths.ts";
import { effectiveHop, keyOf, type State, type Table, withRoute } from "./state.ts";
import type { Route } from "./world.ts";

const HOPS = ["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"] as const;

/** What may be put: what the model of the SDK calls read-only may not. */
const PutRoute = z.strictObject({
  id: z.optional(z.string()),
  name: z.optional(z.string()),
  type: z.optional(z.string()),
  properties: z.strictObject({
    addressPrefix: z.string(),
    nextHopType: z.enum(HOPS),
    nextHopIpAddress: z.optional(z.string()),
  }),
});

/** A change that was accepted: the state while it goes on, and after it. `null`: nothing to do. */
export type Change = {
  readonly table: Table;
  readonly tableKey: string;
  readonly destination: string;
  /** Whether the route was made by it. */
  readonly isNew: boolean;
  readonly meanwhile: (state: State) => State;
  readonly after: (state: State, isWell: boolean) => State;
};

/** What a changing call is about, for the log and for faults. */
export function subjectOf(state: State, at: Asked, body: string): Subject {
  if (at.action.endsWith("/networkInterfaces/write")) {
    return { table: keyOf("networkInterfaces", at), destination: "", target: null };
  }
  const tableKey = keyOf("routeTables", at);
  const standing = state.tables.get(tableKey)?.routes.get(at.child.toLowerCase());
  const read = PutRoute.safeParse(parsed(body));
  const destination = read.success ? read.data.properties.addressPrefix : (standing?.addressPrefix ?? "");
  return {
    table: tableKey,
    destination,
    target: read.success ? (read.data.properties.nextHopIpAddress ?? null) : null,
  };
}

/** Checks a PUT of a route. Throws `ApiError`. */
export function putRoute(state: State, at: Asked, body: string): Change {
  const table = tableOf(state, at);
  const tableKey = keyOf("routeTables", at);
  if (!/^[A-Za-z0-9](?:[\w.-]{0,78}\w)?$/.test(at.child)) {
    throw invalid("InvalidResourceName", `Resource name ${at.child} is invalid.`);
  }
  const read = PutRoute.safeParse(parsed(body));
  if (!read.success) {
    const issue = read.error.issues[0];
    throw invalid(
      "InvalidRequestContent",
      `The request content is not valid: ${issue?.path.join(".")} ${issue?.message}`,
    );
  }
  const { addressPrefix, nextHopType, nextHopIpAddress } = read.data.properties;
  checkHop(addressPrefix, nextHopType, nextHopIpAddress);
  const standing = table.routes.get(at.child.toLowerCase());
  const others = [...table.routes.values()].filter((route) => route !== standing);
  const twin = others.find((route) => route.addressPrefix === addressPrefix);
  if (twin !== undefined) {
    throw invalid(
      "RouteConflict",
      `Route ${at.child} conflicts with route ${twin.name}: both are for ${addressPrefix}.`,
    );
  }
  if (others.length >= state.routeQuota) {
    const message = `Cannot create more than ${state.routeQuota} routes for route table ${table.name}.`;
    throw invalid("RouteCountLimitReached", message);
  }
  const wanted = { name: standing?.name ?? at.child, addressPrefix, nextHopType, nextHopIpAddress };
  // A new destination under an old name takes effect as a route of its own.
  const before = standing?.addressPrefix === addressPrefix ? effectiveHop(standing) : null;
  return {
    table,
    tableKey,
    destination: addressPrefix,
    isNew: standing === undefined,
    meanwhile: (now) =>
      withRoute(now, tableKey, at.child, { ...wanted, provisioningState: "Updating", effective: before }),
    after: (now, isWell) => {
      const route: Route = isWell
        ? { ...wanted, provisioningState: "Succeeded" }
        : { ...wanted, provisioningState: "Failed", effective: before };
      return withRoute(now, tableKey, at.child, route);
    },
  };
}

/** Checks a DELETE of a route; null when there is none. Throws `ApiError`. */
export function deleteRoute(state: State, at: Asked): Change | null {
  const table = tableOf(state, at);
  const tableKey = keyOf("routeTables", at);
  const standing = table.routes.get(at.child.toLowerCase());
  if (standing === undefined) return null;
  return {
    table,
    tableKey,
    destination: standing.addressPrefix,
    isNew: false,
    meanwhile: (now) => withRoute(now, tableKey, at.child, { ...standing, provisioningState: "Deleting" }),
    after: (now, isWell) =>
      withRoute(now, tableKey, at.child, isWell ? null : { ...standing, provisioningState: "Failed" }),
  };
}

export function tableOf(state: State, at: Asked): Table {
  const table = state.tables.get(keyOf("routeTables", at));
  if (table === undefined) throw notFound(at.path);
  return table;
}

function checkHop(prefix: string, nextHopType: string, ip: string | undefined): void {
  const read = parseCidr(prefix);
  const isTag = /^[A-Z][A-Za-z0-9.]{2,}$/.test(prefix);
  if (!("cidr" in read) && !isTag) {
    throw invalid("InvalidAddressPrefixFormat", `Address prefix ${prefix} is not valid.`);
  }
  if (nextHopType !== "VirtualAppliance") {
    if (ip !== undefined)
      throw invalid("InvalidNextHopIpAddress", `A next hop of type ${nextHopType} takes no address.`);
    return;
  }
  const family = "cidr" in read ? familyOf(read.cidr) : 4;
  if (ip === undefined || !(family === 4 ? isIpv4(ip) : isIpv6(ip))) {
    throw invalid("InvalidNextHopIpAddress", `The next hop address ${ip ?? "(none)"} is not valid for ${prefix}.`);
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
