import { type Agent, type AgentOptions, createAgent } from "./agent.ts";
import { openCheckDoor } from "./check-door.ts";
import type { LoopbackNet, Member } from "./loopback-net.ts";

export type SimulatedHost = {
  readonly agent: Agent;
  start(): Promise<void>;
  /** Gone from the network without a word: heartbeats end, host checks of it run into their time-out. */
  vanish(): Promise<void>;
  /** The process ends without a word: heartbeats end, host checks of it are refused. */
  crash(): Promise<void>;
  /** Says good-bye, then ends. */
  leave(): Promise<void>;
  /** Frees its port, without a word to anyone. */
  close(): Promise<void>;
};

export type SimulatedHostOptions = Omit<AgentOptions, "check" | "tunnel"> & {
  readonly net: LoopbackNet;
  readonly locationId: string;
  /** The loopback address that its host check is served on. */
  readonly loopback: string;
};

/** An agent with a `/check` of its own, joined to the others through a loopback network. Not started yet. */
export async function createSimulatedHost(options: SimulatedHostOptions): Promise<SimulatedHost> {
  const { net, addresses } = options;
  const door = await openCheckDoor(options.loopback);
  const member: Member = {
    locationId: options.locationId,
    addresses: [addresses.publicAddress, addresses.address6, addresses.localAddress].filter((text) => text !== ""),
    listening: door.listening,
    tunnels: () => (agent.isRunning ? (agent.lastGood?.state.links ?? []) : []),
  };
  const agent = createAgent({
    ...options,
    check: (address, signal) => net.check(address, signal),
    tunnel: (order) => net.tunnel(member, order),
  });
  net.join(member);

  return {
    agent,
    async start() {
      await door.set("open");
      agent.start();
    },
    async vanish() {
      agent.halt();
      await door.set("silent");
    },
    async crash() {
      agent.halt();
      await door.set("shut");
    },
    async leave() {
      await agent.leave();
      await door.set("shut");
    },
    async close() {
      agent.halt();
      await door.set("shut");
    },
  };
}
