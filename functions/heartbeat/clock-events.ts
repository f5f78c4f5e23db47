import { clockOffsetMs } from "../../shared/domain/clock-check.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { HostPlace } from "../../shared/domain/network.ts";
import type { Observed } from "../../shared/ports/database.ts";
import type { HeartbeatDeps } from "./deps.ts";
import { tellBeside } from "./tell-beside.ts";

/** Tells of clocks that are off: an agent's, or this function's own. Each at most once in ten minutes. */
export type ClockEvents = {
  agentSkew(place: HostPlace, agentTimeS: number, nowMs: number): Promise<void>;
  ownClock(place: HostPlace, observed: Observed<unknown>): Promise<void>;
};

const keepTold = 10_000;

export function clockEvents(deps: HeartbeatDeps): ClockEvents {
  const toldMs = new Map<string, number>();
  const isNew = (what: string): boolean => {
    const nowMs = deps.clock.monotonicMs();
    const lastMs = toldMs.get(what);
    if (lastMs !== undefined && nowMs - lastMs < limits.skewTellMs) return false;
    if (toldMs.size >= keepTold) toldMs.clear();
    toldMs.set(what, nowMs);
    return true;
  };

  return {
    async agentSkew({ link, location, host }, agentTimeS, nowMs) {
      if (!isNew(`host/${host.id}`)) return;
      const offS = Math.round(agentTimeS - nowMs / 1000);
      const isTold = await tellBeside(deps, {
        atMs: nowMs,
        kind: "clock-skew",
        severity: "warning",
        linkId: link.id,
        locationId: location.id,
        hostId: host.id,
        by: "heartbeat",
        message: `${link.name}/${location.name}/${host.name}: its clock is ${Math.abs(offS)} s ${offS > 0 ? "ahead" : "behind"}: switch on time synchronisation (chrony, systemd-timesyncd) there`,
        once: `skew#${host.id}#${Math.floor(nowMs / limits.skewTellMs)}`,
      });
      if (!isTold) toldMs.delete(`host/${host.id}`);
    },
    async ownClock({ link }, observed) {
      if (!isNew("own")) return;
      const offMs = clockOffsetMs(observed);
      deps.log.error("clock differs from the database's: no heartbeat is recorded", { offMs });
      const atMs = observed.databaseMs ?? deps.clock.nowMs();
      const isTold = await tellBeside(deps, {
        atMs,
        kind: "elector-clock",
        severity: "error",
        linkId: link.id,
        by: "heartbeat",
        message: `a heartbeat function's clock is at least ${Math.round(offMs / 1000)} s from the database's; it records and decides nothing until it is right`,
        once: `own-clock#${Math.floor(atMs / limits.skewTellMs)}`,
      });
      if (!isTold) toldMs.delete("own");
    },
  };
}
