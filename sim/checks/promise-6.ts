import type { Fact, Writer } from "../facts.ts";
import { allowances } from "./allowances.ts";
import type { Court, MakeCheck } from "./check.ts";
import { type Chronicle, chronicleOf } from "./chronicle.ts";
import type { Commit } from "./head-log.ts";
import { isTimeKnown } from "./silence.ts";

const check = "clocks";

/** What makes a read of the database take seconds. */
const slowReads = ["outage-functions", "db-slow", "db-throttle", "db-lost-answer"] as const;

/** When a container's clock was last moved, by its name. */
type Moved = Map<string, number>;

/**
 * A host's clock can shorten, never lengthen, what is believed of it; electors with a wrong clock or stale evidence
 * decide nothing.
 */
export const promise6: MakeCheck = (court) => {
  const chronicle = chronicleOf(court.truth);
  const moved: Moved = new Map();
  /** The last archive write of each container. */
  const archived = new Map<string, { readonly locationId: string; readonly epoch: number; readonly atMs: number }>();
  const isClockWrong = (writer: Writer, atMs: number, withinMs: number): boolean =>
    Math.abs(writer.clockOffsetMs) > allowances.wrongClockMs &&
    (moved.get(writer.process) ?? Number.NEGATIVE_INFINITY) < atMs - withinMs;
  const blame = (message: string, ...about: readonly string[]): void =>
    court.violate({ promise: 6, check, message, about });

  const judgeCommit = (commit: Commit): void => {
    const { decision, writer, atMs, decidedMs } = commit;
    const { locationId, epoch } = decision;
    // Looked at when the evidence was read; a container that stood still is given all of that time.
    const wasFrozen = chronicle.faults.wasOn(["container-freeze"], atMs - allowances.frozenMs);
    const withinMs = wasFrozen ? allowances.frozenMs : allowances.evidenceMs + allowances.slowWriteMs;
    if (isClockWrong(writer, atMs, withinMs)) {
      blame(
        `epoch ${epoch} was decided by ${writer.process}, whose clock is off by ${Math.round(writer.clockOffsetMs)} ms`,
        locationId,
      );
      return;
    }
    if (!isTimeKnown(chronicle, commit)) return;
    const copy = archived.get(writer.process);
    const lateMs = (copy?.atMs ?? 0) - decidedMs;
    if (copy?.locationId === locationId && copy.epoch === epoch - 1 && lateMs > allowances.evidenceMs) {
      blame(
        `epoch ${epoch} was committed by ${writer.process} on evidence that was ${Math.round(lateMs)} ms old by then`,
        locationId,
      );
    }
    judgeEvidence(chronicle, commit, (text) => blame(text, locationId));
    judgeBelief(court, chronicle, commit, (text) => blame(text, locationId));
  };

  /**
   * Whether a function may have been unable to tell that its clock is wrong: a read tells the time only to within the
   * time that it took, and a container that stood still may have done so while it read.
   */
  const cannotTell = (writer: Writer, atMs: number): boolean => {
    if (chronicle.faults.wasOn(["container-freeze"], atMs - allowances.frozenMs)) return true;
    const isSlow = chronicle.faults.wasOn(slowReads, atMs - allowances.slowWriteMs);
    return isSlow && Math.abs(writer.clockOffsetMs) <= allowances.slowWriteMs;
  };

  /** A heartbeat function with a wrong clock records nothing, but for what was under way when the clock was moved. */
  const judgeRecorder = ({ hostId, record, writer, atMs }: Extract<Fact, { kind: "host-record" }>): void => {
    if (record === undefined || writer.role !== "heartbeat") return;
    if (!isClockWrong(writer, atMs, allowances.slowWriteMs)) return;
    if (cannotTell(writer, atMs)) return;
    const offMs = Math.round(writer.clockOffsetMs);
    blame(`${writer.process}, whose clock is off by ${offMs} ms, recorded a heartbeat of ${hostId}`, hostId);
  };

  return {
    promise: 6,
    name: check,
    observe(fact) {
      chronicle.note(fact);
      switch (fact.kind) {
        case "fault":
          if (fact.fault === "container-clock") {
            moved.set(fact.what.split(" ", 1)[0] ?? "", fact.atMs);
            if (moved.size > 500) moved.clear();
          }
          return;
        case "archived": {
          const { locationId, epoch } = fact.decision;
          archived.set(fact.writer.process, { locationId, epoch, atMs: fact.atMs });
          if (archived.size > 500) archived.clear();
          return;
        }
        case "head": {
          const newest = chronicle.heads.of(fact.decision.locationId)?.newest;
          if (fact.before?.epoch !== fact.decision.epoch && newest !== undefined) judgeCommit(newest);
          return;
        }
        case "call-started": {
          const { writer, destination, table, startedMs } = fact.call;
          if (!isClockWrong(writer, startedMs, allowances.routesRunMs) || cannotTell(writer, startedMs)) return;
          const offMs = Math.round(writer.clockOffsetMs);
          blame(
            `${writer.process}, whose clock is off by ${offMs} ms, began to change ${destination} in ${table}`,
            table,
          );
          return;
        }
        case "host-record":
          judgeRecorder(fact);
          judgeRecord(chronicle, fact, (text) => blame(text, fact.locationId, fact.hostId));
          return;
        default:
          return;
      }
    },
    quiet: () => undefined,
  };
};

/** A record's last-seen is no later than what the host itself signed, and 5 s. */
function judgeRecord(
  chronicle: Chronicle,
  { hostId, record, writer, atMs }: Extract<Fact, { kind: "host-record" }>,
  blame: (text: string) => void,
): void {
  const host = chronicle.hosts.of(hostId);
  if (record === undefined || host === undefined) return;
  const [before] = host.records.slice(-2, -1);
  if (before !== undefined && record.lastSeenMs <= before.lastSeenMs) return;
  // A clock that was moved between looking at it and writing: what comes of that is no evidence, and gives way.
  if (chronicle.faults.wasOn(["container-clock"], atMs - allowances.slowWriteMs)) return;
  const lastSeenMs = record.lastSeenMs - writer.clockOffsetMs;
  if (lastSeenMs > atMs + allowances.twoClocksMs) {
    blame(`${hostId} is believed to have been seen ${Math.round(lastSeenMs - atMs)} ms from now, by ${writer.process}`);
    return;
  }
  const boundMs =
    Math.max(host.signedMs, host.aheadMs) + allowances.creditMs + allowances.wrongClockMs + host.anchorLateMs;
  if (lastSeenMs <= boundMs) return;
  const beyondMs = Math.round(lastSeenMs - host.signedMs);
  blame(
    `${hostId} is believed to have been seen ${beyondMs} ms after its last heartbeat was signed, by ${writer.process}`,
  );
}

/** What a decision says of the active host's last-seen has to be what the table said of late. */
function judgeEvidence(chronicle: Chronicle, { decision, decidedMs }: Commit, blame: (text: string) => void): void {
  const { previousHostId, evidence, epoch } = decision;
  const silentMs = Number(/last heard (\d+) ms ago/.exec(evidence)?.[1] ?? Number.NaN);
  const records = previousHostId === null ? undefined : chronicle.hosts.of(previousHostId)?.records;
  if (Number.isNaN(silentMs) || records === undefined) return;
  const usedMs = decision.decidedMs - silentMs;
  const fromMs = decidedMs - allowances.evidenceMs;
  if ((records[0]?.fromMs ?? decidedMs) > fromMs) return;
  const wasTold = records.some(({ lastSeenMs }, at) => {
    const untilMs = records[at + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
    return Math.abs(lastSeenMs - usedMs) <= allowances.momentMs && untilMs >= fromMs;
  });
  if (!wasTold)
    blame(`epoch ${epoch} rests on a last-seen of ${silentMs} ms ago, which the table did not say within 2 s before`);
}

/** Who becomes active was heard, by its own heartbeats, within its time-out, but for what a replay may buy. */
function judgeBelief(
  court: Court,
  chronicle: Chronicle,
  { decision, decidedMs }: Commit,
  blame: (text: string) => void,
): void {
  const { activeHostId, epoch, reason } = decision;
  if (activeHostId === null || reason === "location-moved") return;
  const host = chronicle.hosts.of(activeHostId);
  const timeoutMs = Math.max(
    0,
    ...court.truth.networks.slice(-3).map(
      ({ network }) =>
        network.links
          .flatMap(({ locations }) => locations)
          .flatMap(({ hosts }) => hosts)
          .find(({ id }) => id === activeHostId)?.timeoutMs ?? 0,
    ),
  );
  if (host === undefined || timeoutMs === 0) return;
  const believedMs = Math.max(host.signedMs, host.aheadMs) + host.anchorLateMs + allowances.creditMs;
  const silentMs = decidedMs - believedMs - timeoutMs;
  if (silentMs <= 2 * allowances.wrongClockMs) return;
  const sinceS = Math.round((decidedMs - host.signedMs) / 1_000);
  blame(
    `epoch ${epoch} makes ${activeHostId} active, which signed nothing for ${sinceS} s; its time-out is ${timeoutMs / 1_000} s`,
  );
}
