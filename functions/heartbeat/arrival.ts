import type { HostPlace } from "../../shared/domain/network.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import type { HeartbeatDeps } from "./deps.ts";
import { tellBeside } from "./tell-beside.ts";

/** Tells when a host was heard for the first time, or is back after a leave or a silence longer than its time-out. */
export async function tellArrival(
  deps: HeartbeatDeps,
  { link, location, host }: HostPlace,
  prior: HostRecord | undefined,
  written: HostRecord,
): Promise<void> {
  if (prior !== undefined && prior.upSinceMs === written.upSinceMs) return;
  const goneMs = prior === undefined ? 0 : written.lastSeenMs - prior.lastSeenMs;
  await tellBeside(deps, {
    atMs: written.lastSeenMs,
    kind: prior === undefined ? "host-first-seen" : "host-returned",
    severity: "info",
    linkId: link.id,
    locationId: location.id,
    hostId: host.id,
    by: "heartbeat",
    message:
      prior === undefined
        ? `${link.name}/${location.name}/${host.name} was heard for the first time`
        : `${link.name}/${location.name}/${host.name} is back after ${Math.round(goneMs / 1000)} s`,
  });
}
