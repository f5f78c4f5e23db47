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

/**
 * Keeps the pulses of all links, and remembers what this container last wrote or read of each. Every container tells
 * of a hold that it comes to know, since the one that began it may not have got so far; it is told once.
 */
export function pulseKeeper(deps: HeartbeatDeps): KeepPulse {
  const remembered = new Map<Id, Pulse>();
  return async (link, seen) => {
    const known = remembered.get(link.id);
    const newest = known !== undefined && known.lastCreditedMs > (seen?.lastCreditedMs ?? 0) ? known : seen;
    const pulse = await keepPulse(deps, link, newest);
    remembered.set(link.id, pulse);
    const isNews = pulse.holdSinceMs > (known?.holdSinceMs ?? 0) && deps.clock.nowMs() < pulse.holdUntilMs;
    if (isNews) await tellHold(deps, link, pulse, newest);
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
    if (claim.kind === "won") return next;
  }
  throw new Error(`the pulse of link ${link.id} could not be written in ${limits.writeAttempts} attempts`);
}

async function tellHold(deps: HeartbeatDeps, link: Link, held: Pulse, before: Pulse | undefined): Promise<void> {
  const isKnown = before !== undefined && before.lastCreditedMs < held.holdSinceMs;
  const silence = isKnown ? `${Math.round((held.holdSinceMs - before.lastCreditedMs) / 1000)} s` : "some time";
  await tellBeside(deps, {
    atMs: held.holdSinceMs,
    kind: "hold-begun",
    severity: "warning",
    linkId: link.id,
    by: "heartbeat",
    message: `${link.name}: no heartbeat was credited for ${silence} before this one; nothing that rests on silence is decided until ${new Date(held.holdUntilMs).toISOString()}`,
    once: `hold#${link.id}#${held.holdSinceMs}`,
  });
}
