import { limits } from "../../shared/domain/limits.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { CheckResult, TunnelStatus } from "./agent.ts";
import { checkOverHttp, type Listening } from "./check-door.ts";
import type { TunnelOrder } from "./wire.ts";

/** A simulated host as others on the pretended network see it. */
export type Member = {
  readonly locationId: string;
  /** Every address that others may know it by. */
  readonly addresses: readonly string[];
  readonly listening: Listening;
  /** The tunnels that it holds now; none when it is down. */
  tunnels(): readonly TunnelOrder[];
};

/** The network between simulated hosts: finds the loopback port behind an announced address. */
export type LoopbackNet = {
  join(member: Member): void;
  /** A real HTTP host check of whoever has the address; an address that nobody has runs into the time-out. */
  check(address: string, signal: AbortSignal): Promise<CheckResult>;
  /** Connected when both sides hold the tunnel to each other; a static device always does. */
  tunnel(from: Member, order: TunnelOrder): TunnelStatus;
};

export function createLoopbackNet(clock: Clock): LoopbackNet {
  const members = new Map<string, Member>();

  return {
    join(member) {
      for (const address of member.addresses) members.set(address, member);
    },
    async check(address, signal) {
      const began = clock.monotonicMs();
      const member = members.get(address);
      if (member === undefined) await clock.sleep(limits.hostCheckMs, signal);
      const state = member !== undefined && (await checkOverHttp(member.listening, limits.hostCheckMs, signal));
      return { state, latencyUs: Math.round((clock.monotonicMs() - began) * 1000) };
    },
    tunnel(from, order) {
      if (order.static) return "connected";
      const far = members.get(order.right);
      const back = far?.tunnels().find((candidate) => candidate.id === from.locationId);
      return back !== undefined && from.addresses.includes(back.right) ? "connected" : "connecting";
    },
  };
}
