import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Location } from "../../shared/domain/network.ts";
import { type FaultKind, faultKinds } from "../faults/kinds.ts";
import { allowances } from "./allowances.ts";
import type { Court, MakeCheck } from "./check.ts";
import { type Chronicle, chronicleOf } from "./chronicle.ts";
import { holdMs } from "./hearing-log.ts";
import { desiredPlaces, isOf, placeOf, placesOfTable } from "./places.ts";

const check = "failover in time";

/** An active host that does not run any more, or forwards nothing, and what has to come of it. */
type Watch = {
  readonly locationId: Id;
  readonly hostId: Id;
  readonly name: string;
  readonly what: "ended" | "forwards nothing";
  readonly fromMs: number;
  dueMs: number;
  /** Once a successor is committed: until when the first route has to be on its way to it. */
  writeDueMs: number | undefined;
  isWritten: boolean;
};

/** What ends a host, and nothing else. */
const ends: ReadonlySet<FaultKind> = new Set(["host-vanish", "host-refuse", "host-leave", "host-freeze"]);
const others = faultKinds.filter((kind) => !ends.has(kind));
const othersOfForwarding = faultKinds.filter((kind) => kind !== "forwarding-dead");

/**
 * The first half of promise 7: if the active host is dead and another is available, the commit and the first route
 * write happen within time-out + 2 s. Judged where nothing else is wrong.
 */
export const cleanFailover: MakeCheck = (court) => {
  const chronicle = chronicleOf(court.truth);
  const watches = new Map<Id, Watch>();
  return {
    promise: 7,
    name: check,
    observe(fact) {
      chronicle.note(fact);
      if (watches.size > 0) judgeDue(court, chronicle, watches, fact.atMs);
      switch (fact.kind) {
        case "host-down":
          watch(court, chronicle, watches, fact.hostId, "ended", fact.atMs);
          return;
        case "host-up":
          for (const [locationId, one] of watches) if (one.hostId === fact.hostId) watches.delete(locationId);
          return;
        case "fault":
          if (fact.fault === "forwarding-dead") watchForwarding(court, chronicle, watches, fact.what, fact.atMs);
          return;
        case "head": {
          const one = watches.get(fact.decision.locationId);
          const isNew = fact.before?.epoch !== fact.decision.epoch && fact.decision.activeHostId !== one?.hostId;
          if (one === undefined || !isNew || one.writeDueMs !== undefined) return;
          // What was decided in time gives the write its time; what was decided late is judged by that alone.
          one.writeDueMs = one.dueMs + allowances.firstWriteMs;
          return;
        }
        case "call-started":
          for (const one of watches.values()) if (isWriteFor(court, chronicle, one, fact.call)) one.isWritten = true;
          return;
        default:
          return;
      }
    },
    quiet: () => judgeDue(court, chronicle, watches, court.truth.nowMs()),
  };
};

function watch(
  { truth }: Court,
  { heads }: Chronicle,
  watches: Map<Id, Watch>,
  hostId: Id,
  what: Watch["what"],
  fromMs: number,
): void {
  const place = truth.place(hostId);
  if (place === undefined || heads.of(place.location.id)?.head.activeHostId !== hostId) return;
  const { link, location, host } = place;
  const withinMs = what === "ended" ? host.timeoutMs : link.tunnelTimeoutMs + allowances.tunnelReportMs;
  watches.set(location.id, {
    locationId: location.id,
    hostId,
    name: `${location.name}/${host.name}`,
    what,
    fromMs,
    dueMs: fromMs + withinMs + allowances.failoverMs,
    writeDueMs: undefined,
    isWritten: false,
  });
}

/** The fault names its host as LOCATION/HOST. */
function watchForwarding(
  court: Court,
  chronicle: Chronicle,
  watches: Map<Id, Watch>,
  name: string,
  atMs: number,
): void {
  for (const { locations } of court.truth.network.links) {
    for (const location of locations) {
      const host = location.hosts.find((one) => `${location.name}/${one.name}` === name);
      if (host !== undefined) watch(court, chronicle, watches, host.id, "forwards nothing", atMs);
    }
  }
}

function isWriteFor(
  court: Court,
  { heads }: Chronicle,
  one: Watch,
  call: { readonly table: string; readonly target: string },
): boolean {
  const activeHostId = heads.of(one.locationId)?.head.activeHostId ?? null;
  if (activeHostId === one.hostId || !isOf(court.truth, call.target, activeHostId)) return false;
  return placesOfTable([court.truth.network], call.table).some(({ location }) => location.id === one.locationId);
}

function judgeDue(court: Court, chronicle: Chronicle, watches: Map<Id, Watch>, nowMs: number): void {
  for (const [locationId, one] of watches) {
    if ((one.writeDueMs ?? one.dueMs) >= nowMs) continue;
    if (one.writeDueMs === undefined && isPutOff(chronicle, one, court)) continue;
    watches.delete(locationId);
    const place = placeOf(court.truth, locationId);
    if (place === undefined || !isClean(court, chronicle, one, place.location)) continue;
    const after = (atMs: number): string =>
      `${Math.round(atMs - one.fromMs)} ms after ${one.name} ${one.what === "ended" ? "ended" : "began to forward nothing"}`;
    if (one.writeDueMs === undefined) {
      court.violate({
        promise: 7,
        check,
        message: `nobody took over ${after(nowMs)}`,
        about: [locationId, one.hostId],
      });
    } else if (!one.isWritten && desiredPlaces(place).length > 0) {
      court.violate({
        promise: 7,
        check,
        message: `no route was begun to be moved ${after(nowMs)}`,
        about: [locationId, one.hostId],
      });
    }
  }
}

/** A heartbeat that was under way is credited after its host ended, by a clock that may be ahead: the time-out counts from there. */
function isPutOff({ hosts }: Chronicle, one: Watch, { truth }: Court): boolean {
  if (one.what !== "ended") return false;
  const timeoutMs = truth.place(one.hostId)?.host.timeoutMs ?? 0;
  const dueMs = (hosts.of(one.hostId)?.record?.lastSeenMs ?? 0) + timeoutMs + allowances.failoverMs;
  if (dueMs <= one.dueMs) return false;
  one.dueMs = dueMs;
  return true;
}

/** Whether nothing else was wrong, and somebody could take over all the time. */
function isClean({ truth }: Court, chronicle: Chronicle, one: Watch, location: Location): boolean {
  const { faults, asked, hearing, heads } = chronicle;
  const { fromMs, hostId } = one;
  const linkId = truth.link?.id ?? "";
  const head = heads.of(location.id);
  const failed = truth.host(hostId);
  const isStillSo = one.what === "ended" ? failed?.isUp === false : failed?.isUp === true && failed.isForwardingDead;
  const wasHeld = hearing.gaps.some(({ toMs }) => toMs + holdMs(truth) + 4 * allowances.wrongClockMs > fromMs);
  const wasAsked =
    asked.isPaused(linkId) ||
    Math.max(asked.pauseChangedMs(linkId), asked.changedMs(location.id)) > fromMs - limits.switchoverMs;
  const isNewNetwork = (truth.networks.at(-1)?.atMs ?? 0) > fromMs - limits.sweepMs;
  if (!isStillSo || wasHeld || wasAsked || isNewNetwork || head === undefined) return false;
  if (faults.wasFelt(one.what === "ended" ? others : othersOfForwarding, fromMs)) return false;
  return location.hosts.some((host) => {
    if (host.id === hostId || asked.drainedSinceMs(location.id, host.id) !== undefined) return false;
    const other = truth.host(host.id);
    const demotedMs = head.head.demotedMs[host.id] ?? 0;
    const isBackedOff = one.what !== "ended" && demotedMs + host.backoffMs > fromMs;
    const isLong = other?.isUp === true && other.sinceMs < fromMs - allowances.arrivalMs;
    return (
      isLong &&
      !isBackedOff &&
      other.isConnected &&
      !other.isForwardingDead &&
      demotedMs < fromMs - allowances.arrivalMs
    );
  });
}
