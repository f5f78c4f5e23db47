import { parseCidr } from "../../../shared/domain/cidr.ts";
import { ApiError, invalid, notFound } from "./errors.ts";
import type { State, Table } from "./state.ts";
import { asStored } from "./state.ts";
import { RouteRule } from "./world.ts";

const KINDS = ["drg", "internetgateway", "natgateway", "servicegateway", "localpeeringgateway", "privateip"];

/**
 * The rules of a request as OCI keeps them. Throws `ApiError` for what OCI refuses. A rule that stands already is not
 * looked at again, though its target be gone; rules that OCI made itself stay, whether the request names them or not.
 */
export function checkedRules(state: State, table: Table, given: unknown): readonly RouteRule[] {
  if (!Array.isArray(given)) throw invalid("routeRules must be a list");
  const standing = new Set(table.rules.map(textOf));
  const rules = given.map((entry: unknown) => {
    const parsed = RouteRule.safeParse(entry);
    if (!parsed.success) throw invalid(`routeRules: ${parsed.error.issues[0]?.message ?? "not a rule"}`);
    if (parsed.data.cidrBlock !== undefined && parsed.data.destination !== undefined) {
      throw invalid("cidrBlock and destination cannot both be given");
    }
    const rule = asStored(parsed.data);
    // The old name of the destination is not kept for what was sent under the new one.
    if (!standing.has(textOf(rule))) checkRule(state, table, rule);
    return rule;
  });
  const made = rules.filter(({ routeType }) => routeType !== "LOCAL");
  const all = [...table.rules.filter(({ routeType }) => routeType === "LOCAL"), ...made];
  const destinations = made.map(({ destination }) => destination);
  const double = destinations.find((destination, at) => destinations.indexOf(destination) !== at);
  if (double !== undefined) throw invalid(`Route rules must not have the same destination: ${double}`);
  if (made.length > state.ruleQuota) {
    throw new ApiError(400, "LimitExceeded", `The number of route rules exceeds the limit of ${state.ruleQuota}`);
  }
  return all;
}

/** A rule as text that does not change with the order of its fields, nor with the name that its destination goes by. */
function textOf(rule: RouteRule): string {
  const { cidrBlock: _, ...rest } = rule;
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function checkRule(state: State, table: Table, rule: RouteRule): void {
  const { destination = "", destinationType, networkEntityId: target } = rule;
  if (rule.routeType === "LOCAL") throw invalid("routeType LOCAL is for rules that OCI makes");
  if (destination === "") throw invalid("destination is required");
  if (destinationType === undefined) throw invalid("destinationType is required with destination");
  const [, kind = ""] = /^ocid1\.([a-z]+)\.[a-z0-9]+\.[a-z0-9-]*\..+$/.exec(target) ?? [];
  if (!KINDS.includes(kind)) {
    throw invalid(`The requested networkEntityId ${target} is invalid: Invalid entity type in Id ${target}`);
  }
  if (destinationType === "SERVICE_CIDR_BLOCK") {
    if (kind !== "servicegateway") throw invalid(`A rule for ${destination} needs a service gateway as its target`);
    return;
  }
  const cidr = parseCidr(destination);
  if (!("cidr" in cidr) || cidr.cidr !== destination) throw invalid(`destination ${destination} is not a valid CIDR`);
  if (destination.includes(":") && kind !== "drg" && kind !== "internetgateway") {
    throw invalid(`An IPv6 destination needs a DRG or an internet gateway as its target, not ${target}`);
  }
  if (kind === "privateip") checkPrivateIp(state, table, target);
}

function checkPrivateIp(state: State, table: Table, target: string): void {
  const ip = state.privateIps.get(target);
  if (ip === undefined) throw notFound();
  const refuse = (why: string) => invalid(`PrivateIP {${target}} is an invalid route target. {${why}}.`);
  if (state.subnets.get(ip.subnet)?.vcn !== table.vcn)
    throw refuse("The Private IP is not in the VCN of the route table.");
  if (ip.vnic !== null && state.vnics.get(ip.vnic)?.skipSourceDestCheck !== true) {
    throw refuse("The Private IP is attached to a VNIC whose SRC/DST check is enabled.");
  }
}
