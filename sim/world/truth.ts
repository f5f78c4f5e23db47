import type { Id } from "../../shared/domain/ids.ts";
import type { Host, HostPlace, Link, Location, Network } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Shape } from "./shape.ts";

/** What is really so with a host, whatever anybody believes. Times are true times, ms; 0 for never. */
export type HostTruth = {
  readonly hostId: Id;
  /** Its process runs, is not frozen, and has not said good-bye. */
  readonly isUp: boolean;
  /** Since when that is as it is. */
  readonly sinceMs: number;
  /** When its last genuine heartbeat was signed. */
  readonly signedMs: number;
  /** When the newest of its heartbeats that a function answered with 200 was signed. */
  readonly heardMs: number;
  /** Whether a request of it reaches the endpoint and the answer comes back. */
  readonly isConnected: boolean;
  /** How far its clock is off now. ms */
  readonly clockOffsetMs: number;
  /** It reports an address, host checks or tunnels that are not true. */
  readonly isLying: boolean;
  /** It is heard, and forwards nothing. */
  readonly isForwardingDead: boolean;
  /** Whether its last good answer told it that it is active. */
  readonly holdsTunnels: boolean;
};

/** A route that really stands in a table. `by`: who put it there last. */
export type StandingRoute = {
  readonly destination: string;
  readonly target: string;
  readonly isBlackhole: boolean;
  readonly by: "pointsman" | "somebody";
  readonly atMs: number;
};

/** A decision with the true time of its commit. */
export type Committed = { readonly decision: Decision; readonly atMs: number };

/** The world as it really is: for those who judge, never for those who are judged. */
export type Truth = {
  readonly shape: Shape;
  nowMs(): number;
  /** The configurations that were ever in force, oldest first, and since when. */
  readonly networks: readonly { readonly network: Network; readonly atMs: number }[];
  readonly network: Network;
  readonly link: Link | undefined;
  place(hostId: Id): HostPlace | undefined;
  /** By id, in the newest configuration. */
  location(locationId: Id): Location | undefined;
  /** All commits of a location, oldest first; empty before the first. */
  decisions(locationId: Id): readonly Committed[];
  host(hostId: Id): HostTruth | undefined;
  /** Whether the host check of one host finds another one. */
  reaches(fromId: Id, toId: Id): boolean;
  /** What stands in a table. */
  routes(tableId: string): readonly StandingRoute[];
  /** The interface that a host really has now, and after it all that it had before, the newest first. */
  interfacesOf(hostId: Id): readonly string[];
  /** The host whose interface this is or was. */
  ownerOf(interfaceId: string): { readonly location: string; readonly host: string } | undefined;
  /** Since when no fault is on: no incident lasts, no weather, everybody is up and connected. Undefined while one is. */
  readonly calmSinceMs: number | undefined;
  /** Whether Pointsman or a part of it that is named was down, or a call of it was struck, between two times. */
  wasTroubled(part: "endpoint" | "functions" | "database" | "cloud", fromMs: number, toMs: number): boolean;
};

/** The hosts of a location that could carry its traffic now, as far as only truth counts: up, connected, answered lately. */
export function ableHosts(truth: Truth, location: Location): readonly Host[] {
  return location.hosts.filter((host) => {
    const one = truth.host(host.id);
    return one?.isUp === true && one.isConnected && truth.nowMs() - one.heardMs <= host.timeoutMs;
  });
}
