import type { Id } from "../../shared/domain/ids.ts";
import type { Network } from "../../shared/domain/network.ts";
import type { PlainAnswer, PlainRequest } from "../../shared/platform/plain-http.ts";
import type { Chance } from "../engine/chance.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Observe, Writer } from "../facts.ts";
import type { Incident } from "../faults/kinds.ts";
import type { Weather } from "../faults/weather.ts";
import type { Shape } from "../world/shape.ts";
import type { HostTruth } from "../world/truth.ts";

/** All link hosts of a world, the networks between them, and those who attack them. */
export type Hosts = {
  /** A configuration is in force: hosts that are new to it start, those that are gone from it stop. */
  configure(network: Network): void;
  /** Begins an incident of theirs: the kinds from `host-vanish` to `host-partition`. It ends by itself. */
  begin(incident: Incident): void;
  truth(hostId: Id): HostTruth | undefined;
  /** Whether the host check of one host finds another one. */
  reaches(fromId: Id, toId: Id): boolean;
  /** Everybody is up, connected, honest, and has the right time. */
  readonly isCalm: boolean;
};

/** What the endpoint answered, and which process of it did. */
export type Answered = { readonly answer: PlainAnswer; readonly writer: Writer };

export type HostsOptions = {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly chance: Chance;
  readonly observe: Observe;
  readonly shape: Shape;
  readonly masterKey: Uint8Array;
  /** The endpoint; rejects when nothing answers. */
  readonly endpoint: (request: PlainRequest) => Promise<Answered>;
};
