import { isClockRight } from "../../shared/domain/clock-check.ts";
import { leaveCounts } from "../../shared/domain/crediting.ts";
import { applyLeave } from "../../shared/domain/host-report.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { HostPlace } from "../../shared/domain/network.ts";
import type { AuthHeaders } from "../../shared/protocol/request.ts";
import { electNow } from "../failover/elect-now.ts";
import type { ClockEvents } from "./clock-events.ts";
import type { HeartbeatDeps } from "./deps.ts";
import { tellBeside } from "./tell-beside.ts";

/**
 * Records a host's good-bye and elects at once. `stale`: a newer heartbeat was credited, the good-bye was overtaken.
 * Throws `DatabaseError`.
 */
export async function recordLeave(
  deps: HeartbeatDeps,
  place: HostPlace,
  auth: AuthHeaders,
  clocks: ClockEvents,
): Promise<"left" | "stale" | "replayed" | "clock"> {
  const { link, location, host } = place;
  for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
    const observed = await deps.store.readLocation(link.id, location.id, "strong");
    if (!isClockRight(observed)) {
      await clocks.ownClock(place, observed);
      return "clock";
    }
    const prior = observed.value.hosts.get(host.id);
    if (prior === undefined) return "stale";
    if (prior.value.nonce === auth.nonce) return "replayed";
    const nowMs = deps.clock.nowMs();
    if (!leaveCounts(prior.value, auth, nowMs)) return "stale";
    const next = applyLeave(prior.value, auth, auth.nonce, nowMs);
    if (next !== undefined) {
      const claim = await deps.store.writeHost(link.id, location.id, next, prior.revision);
      if (claim.kind === "lost") continue;
    }
    const isActive = observed.value.head?.value.activeHostId === host.id;
    await Promise.all([
      tellLeft(deps, place, (next ?? prior.value).left?.atMs ?? nowMs),
      isActive ? electNow(deps, { linkId: link.id, locationId: location.id }, "heartbeat") : undefined,
    ]);
    return "left";
  }
  throw new Error(`the leave of host ${host.id} could not be recorded in ${limits.writeAttempts} attempts`);
}

/** Told once a leave, however often it is said: the first time may have failed after it was on record. */
async function tellLeft(deps: HeartbeatDeps, { link, location, host }: HostPlace, atMs: number): Promise<void> {
  await tellBeside(deps, {
    atMs,
    kind: "host-left",
    severity: "info",
    linkId: link.id,
    locationId: location.id,
    hostId: host.id,
    by: "heartbeat",
    message: `${link.name}/${location.name}/${host.name} said good-bye`,
    once: `left#${host.id}#${atMs}`,
  });
}
