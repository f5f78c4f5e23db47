import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { Id } from "../../shared/domain/ids.ts";
import type { Network } from "../../shared/domain/network.ts";
import type { RouteProvider } from "../../shared/ports/route-provider.ts";
import type { Chance } from "../engine/chance.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Observe } from "../facts.ts";
import type { Incident } from "../faults/kinds.ts";
import type { Weather } from "../faults/weather.ts";
import type { Process } from "../platform/process.ts";
import type { Shape } from "../world/shape.ts";
import type { Truth } from "../world/truth.ts";

/** The clouds of a world with their route tables and interfaces. */
export type CloudModel = Pick<Truth, "routes" | "interfacesOf" | "ownerOf"> & {
  /** Opens a provider in a process. */
  open(process: Process): (cloud: Cloud) => Promise<RouteProvider>;
  /** A configuration is in force: interfaces get the tags of their hosts. */
  configure(network: Network): void;
  /** Begins an incident of theirs: `interface-replaced`, `foreign-route`. */
  begin(incident: Incident): void;
  /** The private address that a host has, and reports where it is honest; "" for a host that never was. */
  addressOf(hostId: Id): string;
  /** Nobody answers. */
  isDown: boolean;
};

export type CloudOptions = {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly chance: Chance;
  readonly observe: Observe;
  readonly shape: Shape;
};
