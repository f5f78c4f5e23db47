import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Pace, pace } from "../common/pace.ts";

/** What Azure counts apart in a subscription. */
export type Kind = "read" | "write" | "delete";

/** Lanes are named by `laneOf`. `hold`: Azure asked to wait so long before the next call of a lane. */
export type ArmPace = Pace & { hold(lane: string, ms: number): void };

export const laneOf = (kind: Kind, subscription: string): string => `${kind} ${subscription}`;

/**
 * Calls within what Azure Resource Manager lets an identity do in a subscription, and Microsoft.Network in a region of
 * it. https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
export function armPace(clock: Clock): ArmPace {
  const reads = pace(clock, { burst: limits.azureBurstReads, perSecond: limits.azureReadsPerSecond });
  const changes = pace(clock, { burst: limits.azureBurstChanges, perSecond: limits.azureChangesPerSecond });
  const network = pace(clock, {
    burst: limits.azureNetworkChanges,
    perSecond: limits.azureNetworkChanges / (limits.azureNetworkWindowMs / 1_000),
  });
  const holds = new Map<string, number>();
  const isRead = (lane: string) => lane.startsWith("read ");
  const subscriptionOf = (lane: string) => lane.slice(lane.indexOf(" ") + 1);

  return {
    async turn(lane, signal) {
      if (!(await (isRead(lane) ? reads : changes).turn(lane, signal))) return false;
      if (!isRead(lane) && !(await network.turn(subscriptionOf(lane), signal))) return false;
      for (;;) {
        const waitMs = (holds.get(lane) ?? 0) - clock.monotonicMs();
        if (waitMs <= 0) return !signal.aborted;
        await clock.sleep(waitMs, signal);
        if (signal.aborted) return false;
      }
    },
    exhausted: (lane) => (isRead(lane) ? reads : changes).exhausted(lane),
    hold(lane, ms) {
      holds.set(lane, Math.max(holds.get(lane) ?? 0, clock.monotonicMs() + ms));
    },
  };
}
