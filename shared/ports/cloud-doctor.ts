import type { Cidr } from "../domain/cidr.ts";
import type { Cloud } from "../domain/clouds/cloud.ts";
import type { Finding } from "../domain/finding.ts";
import type { Id } from "../domain/ids.ts";
import type { RouteTarget } from "../domain/routes.ts";
import type { Survey, TargetHost } from "./route-provider.ts";

/** A host of the examined location. `found`: its interface, where the provider could tell. */
export type ExaminedHost = TargetHost & {
  readonly name: string;
  readonly isActive: boolean;
  readonly found: RouteTarget | undefined;
};

/** A location as far as a cloud's checks need it. */
export type ExaminedLocation = {
  /** `LINK/LOCATION`. */
  readonly name: string;
  /** Heartbeating hosts; those without a target are left out. */
  readonly hosts: readonly ExaminedHost[];
  /** The location's own networks. */
  readonly networks: readonly Cidr[];
  /** What its tables must point at the active host, of the families that the cloud can route. */
  readonly destinations: readonly Cidr[];
  /** Public addresses of the hosts that it has tunnels with, as far as they are known. */
  readonly peers: readonly string[];
  readonly hostCheck: boolean;
  readonly removeRoutes: boolean;
  /** Its tables and what stands in them; undefined where they could not be read. */
  readonly survey: Survey | undefined;
};

/**
 * The checks of one location in one cloud, made with the identity that writes its routes. It changes nothing: it reads,
 * and makes dry runs where the cloud has them. What cannot be found out is a finding, not an error; it throws what no
 * finding can be made of.
 */
export interface CloudDoctor {
  examine(location: ExaminedLocation, signal: AbortSignal): Promise<readonly Finding[]>;
}

/** Opens the doctor of a cloud for one location. Throws `RouteError` when it cannot be opened. */
export type OpenDoctor = (cloud: Cloud, locationId: Id) => Promise<CloudDoctor>;
