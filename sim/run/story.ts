import type { Id } from "../../shared/domain/ids.ts";
import type { Network } from "../../shared/domain/network.ts";
import type { Decision, HostRecord } from "../../shared/domain/records.ts";
import type { Fact, RouteCall, Writer } from "../facts.ts";

/** Turns the facts of one world into lines that a person can read. */
export type Story = {
  /** One line, or undefined for a fact that belongs to the routine of a host. */
  tell(fact: Fact): string | undefined;
};

/** `beganMs`: true time of the world's beginning; lines say seconds since. */
export function createStory(beganMs: number): Story {
  const names = createNames();
  const routine = new Map<Id, number>();
  return {
    tell(fact) {
      if (fact.kind === "network") names.learn(fact.network);
      const hostId = routineOf(fact);
      if (hostId !== undefined) {
        routine.set(hostId, (routine.get(hostId) ?? 0) + 1);
        return undefined;
      }
      const seconds = ((fact.atMs - beganMs) / 1_000).toFixed(3).padStart(9);
      return `${seconds}  ${textOf(fact, names)}`;
    },
  };
}

/** Whether a fact concerns one of some locations, hosts or tables. Slow: it looks through the whole fact. */
export function concerns(fact: Fact, about: readonly string[]): boolean {
  const text = JSON.stringify(fact);
  return about.some((id) => text.includes(`"${id}"`));
}

/** The host whose routine a fact is: heartbeats that are sent, answered well, and recorded. */
function routineOf(fact: Fact): Id | undefined {
  switch (fact.kind) {
    case "sent":
      return fact.method === "PUT" ? fact.hostId : undefined;
    case "answered":
      return fact.method === "PUT" && fact.isGenuine && fact.status === 200 ? fact.hostId : undefined;
    case "host-record":
      return fact.record === undefined || fact.record.left !== null ? undefined : fact.hostId;
    case "pulse":
      return fact.pulse.holdSinceMs === fact.pulse.lastCreditedMs ? undefined : fact.linkId;
    default:
      return undefined;
  }
}

type Names = {
  learn(network: Network): void;
  host(id: Id | null | undefined): string;
  location(id: Id | undefined): string;
};

/** Names of hosts and locations by id, also of those that are gone. */
function createNames(): Names {
  const hosts = new Map<Id, string>();
  const locations = new Map<Id, string>();
  return {
    learn(network) {
      for (const link of network.links) {
        for (const location of link.locations) {
          locations.set(location.id, location.name);
          for (const host of location.hosts) hosts.set(host.id, `${location.name}/${host.name}`);
        }
      }
    },
    host: (id) => (id == null ? "nobody" : (hosts.get(id) ?? id)),
    location: (id) => (id === undefined ? "everywhere" : (locations.get(id) ?? id)),
  };
}

function textOf(fact: Fact, names: Names): string {
  switch (fact.kind) {
    case "network":
      return `configuration ${fact.network.version} in force, by ${fact.by}: ${fact.why}`;
    case "head":
      return headText(fact.decision, fact.before, fact.writer, names);
    case "head-removed":
      return `${names.location(fact.locationId)}: its newest decision was removed by ${by(fact.writer)}`;
    case "archived":
      return `${names.location(fact.decision.locationId)}: epoch ${fact.decision.epoch} archived by ${by(fact.writer)}`;
    case "host-record":
      return `${names.host(fact.hostId)}: ${recordText(fact.record)}, by ${by(fact.writer)}`;
    case "pulse":
      return `hold until ${fact.pulse.holdUntilMs - fact.pulse.holdSinceMs} ms from now, by ${by(fact.writer)}`;
    case "paused":
      return `link ${fact.isPaused ? "paused" : "not paused"}, by ${by(fact.writer)}`;
    case "wish":
      return `${names.location(fact.locationId)}: wish ${JSON.stringify(fact.wish ?? null)}, by ${by(fact.writer)}`;
    case "suspicion":
      return suspicionText(fact, names);
    case "event":
      return `event ${fact.event.kind} by ${by(fact.writer)}: ${fact.event.message}`;
    case "ledger": {
      const { table, destination, state, locationId } = fact.entry;
      const what = fact.isRemoved ? "forgotten" : `${state} (${names.location(locationId)}, epoch ${fact.entry.epoch})`;
      return `ledger: ${destination} in ${table} ${what}, by ${by(fact.writer)}`;
    }
    case "call-started":
      return `call ${callText(fact.call)} started by ${by(fact.call.writer)}`;
    case "call-landed":
      return `call ${callText(fact.call)} ${landedText(fact.call)}`;
    case "foreign-change":
      return `somebody else: ${fact.destination} in ${fact.table} from ${fact.before ?? "nothing"} to ${fact.after ?? "nothing"}`;
    case "host-up":
    case "host-down":
      return `${names.host(fact.hostId)} ${fact.kind === "host-up" ? "up" : "down"}: ${fact.how}`;
    case "sent":
      return `${names.host(fact.hostId)} sent ${fact.method}`;
    case "answered": {
      const { hostId, method, isGenuine, status, writer } = fact;
      return `${isGenuine ? "" : "forged or replayed: "}${method} of ${names.host(hostId)} answered ${status} by ${by(writer)}`;
    }
    case "operator":
      return `operator: ${fact.command} answered ${fact.status} ${fact.text.slice(0, 160)}`;
    case "fault":
      return `FAULT ${fact.fault}: ${fact.what}`;
    case "invocation-failed":
      return `a call of the ${fact.role} function failed: ${fact.error.slice(0, 160)}`;
    default:
      return fact satisfies never;
  }
}

function headText(decision: Decision, before: Decision | undefined, writer: Writer, names: Names): string {
  const { locationId, epoch, activeHostId, reason, evidence, swap } = decision;
  const place = `${names.location(locationId)}: epoch ${epoch}`;
  if (before?.epoch === epoch) return `${place} ${swap.state}, by ${by(writer)}`;
  const change = `${names.host(before?.activeHostId)} -> ${names.host(activeHostId)}`;
  return `${place} DECIDED ${change}, ${reason} (${evidence}), for ${decision.by} by ${by(writer)}`;
}

function recordText(record: HostRecord | undefined): string {
  if (record === undefined) return "record removed";
  return record.left === null ? "record written" : "good-bye recorded";
}

function suspicionText(fact: Extract<Fact, { kind: "suspicion" }>, names: Names): string {
  const { suspicion, locationId, writer } = fact;
  if (suspicion === undefined) return `${names.location(locationId)}: nobody suspected any more, by ${by(writer)}`;
  return `${names.host(suspicion.hostId)} suspected by ${names.host(suspicion.by)}, by ${by(writer)}`;
}

function callText({ number, kind, table, destination, target }: RouteCall): string {
  return `#${number} ${kind} ${destination} in ${table}${target === "" ? "" : ` -> ${target}`}`;
}

function landedText(call: RouteCall): string {
  const lateMs = Math.round((call.landedMs ?? call.startedMs) - call.startedMs);
  if (call.result !== "ok") return `refused after ${lateMs} ms; ${call.before ?? "nothing"} stands there`;
  return `landed after ${lateMs} ms: ${call.before ?? "nothing"} -> ${call.after ?? "nothing"}`;
}

function by({ process, clockOffsetMs }: Writer): string {
  return Math.abs(clockOffsetMs) < 2_000 ? process : `${process} (clock ${Math.round(clockOffsetMs)} ms off)`;
}
