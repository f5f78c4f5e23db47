import type { Id } from "../../shared/domain/ids.ts";
import { type Network as Configuration, type HostPlace, hostIndex } from "../../shared/domain/network.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import { createAgent } from "./agent.ts";
import type { HostsOptions } from "./hosts.ts";
import type { Network } from "./network.ts";
import { notStarted, type Power, removed } from "./power.ts";
import type { Scene } from "./scene.ts";
import { createHost, type SimHost } from "./sim-host.ts";

/** A new host is there this long after it is in the configuration; a removed one ends this long after, ms. */
const startMs = [200, 4_000] as const;
const removedMs = [500, 20_000] as const;

/** Gives back what brings the hosts of a world in line with a configuration that is in force. */
export function createRoster(
  { timeline, chance, shape, masterKey }: HostsOptions,
  scene: Scene,
  network: Network,
  power: Power,
): (configuration: Configuration) => void {
  /** How many hosts there were of a name. */
  const lives = new Map<string, number>();

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
    scene.retire(host);
    const removal = host.removals;
    timeline.at(timeline.nowMs() + host.chance.within(...removedMs), () => {
      if (host.isConfigured || host.removals !== removal) return;
      power.takeDown(host, removed, "silent", "removed");
    });
  };

  return (configuration) => {
    const sites = new Map<Id, SimHost[]>();
    const places = hostIndex(configuration);
    for (const place of places.values()) {
      if (place.host.static) continue;
      const site = sites.get(place.location.id) ?? [];
      sites.set(place.location.id, site);
      site.push(take(place));
    }
    for (const host of scene.hosts.values()) if (host.isConfigured && !places.has(host.hostId)) remove(host);
    scene.arrange(sites);
  };
}
