import type { Id } from "../../shared/domain/ids.ts";
import { type HostPlace, hostIndex } from "../../shared/domain/network.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import { chanceOf } from "../engine/chance.ts";
import type { FaultKind } from "../faults/kinds.ts";
import { createAgent } from "./agent.ts";
import { forgery, replay } from "./attacks.ts";
import type { Hosts, HostsOptions } from "./hosts.ts";
import type { BeginIncident } from "./incident.ts";
import { flap, freeze, leave, refuse, vanish } from "./machine-incidents.ts";
import { addressLie, deadForwarding, reachLie, wrongClock } from "./mind-incidents.ts";
import { createNetwork } from "./network.ts";
import { endpointPartition, hostPartition } from "./partition-incidents.ts";
import { createPower, notStarted, removed } from "./power.ts";
import { createScene } from "./scene.ts";
import { createHost, type SimHost } from "./sim-host.ts";

const incidents: Readonly<Partial<Record<FaultKind, BeginIncident>>> = {
  "host-vanish": vanish,
  "host-refuse": refuse,
  "host-leave": leave,
  "host-flap": flap,
  "host-freeze": freeze,
  "host-clock": wrongClock,
  "host-address-lie": addressLie,
  "host-reach-lie": reachLie,
  "forwarding-dead": deadForwarding,
  replay,
  forgery,
  "endpoint-partition": endpointPartition,
  "host-partition": hostPartition,
};

/** A new host is there this long after it is in the configuration; a removed one ends this long after, ms. */
const startMs = [200, 4_000] as const;
const removedMs = [500, 20_000] as const;

/** The hosts of a world. Half of the worlds have two endpoints: there each heartbeat is sent twice at once. */
export function createHosts(options: HostsOptions): Hosts {
  const { timeline, chance, shape, masterKey } = options;
  const scene = createScene(options, chance.fork("endpoints").is(0.5) ? 2 : 1);
  const network = createNetwork(scene, chance.fork("network"), options.endpoint);
  const power = createPower(scene);
  /** How many hosts there were of a name. */
  const lives = new Map<string, number>();
  let going = 0;

  const create = ({ location, host: { id: hostId, name, secretGeneration: generation } }: HostPlace): SimHost => {
    const label = `${location.name}/${name}`;
    const count = (lives.get(label) ?? 0) + 1;
    lives.set(label, count);
    const own = chance.fork(`${label} ${count}`);
    const place = { hostId, locationId: location.id, location: location.name, name, generation };
    const host = createHost({ ...place, shape, masterKey, chance: own, nowMs: timeline.nowMs });
    scene.add(host);
    power.add(host, createAgent(host, scene, network));
    power.takeDown(host, notStarted, "silent", "");
    timeline.at(timeline.nowMs() + own.within(...startMs), () => power.release(host, notStarted));
    return host;
  };

  const take = (place: HostPlace): SimHost => {
    const { location, host } = place;
    const known = scene.hosts.get(host.id) ?? create(place);
    known.locationId = location.id;
    if (known.generation !== host.secretGeneration) {
      known.generation = host.secretGeneration;
      known.secret = hostSecret(masterKey, host.id, host.secretGeneration);
    }
    known.isConfigured = true;
    power.release(known, removed);
    scene.settle(known);
    return known;
  };

  /** It does not know that it is gone, until somebody switches it off. */
  const remove = (host: SimHost): void => {
    host.isConfigured = false;
    host.removals++;
    scene.settle(host);
    const removal = host.removals;
    timeline.at(timeline.nowMs() + host.chance.within(...removedMs), () => {
      if (host.isConfigured || host.removals !== removal) return;
      power.takeDown(host, removed, "silent", "removed");
    });
  };

  return {
    configure(next) {
      const sites = new Map<Id, SimHost[]>();
      const places = hostIndex(next);
      for (const place of places.values()) {
        if (place.host.static) continue;
        const site = sites.get(place.location.id) ?? [];
        sites.set(place.location.id, site);
        site.push(take(place));
      }
      for (const host of scene.hosts.values()) if (host.isConfigured && !places.has(host.hostId)) remove(host);
      scene.arrange(sites);
    },
    begin({ kind, number, fromMs, toMs, roll }) {
      const beginIncident = incidents[kind];
      if (beginIncident === undefined) throw new Error(`not an incident of hosts: ${kind}`);
      const nowMs = timeline.nowMs();
      const untilMs = nowMs + (toMs - fromMs);
      const own = chanceOf(Math.floor(roll * 2 ** 32));
      going++;
      const end = beginIncident({ scene, power, network, chance: own, kind, number, fromMs: nowMs, untilMs });
      timeline.at(untilMs, () => {
        going--;
        end();
      });
    },
    truth: (hostId) => scene.hosts.get(hostId),
    reaches(fromId, toId) {
      const from = scene.hosts.get(fromId);
      const to = scene.hosts.get(toId);
      if (from === undefined || to === undefined) return false;
      return to.isUp && !scene.isCut(from, to);
    },
    get isCalm() {
      return going === 0 && scene.isCalm;
    },
  };
}
