import type { Id } from "../../shared/domain/ids.ts";
import type { Agent } from "./agent.ts";
import type { Scene } from "./scene.ts";
import type { Door, SimHost } from "./sim-host.ts";

/** Who runs and who does not. A host that several incidents keep down runs again when the last of them ends. */
export type Power = {
  add(host: SimHost, agent: Agent): void;
  agent(host: SimHost): Agent;
  /** Ends a host's process for as long as `by` lasts; true where it ran. */
  takeDown(host: SimHost, by: number, door: Door, how: string): boolean;
  /** The same with a good-bye. */
  dismiss(host: SimHost, by: number): boolean;
  /** `by` keeps it down no longer. */
  release(host: SimHost, by: number): void;
};

/** Stand for the configuration among the numbers of incidents. */
export const notStarted = -1;
export const removed = -2;

export function createPower(scene: Scene): Power {
  const agents = new Map<Id, Agent>();
  const agentOf = (host: SimHost): Agent => {
    const agent = agents.get(host.hostId);
    if (agent === undefined) throw new Error(`no agent for ${host.label}`);
    return agent;
  };
  const down = (host: SimHost, by: number, door: Door, end: (agent: Agent) => void): boolean => {
    const agent = agentOf(host);
    const ran = agent.isRunning;
    host.downs.set(by, door);
    scene.touch();
    if (ran) end(agent);
    return ran;
  };
  return {
    add: (host, agent) => void agents.set(host.hostId, agent),
    agent: agentOf,
    takeDown: (host, by, door, how) => down(host, by, door, (agent) => agent.stop(how)),
    dismiss: (host, by) => down(host, by, "refuses", (agent) => agent.leave()),
    release(host, by) {
      if (!host.downs.delete(by)) return;
      scene.touch();
      if (host.downs.size === 0) agentOf(host).start(by === notStarted ? "started" : "is back");
    },
  };
}
