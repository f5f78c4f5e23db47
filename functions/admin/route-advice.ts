import type { RouteErrorCode } from "../../shared/domain/errors.ts";

const advice: Readonly<Record<RouteErrorCode, string>> = {
  THROTTLED: "the cloud slows calls down; they are retried. Look for something else that calls its API a lot",
  LOCKED: "the cloud is changing the table for somebody else; it is retried",
  TIMED_OUT: "the cloud's API does not answer; it is retried. Look at the cloud's status page",
  UNREACHABLE: "the cloud's API cannot be reached from the routes function; check its network and the region",
  CLOUD_FAULT: "the cloud's API has a fault; it is retried. Look at the cloud's status page",
  DENIED: "the routes function lacks a permission on this table: check its role, assumeRole and the table's tags",
  TABLE_MISSING: "the table does not exist: correct routeTables in the network file",
  TARGET_MISSING: "the host's interface was not found: correct its target, or tag the interface pointsman:host=ID",
  TARGET_NOT_ALLOWED: "the interface may not be used: check that it is in the VPC and has the tag pointsman:host=ID",
  TARGET_AMBIGUOUS: "several interfaces fit: name one as the host's target",
  ROUTE_EXISTS: "somebody else made this route: adopt it with `pointsman adopt`, or remove it",
  ROUTE_MISSING: "the route went away while it was changed; it is made again",
  QUOTA: "the table is full: raise the cloud's quota of routes a table, or remove routes",
  INVALID: "the cloud does not take this route: check destination and target in the network file",
  SUPERSEDED: "a newer decision took over; nothing to do",
  UNKNOWN: "look into the log of the routes function",
};

/** What a person should do about a route error, by its code. */
export function routeAdvice(code: string): string {
  return Object.entries(advice).find(([known]) => known === code)?.[1] ?? advice.UNKNOWN;
}
