import type { Id } from "../../shared/domain/ids.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Fact } from "../facts.ts";
import type { Court, MakeCheck } from "./check.ts";

/** Epochs of a location whose decisions are remembered, to compare the archive with. */
const keepEpochs = 128;

type Told = { readonly decision: Decision; readonly text: string; isArchived: boolean };
type Log = { newest: Decision; readonly told: Map<number, Told> };

/** A decision without its confirmation, as text: equal when nothing of it changed. */
function textOf({ swap: _swap, ...decision }: Decision): string {
  return JSON.stringify(decision, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/**
 * At most one active host per location and epoch; epochs only grow; a decision is one conditional write. Judged by the
 * writes of head and archive alone.
 */
export const promise1: MakeCheck = (court) => {
  const logs = new Map<Id, Log>();
  return {
    promise: 1,
    name: "one decision an epoch",
    observe(fact) {
      if (fact.kind === "head") judgeHead(court, logs, fact);
      else if (fact.kind === "archived") judgeArchive(court, logs, fact.decision);
      else if (fact.kind === "head-removed") judgeRemoval(court, logs, fact.locationId);
    },
    quiet: () => undefined,
  };
};

function blame(court: Court, locationId: Id, message: string): void {
  court.violate({ promise: 1, check: "one decision an epoch", message, about: [locationId] });
}

function judgeHead(court: Court, logs: Map<Id, Log>, fact: Extract<Fact, { kind: "head" }>): void {
  const { decision, before, writer } = fact;
  const { locationId, epoch } = decision;
  const log = logs.get(locationId);
  const say = (text: string): void => blame(court, locationId, `${text}, by ${writer.process}`);
  if (log === undefined) {
    if (epoch !== 1) say(`the first decision has epoch ${epoch}`);
    remember(logs, decision);
    return;
  }
  const { newest } = log;
  if (before === undefined) say(`epoch ${epoch} was put as if epoch ${newest.epoch} did not stand`);
  else if (textOf(before) !== textOf(newest))
    say(`epoch ${epoch} was put over something else than epoch ${newest.epoch}`);
  if (epoch === newest.epoch) {
    if (textOf(decision) !== textOf(newest))
      say(`epoch ${epoch} was decided twice: ${active(newest)}, then ${active(decision)}`);
    else if (newest.swap.state === "confirmed") say(`epoch ${epoch} was written again after its confirmation`);
    else if (decision.swap.state !== "confirmed") say(`epoch ${epoch} was written twice`);
    log.newest = decision;
    return;
  }
  if (epoch !== newest.epoch + 1) say(`epoch ${epoch} follows epoch ${newest.epoch}`);
  if (decision.swap.state !== "pending") say(`epoch ${epoch} is confirmed as it is committed`);
  if (decision.previousHostId !== newest.activeHostId) {
    say(`epoch ${epoch} rests on ${decision.previousHostId} as active, it was ${active(newest)}`);
  }
  const told = log.told.get(newest.epoch);
  if (told?.isArchived === false) say(`epoch ${epoch} was put over epoch ${newest.epoch}, which is in no archive`);
  remember(logs, decision);
}

function remember(logs: Map<Id, Log>, decision: Decision): void {
  const log = logs.get(decision.locationId) ?? { newest: decision, told: new Map<number, Told>() };
  logs.set(decision.locationId, log);
  log.newest = decision;
  log.told.set(decision.epoch, { decision, text: textOf(decision), isArchived: false });
  log.told.delete(decision.epoch - keepEpochs);
}

function judgeArchive(court: Court, logs: Map<Id, Log>, archived: Decision): void {
  const { locationId, epoch } = archived;
  const log = logs.get(locationId);
  if (log === undefined || epoch > log.newest.epoch) {
    blame(court, locationId, `epoch ${epoch} was archived, and was never decided`);
    return;
  }
  const told = log.told.get(epoch);
  if (told === undefined) return;
  if (textOf(archived) !== told.text)
    blame(court, locationId, `the archive says something else of epoch ${epoch} than its head did`);
  const isNewest = epoch === log.newest.epoch;
  if (isNewest && archived.swap.state === "confirmed" && log.newest.swap.state !== "confirmed") {
    blame(court, locationId, `the archive has epoch ${epoch} confirmed, its head has not`);
  }
  told.isArchived = true;
}

function judgeRemoval(court: Court, logs: Map<Id, Log>, locationId: Id): void {
  const isConfigured = court.truth.location(locationId) !== undefined;
  if (isConfigured) blame(court, locationId, "the head was removed while its location is configured");
  logs.delete(locationId);
}

const active = (decision: Decision): string => decision.activeHostId ?? "nobody";
