import type { Id } from "../../shared/domain/ids.ts";
import { noCaptures } from "./captures.ts";
import type { HostsOptions } from "./hosts.ts";
import type { SimHost } from "./sim-host.ts";

/** Packets between two hosts or two locations are lost; ids of either. `isBoth`: the other way too. */
export type Cut = { readonly from: Id; readonly to: Id; readonly isBoth: boolean };

/** All hosts of a world, and the ways between them. */
export type Scene = Pick<HostsOptions, "timeline" | "weather" | "observe"> & {
  /** Every host that ever was, by id. */
  readonly hosts: ReadonlyMap<Id, SimHost>;
  /** The hosts of the configuration in force by location. */
  readonly sites: ReadonlyMap<Id, readonly SimHost[]>;
  /** Those that were last taken out of the configuration. */
  readonly retired: readonly SimHost[];
  /** Grows with everything that a host check or a tunnel may show. */
  readonly changes: number;
  /** Copies of each heartbeat: one an endpoint. */
  readonly copies: 1 | 2;
  add(host: SimHost): void;
  /** A host is out of the configuration: after some others are too, what was captured of it is forgotten. */
  retire(host: SimHost): void;
  arrange(sites: ReadonlyMap<Id, readonly SimHost[]>): void;
  /** Takes note that something that others can see changed. */
  touch(): void;
  /** Takes note of whether something is wrong with a host. */
  settle(host: SimHost): void;
  setUp(host: SimHost, isUp: boolean, how: string): void;
  cut(cut: Cut): void;
  mend(cut: Cut): void;
  /** Whether the host check of one host does not get to another one. */
  isCut(from: SimHost, to: SimHost): boolean;
  /** Whether all is well with every host of the configuration, and with the ways between them. */
  readonly isCalm: boolean;
};

const keepRetired = 5;

export function createScene({ timeline, weather, observe }: HostsOptions, copies: Scene["copies"]): Scene {
  const hosts = new Map<Id, SimHost>();
  let sites: ReadonlyMap<Id, readonly SimHost[]> = new Map();
  const cuts: Cut[] = [];
  const retired: SimHost[] = [];
  let changes = 0;
  let unsettled = 0;

  const scene: Scene = {
    timeline,
    weather,
    observe,
    hosts,
    copies,
    retired,
    get sites() {
      return sites;
    },
    get changes() {
      return changes;
    },
    get isCalm() {
      return unsettled === 0 && cuts.length === 0;
    },
    add: (host) => void hosts.set(host.hostId, host),
    retire(host) {
      retired.push(host);
      const forgotten = retired.length > keepRetired ? retired.shift() : undefined;
      if (forgotten !== undefined && !retired.includes(forgotten)) forgotten.captured = noCaptures();
    },
    arrange(next) {
      sites = next;
      changes++;
    },
    touch: () => void changes++,
    settle(host) {
      const isSettled = !host.isConfigured || isWell(host);
      if (isSettled === host.isSettled) return;
      host.isSettled = isSettled;
      unsettled += isSettled ? -1 : 1;
    },
    setUp(host, isUp, how) {
      if (host.isUp === isUp) return;
      host.isUp = isUp;
      host.sinceMs = timeline.nowMs();
      changes++;
      scene.settle(host);
      observe({ kind: isUp ? "host-up" : "host-down", atMs: host.sinceMs, hostId: host.hostId, how });
    },
    cut(cut) {
      cuts.push(cut);
      changes++;
    },
    mend(cut) {
      cuts.splice(cuts.indexOf(cut), 1);
      changes++;
    },
    isCut: (from, to) =>
      cuts.length > 0 && cuts.some((cut) => isLost(cut, from, to) || (cut.isBoth && isLost(cut, to, from))),
  };
  return scene;
}

function isWell(host: SimHost): boolean {
  return (
    host.isUp &&
    host.isConnected &&
    !host.isLying &&
    !host.isForwardingDead &&
    host.clock === undefined &&
    host.addressLie === undefined &&
    host.claim === undefined
  );
}

const isEnd = (id: Id, host: SimHost): boolean => id === host.hostId || id === host.locationId;
const isLost = (cut: Cut, from: SimHost, to: SimHost): boolean => isEnd(cut.from, from) && isEnd(cut.to, to);
