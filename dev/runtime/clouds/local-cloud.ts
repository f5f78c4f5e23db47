import type { ProviderName } from "../../../shared/domain/clouds/cloud.ts";
import type { Host, Location, Network } from "../../../shared/domain/network.ts";

/** A route as a cloud shows it: by whatever id the cloud has for its table and its target. */
export type StandingRoute = { readonly table: string; readonly destination: string; readonly target: string };

/** The emulator of one cloud, served over HTTP on a loopback port, as the local runtime needs it. */
export type LocalCloud = {
  readonly provider: ProviderName;
  readonly url: string;
  /** Makes what a network names in this cloud and the emulator does not have: networks, tables, machines and interfaces. */
  seed(network: Network): void;
  /** The routes that stand in the tables of a location, without those that the cloud made itself. */
  standing(location: Location): Promise<readonly StandingRoute[]>;
  /** What routes of the location have as their target while `host` is active. */
  targetOf(location: Location, host: Host): string;
  /** Calls so far that changed, or tried to change, a route. */
  changingCalls(): number;
  /** Destinations that were without a working route at any time since `sinceMs`, milliseconds since 1970. */
  gaps(sinceMs: number): readonly string[];
  stop(): Promise<void>;
};
