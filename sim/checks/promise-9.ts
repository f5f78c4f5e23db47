import type { Id } from "../../shared/domain/ids.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Fact } from "../facts.ts";
import { allowances } from "./allowances.ts";
import type { Court, MakeCheck } from "./check.ts";

const check = "nothing is lost";

/** A decision, and what is on record of it. */
type Entry = {
  readonly decision: Decision;
  readonly atMs: number;
  told: number;
  isSwapTold: boolean;
  isConfirmed: boolean;
  isArchived: boolean;
};

/** A configuration, and whether anybody told of it. */
type Version = { readonly version: number; readonly by: string; readonly atMs: number; isTold: boolean };

type State = {
  readonly court: Court;
  /** By location and epoch; what is complete and not the newest is forgotten. */
  readonly decisions: Map<string, Entry>;
  readonly newest: Map<Id, string>;
  readonly versions: Map<number, Version>;
  /** Events of operators of late, with the true time. */
  readonly commands: { readonly text: string; readonly atMs: number }[];
};

/** Commands are told before they are answered, and no call of the admin function takes longer. ms */
const commandMs = 30_000;
/** Verbs of the admin API whose work is put on record when something is done. */
const verbs = ["pin", "unpin", "drain", "undrain", "switchover", "pause", "resume"] as const;

/** Configuration changes, decisions and swaps are on record, with who, when and why. */
export const promise9: MakeCheck = (court) => {
  const state: State = { court, decisions: new Map(), newest: new Map(), versions: new Map(), commands: [] };
  return {
    promise: 9,
    name: check,
    observe(fact) {
      switch (fact.kind) {
        case "head":
          noteHead(state, fact);
          return;
        case "archived": {
          const entry = state.decisions.get(`${fact.decision.locationId}#${fact.decision.epoch}`);
          if (entry !== undefined) entry.isArchived = true;
          return;
        }
        case "event":
          noteEvent(state, fact);
          return;
        case "network":
          noteNetwork(state, fact);
          return;
        case "operator":
          judgeCommand(state, fact);
          return;
        default:
          return;
      }
    },
    quiet() {
      for (const [key, entry] of state.decisions) judgeEntry(state, key, entry);
      const [last] = [...state.versions.keys()].slice(-1);
      for (const { version, by, isTold } of state.versions.values()) {
        if (!isTold) blame(court, `no event tells of version ${version} of the configuration, by ${by}`);
        if (version !== last) state.versions.delete(version);
      }
    },
  };
};

function blame(court: Court, message: string, ...about: readonly string[]): void {
  court.violate({ promise: 9, check, message, about });
}

function noteHead({ court, decisions, newest }: State, fact: Extract<Fact, { kind: "head" }>): void {
  const { decision, before, atMs } = fact;
  const { locationId, epoch, by, evidence } = decision;
  const key = `${locationId}#${epoch}`;
  const known = decisions.get(key);
  if (before?.epoch === epoch && known !== undefined) {
    known.isConfirmed ||= decision.swap.state === "confirmed";
    return;
  }
  if (by === "" || evidence === "")
    blame(court, `epoch ${epoch} does not say who decided it, or on what evidence`, locationId);
  decisions.set(key, { decision, atMs, told: 0, isSwapTold: false, isConfirmed: false, isArchived: false });
  newest.set(locationId, key);
}

function noteEvent(
  { court, decisions, versions, commands }: State,
  { event, atMs }: Extract<Fact, { kind: "event" }>,
): void {
  const [what = "", id = "", number = ""] = event.once?.split("#") ?? [];
  switch (event.kind) {
    case "decision": {
      const entry = decisions.get(`${id}#${number}`);
      if (entry === undefined || what !== "decision") return;
      entry.told++;
      const { reason, by, evidence, epoch, locationId } = entry.decision;
      const isWhole = event.by === by && event.message.includes(reason) && event.message.includes(evidence);
      if (!isWhole) blame(court, `the event of epoch ${epoch} does not say by whom and why`, locationId);
      return;
    }
    case "swap-confirmed": {
      const entry = decisions.get(`${id}#${number}`);
      if (entry !== undefined) entry.isSwapTold = true;
      return;
    }
    case "network-applied": {
      const known = versions.get(Number(id));
      if (known === undefined) return;
      known.isTold = true;
      if (event.by !== known.by)
        blame(court, `the event of version ${known.version} says it was applied by ${event.by}, it was ${known.by}`);
      return;
    }
    case "operator":
      commands.push({ text: event.message, atMs });
      while ((commands[0]?.atMs ?? atMs) < atMs - 2 * commandMs) commands.shift();
      return;
    default:
      return;
  }
}

function noteNetwork({ court, versions }: State, { network, by, why, atMs }: Extract<Fact, { kind: "network" }>): void {
  const [last] = [...versions.keys()].slice(-1);
  if (last !== undefined && network.version !== last + 1) {
    blame(court, `version ${network.version} of the configuration follows version ${last}`);
  }
  if (by === "" || why === "")
    blame(court, `version ${network.version} of the configuration does not say by whom and why`);
  versions.set(network.version, { version: network.version, by, atMs, isTold: false });
}

/** Whether a command that was answered well left its record, where it did anything. */
function judgeCommand(
  { court, commands }: State,
  { command, status, text, atMs }: Extract<Fact, { kind: "operator" }>,
): void {
  const verb = verbs.find((one) => command === one || command.startsWith(`${one}/`));
  if (verb === undefined || status !== 200 || isIdle(text)) return;
  const isOnRecord = commands.some((one) => one.text.startsWith(verb) && one.atMs >= atMs - commandMs);
  if (!isOnRecord) blame(court, `${command} was answered well, and is not on record: ${text.slice(0, 200)}`);
}

/** Answers that say that there was nothing to do. */
function isIdle(text: string): boolean {
  return ["was not drained", "was pinned", "is active already", "there is no link", "no pin"].some((idle) =>
    text.includes(idle),
  );
}

function judgeEntry({ court, decisions, newest }: State, key: string, entry: Entry): void {
  const { decision, told, isSwapTold, isConfirmed, isArchived, atMs } = entry;
  const { locationId, epoch, reason } = decision;
  // One that was decided just now is still being told of.
  if (atMs > court.truth.nowMs() - allowances.arrivalMs) return;
  const isNewest = newest.get(locationId) === key;
  if (told !== 1) blame(court, `epoch ${epoch} (${reason}) is told of by ${told} events`, locationId);
  if (isConfirmed && !isSwapTold)
    blame(court, `epoch ${epoch} is confirmed, and no event tells of its swap`, locationId);
  if (!isNewest && !isArchived) blame(court, `epoch ${epoch} is neither in force nor in the archive`, locationId);
  if (!isNewest || told !== 1) decisions.delete(key);
}
