import { chanceOf } from "../engine/chance.ts";
import type { FaultKind } from "../faults/kinds.ts";
import { forgery, replay } from "./attacks.ts";
import type { Hosts, HostsOptions } from "./hosts.ts";
import type { BeginIncident } from "./incident.ts";
import { flap, freeze, leave, refuse, vanish } from "./machine-incidents.ts";
import { addressLie, deadForwarding, reachLie, wrongClock } from "./mind-incidents.ts";
import { createNetwork } from "./network.ts";
import { endpointPartition, hostPartition } from "./partition-incidents.ts";
import { createPower } from "./power.ts";
import { createRoster } from "./roster.ts";
import { createScene } from "./scene.ts";

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

/** The hosts of a world. Half of the worlds have two endpoints: there each heartbeat is sent twice at once. */
export function createHosts(options: HostsOptions): Hosts {
  const { timeline, chance } = options;
  const scene = createScene(options, chance.fork("endpoints").is(0.5) ? 2 : 1);
  const network = createNetwork(scene, options.endpoint);
  const power = createPower(scene);
  let going = 0;

  return {
    configure: createRoster(options, scene, network, power),
    begin({ kind, number, fromMs, toMs, roll }) {
      const beginIncident = incidents[kind];
      if (beginIncident === undefined) throw new Error(`not an incident of hosts: ${kind}`);
      const untilMs = timeline.nowMs() + (toMs - fromMs);
      going++;
      const own = chanceOf(Math.floor(roll * 2 ** 32));
      const end = beginIncident({ scene, power, network, chance: own, kind, number, untilMs });
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
