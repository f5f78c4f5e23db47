import type { Id } from "../../shared/domain/ids.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import type { Chance } from "../engine/chance.ts";
import { localAddress, type Shape } from "../world/shape.ts";
import type { HostTruth } from "../world/truth.ts";
import type { Told } from "./answers.ts";
import { type Captured, noCaptures } from "./captures.ts";
import type { Look, Status } from "./report.ts";

type Changing<T> = { -readonly [Name in keyof T]: T[Name] };

/** What a host's check finds where the host does not run: nothing that answers, or a machine that refuses. */
export type Door = "silent" | "refuses";

/** A claim about host checks or tunnels, that may be false. */
export type Claim = "nobody" | "everybody" | "no-tunnels" | "all-tunnels";

/** What an incident did to a host, with the incident's number: only that incident takes it back. */
export type Done<T> = { readonly by: number; readonly what: T };

/** What somebody has a host say that is not so. `note` counts it, once it was said. */
export type Lie<T> = Done<T> & { readonly note: () => void; isNoted: boolean };

/** A clock that is wrong since `fromMs`: off by `offsetMs`, and more by `rate` for every ms that passes. */
export type WrongClock = { readonly fromMs: number; readonly offsetMs: number; readonly rate: number };

/** One link host: what is really so with it, and what is being done to it. Its agent is apart from it. */
export type SimHost = Changing<Omit<HostTruth, "hostId" | "clockOffsetMs">> & {
  readonly hostId: Id;
  readonly clockOffsetMs: number;
  readonly location: string;
  readonly name: string;
  /** For people: location and name. */
  readonly label: string;
  readonly localAddress: string;
  readonly publicAddress: string;
  readonly chance: Chance;
  locationId: Id;
  generation: number;
  secret: string;
  /** It is in the configuration in force. */
  isConfigured: boolean;
  /** How often it was taken out of the configuration. */
  removals: number;
  /** Whether nothing is wrong with it, as far as was taken note of. */
  isSettled: boolean;
  /** Why its process does not run, by what ended it; empty when it runs. */
  readonly downs: Map<number, Door>;
  clock: Done<WrongClock> | undefined;
  addressLie: Lie<SimHost> | undefined;
  claim: Lie<Claim> | undefined;
  /** When it last signed something untrue. */
  lieSignedMs: number;
  /** Incidents that lose its requests, and that lose the answers to them. */
  lostRequests: number;
  lostAnswers: number;
  deadForwarding: number;
  /** Its last good answer, since its process began. */
  told: Told | undefined;
  /** Since when a tunnel could be up, by the location at its far end. */
  readonly tunnels: Map<Id, number>;
  /** How long a host check that is answered takes, by the other host. ms */
  readonly latencies: Map<Id, number>;
  look: Look | undefined;
  status: Status | undefined;
  /** What somebody on the network has of it. */
  captured: Captured;
};

/** A clock that nobody touches is off by at most this, ms. */
const usualOffsetMs = 200;

export type HostOptions = {
  readonly hostId: Id;
  readonly locationId: Id;
  readonly location: string;
  readonly name: string;
  readonly generation: number;
  readonly shape: Shape;
  readonly masterKey: Uint8Array;
  readonly chance: Chance;
  readonly nowMs: () => number;
};

/** A host that does not run yet, and is not in the configuration yet. Throws for a location that the shape does not have. */
export function createHost(options: HostOptions): SimHost {
  const { hostId, locationId, location, name, generation, shape, masterKey, chance, nowMs } = options;
  const at = shape.locations.findIndex((one) => one.name === location);
  const site = shape.locations[at];
  if (site === undefined) throw new Error(`no location ${location} in the shape of this world`);
  const baseMs = chance.within(-usualOffsetMs, usualOffsetMs);
  const host: SimHost = {
    hostId,
    locationId,
    location,
    name,
    label: `${location}/${name}`,
    localAddress: localAddress(site, name),
    publicAddress: `198.51.${100 + at}.${10 + Number(name.slice(1))}`,
    chance,
    generation,
    secret: hostSecret(masterKey, hostId, generation),
    isUp: false,
    sinceMs: nowMs(),
    signedMs: 0,
    heardMs: 0,
    isConnected: true,
    get clockOffsetMs() {
      const wrong = host.clock?.what;
      return wrong === undefined ? baseMs : baseMs + wrong.offsetMs + wrong.rate * (nowMs() - wrong.fromMs);
    },
    isLying: false,
    isForwardingDead: false,
    holdsTunnels: false,
    isConfigured: false,
    removals: 0,
    isSettled: true,
    downs: new Map(),
    clock: undefined,
    addressLie: undefined,
    claim: undefined,
    lieSignedMs: 0,
    lostRequests: 0,
    lostAnswers: 0,
    deadForwarding: 0,
    told: undefined,
    tunnels: new Map(),
    latencies: new Map(),
    look: undefined,
    status: undefined,
    captured: noCaptures(),
  };
  return host;
}
