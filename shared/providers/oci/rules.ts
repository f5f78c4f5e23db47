import { RouteRule } from "oci-core/lib/model/route-rule.js";
import { parseCidr } from "../../domain/cidr.ts";
import type { RouteErrorCode } from "../../domain/errors.ts";
import type { RouteChange } from "../../domain/routes.ts";
import { isAnew } from "../common/write-run.ts";

/** What the rules that we make are described by. */
const DESCRIPTION = "pointsman";

/**
 * What becomes of changes in a table as it was read: the rules to send, and the changes that they carry; those that
 * stand already; and those whose place does not hold what they were planned for.
 */
export type Merged = {
  readonly rules: RouteRule[];
  readonly carried: readonly RouteChange[];
  readonly inPlace: readonly RouteChange[];
  readonly misfits: readonly { readonly change: RouteChange; readonly code: Misfit; readonly stands: string }[];
};
type Misfit = Extract<RouteErrorCode, "ROUTE_EXISTS" | "ROUTE_MISSING">;

/** Where a rule leads, as routes name it: a canonical CIDR, or the name of a set of services. */
export function destinationOf(rule: RouteRule): string {
  const text = rule.destination ?? rule.cidrBlock ?? "";
  if (!isCidrRule(rule)) return text;
  const read = parseCidr(text);
  return "cidr" in read ? read.cidr : (read.canonical ?? text);
}

/** Whether a rule is for addresses, and made by whoever has the table. */
export function isStaticRule(rule: RouteRule): boolean {
  return isCidrRule(rule) && rule.routeType !== RouteRule.RouteType.Local;
}

function isCidrRule({ destinationType }: RouteRule): boolean {
  return destinationType !== RouteRule.DestinationType.ServiceCidrBlock;
}

/**
 * Merges changes into the rules of a table. Every other rule stays as it was, with all of its fields; OCI refuses a
 * rule that has its destination twice, so that the old name of it is left out where the new one says the same.
 */
export function mergeRules(found: readonly RouteRule[], changes: readonly RouteChange[]): Merged {
  const places = new Map<string, number>();
  for (const [at, rule] of found.entries()) if (isStaticRule(rule)) places.set(destinationOf(rule), at);
  const rules: (RouteRule | null)[] = found.map(withoutDouble);
  const added: RouteRule[] = [];
  const carried: RouteChange[] = [];
  const inPlace: RouteChange[] = [];
  const misfits: { change: RouteChange; code: Misfit; stands: string }[] = [];
  for (const change of changes) {
    const at = places.get(change.destination);
    const stands = at === undefined ? undefined : found[at];
    const verdict = judge(change, stands?.networkEntityId);
    if (verdict === "in-place" && !isToBeSent(change)) inPlace.push(change);
    else if (verdict !== "carry" && verdict !== "in-place")
      misfits.push({ change, code: verdict, stands: stands?.networkEntityId ?? "" });
    else {
      carried.push(change);
      if (change.kind === "create") added.push(ruleOf(change.destination, change.target));
      else if (at !== undefined) {
        rules[at] = change.kind === "remove" ? null : ruleOf(change.destination, change.target, stands?.description);
      }
    }
  }
  return { rules: [...rules.filter((rule) => rule !== null), ...added], carried, inPlace, misfits };
}

/**
 * Whether a rule that stands is sent again: it was planned though it was read in place. Reads may be old, which the etag
 * tells, and what an older decision has sent is refused once ours has landed. Rules that no decision moves need none of it.
 */
function isToBeSent(change: RouteChange): boolean {
  return isAnew(change) && change.table.holds?.kind !== "fixed";
}

/** Whether a change fits to the target that stands at its place. */
export function judge(change: RouteChange, stands: string | undefined): "carry" | "in-place" | Misfit {
  if (change.kind === "create") return stands === undefined ? "carry" : "ROUTE_EXISTS";
  if (stands === undefined) return "ROUTE_MISSING";
  if (change.kind === "replace" && stands === change.target) return "in-place";
  return stands === change.found ? "carry" : "ROUTE_EXISTS";
}

/** What an operator described stays described so. */
function ruleOf(destination: string, target: string, description?: string): RouteRule {
  return {
    destination,
    destinationType: RouteRule.DestinationType.CidrBlock,
    networkEntityId: target,
    description: description || DESCRIPTION,
  };
}

function withoutDouble(rule: RouteRule): RouteRule {
  if (rule.cidrBlock !== rule.destination || rule.cidrBlock === undefined) return rule;
  const { cidrBlock: _, ...rest } = rule;
  return rest;
}
