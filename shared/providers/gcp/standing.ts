import { parseCidr } from "../../domain/cidr.ts";
import { epochOf, ownPrefix } from "./names.ts";
import { pathOf, targetOf } from "./next-hop.ts";
import type { GoogleRoute } from "./resources.ts";

/** A route that takes packets for one destination in one network. */
export type Standing = {
  readonly name: string;
  readonly target: string;
  readonly priority: number;
  /** Whether the name says that it was made for the location and destination in question, and by which decision: -1 for none of them. */
  readonly isOurs: boolean;
  readonly epoch: number;
  /** Wall clock of Google's, ms. */
  readonly createdMs?: number;
  /** What Google says is wrong with it. */
  readonly warning: string | undefined;
};

/** What says that packets which a route takes arrive nowhere. */
const DEAD: ReadonlySet<string> = new Set([
  "NEXT_HOP_ADDRESS_NOT_ASSIGNED",
  "NEXT_HOP_CANNOT_IP_FORWARD",
  "NEXT_HOP_INSTANCE_HAS_NO_IPV6_INTERFACE",
  "NEXT_HOP_INSTANCE_NOT_FOUND",
  "NEXT_HOP_INSTANCE_NOT_ON_NETWORK",
  "NEXT_HOP_NOT_RUNNING",
]);

/** `projects/…` of a network by its name. */
export function networkPath(project: string, network: string): string {
  return `projects/${project}/global/networks/${network}`;
}

/** Whether a route stands in a network (by name) of a project. */
export function isIn(route: GoogleRoute, project: string, network: string): boolean {
  return pathOf(route.network) === networkPath(project, network);
}

/** Whether a route is one that somebody made: not a subnet's, a peering's or a router's. */
export function isStatic({ routeType, nextHopNetwork, nextHopPeering, nextHopHub }: GoogleRoute): boolean {
  const isMade = (routeType ?? "STATIC") === "STATIC";
  return isMade && nextHopNetwork === undefined && nextHopPeering === undefined && nextHopHub === undefined;
}

/** The destination in the form that the rest of Pointsman uses. */
export function destinationOf({ destRange }: GoogleRoute): string {
  const read = parseCidr(destRange);
  return "cidr" in read ? read.cidr : (read.canonical ?? destRange);
}

/** A route as it stands for a destination of a location. */
export function standingOf(route: GoogleRoute, locationId: string, destination: string): Standing {
  const { name, priority } = route;
  const isOurs = name.startsWith(ownPrefix(locationId, destination));
  // The epochs of another location are of no account here.
  const epoch = isOurs ? epochOf(name) : -1;
  const createdMs = Date.parse(route.creationTimestamp ?? "");
  const known = { name, priority, target: targetOf(route), isOurs, epoch, warning: warningOf(route) };
  return { ...known, ...(Number.isFinite(createdMs) && { createdMs }) };
}

/**
 * The route that carries the traffic: the one with the lowest number. Among equal ones Google spreads the traffic; a
 * route that is not ours is then told first, since no change of ours ends that, and of ours the newest.
 */
export function carrierOf(standing: readonly Standing[]): Standing | undefined {
  return [...standing].sort(
    (a, b) => a.priority - b.priority || Number(a.isOurs) - Number(b.isOurs) || b.epoch - a.epoch,
  )[0];
}

/**
 * Whether a route that is not ours, and carries the traffic, may be the one that a change was planned for. None of ours is
 * made where another one stands, unless that was given to us: one that came after ours, to the same target, was not.
 */
export function isGiven(carrier: Standing, standing: readonly Standing[], found: string): boolean {
  if (carrier.isOurs || carrier.target !== found) return false;
  const { createdMs = 0 } = carrier;
  return !standing.some((route) => route.isOurs && route.target === found && (route.createdMs ?? 0) < createdMs);
}

function warningOf({ warnings }: GoogleRoute): string | undefined {
  const dead = warnings.find(({ code }) => DEAD.has(code ?? ""));
  return dead && [dead.code, dead.message].filter((part) => part !== undefined).join(": ");
}
