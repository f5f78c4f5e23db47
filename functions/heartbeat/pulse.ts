import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Link } from "../../shared/domain/network.ts";
import { nextPulse, renewPulseEveryMs } from "../../shared/domain/pulse.ts";
import type { Pulse } from "../../shared/domain/records.ts";
import type { HeartbeatDeps } from "./deps.ts";
import { tellBeside } from "./tell-beside.ts";

/**
 * Records that a heartbeat of the link is being credited, before the heartbeat itself is: whoever then sees a host
 * alive again after an outage sees the hold too. `seen` is the pulse as last seen; a young one is left as it is.
 * Throws `DatabaseError`, and then the heartbeat may not be recorded either.
 */
export type KeepPulse = (link: Link, seen: Pulse | undefined) => Promise<Pulse>;

/** Keeps the pulses of all links, and remembers what this container last wrote or read of each. */
export function pulseKeeper(deps: HeartbeatDeps): KeepPulse {
  const remembered = new Map<Id, Pulse>();
  return async (link, seen) => {
    const known = remembered.get(link.id);
    const newest = known !== undefined && known.lastCreditedMs > (seen?.lastCreditedMs ?? 0) ? known : seen;
    const pulse = await keepPulse(deps, link, newest);
    remembered.set(link.id, pulse);
    return pulse;
  };
}

async function keepPulse(deps: HeartbeatDeps, link: Link, seen: Pulse | undefined): Promise<Pulse> {
  const isYoung = (pulse: Pulse) => Math.abs(deps.clock.nowMs() - pulse.lastCreditedMs) < renewPulseEveryMs(link);
  if (seen !== undefined && isYoung(seen)) return seen;
  for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
    const recorded = (await deps.store.readPulse(link.id)).value.pulse;
    const prior: Pulse | undefined = recorded?.value;
    if (prior !== undefined && isYoung(prior)) return prior;
    const next = nextPulse(link, prior, deps.clock.nowMs());
    const claim = await deps.store.writePulse(link.id, next, recorded?.revision);
    if (claim.kind === "lost") continue;
    if (next.holdSinceMs > (prior?.holdSinceMs ?? 0)) await tellHold(deps, link, prior?.lastCreditedMs ?? 0, next);
    return next;
  }
  throw new Error(`the pulse of link ${link.id} could not be written in ${limits.writeAttempts} attempts`);
}

async function tellHold(deps: HeartbeatDeps, link: Link, lastCreditedMs: number, next: Pulse): Promise<void> {
  const silentMs = next.lastCreditedMs - lastCreditedMs;
  await tellBeside(deps, {
    atMs: next.lastCreditedMs,
    kind: "hold-begun",
    severity: "warning",
    linkId: link.id,
    by: "heartbeat",
    message: `${link.name}: no heartbeat was credited for ${Math.round(silentMs / 1000)} s before this one; nothing that rests on silence is decided until ${new Date(next.holdUntilMs).toISOString()}`,
    once: `hold#${link.id}#${next.holdSinceMs}`,
  });
}
