import type { Id } from "../../shared/domain/ids.ts";
import type { Decision, LocationWish } from "../../shared/domain/records.ts";
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
  readonly wishes: Map<Id, LocationWish | undefined>;
  /** What was changed of late, that a command by this verb asks for. */
  readonly changes: Change[];
};

type Change = { readonly verb: Verb; readonly locationId: Id; readonly hostId: Id | undefined; readonly atMs: number };

/** Commands are told before they are answered, and no call of the admin function takes longer. ms */
const commandMs = 30_000;
/** Verbs of the admin API that change what is wished of a location, which is put on record. */
const verbs = ["pin", "unpin", "drain", "undrain", "switchover"] as const;
type Verb = (typeof verbs)[number];

/** Configuration changes, decisions and swaps are on record, with who, when and why. */
export const promise9: MakeCheck = (court) => {
  const state: State = {
    court,
    decisions: new Map(),
    newest: new Map(),
    versions: new Map(),
    commands: [],
    wishes: new Map(),
    changes: [],
  };
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
        case "wish":
          noteWish(state, fact);
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
      while ((commands[0]?.atMs ?? atMs) < atMs - allowances.frozenMs - 2 * commandMs) commands.shift();
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

/** What became another wish, by the verbs that ask for that. */
function noteWish(
  { court, wishes, changes }: State,
  { locationId, wish, atMs }: Extract<Fact, { kind: "wish" }>,
): void {
  const before = wishes.get(locationId);
  wishes.set(locationId, wish);
  const note = (verb: Verb, hostId?: Id): void => void changes.push({ verb, locationId, hostId, atMs });
  while ((changes[0]?.atMs ?? atMs) < atMs - commandMs) changes.shift();
  const was = before?.drains ?? {};
  const is = wish?.drains ?? {};
  for (const hostId of Object.keys(is)) if (was[hostId] === undefined) note("drain", hostId);
  // What was wished of a host that was removed goes with it: no command asked for that.
  const isThere = (hostId: Id): boolean => court.truth.place(hostId) !== undefined;
  for (const hostId of Object.keys(was)) if (is[hostId] === undefined && isThere(hostId)) note("undrain", hostId);
  if (wish?.pin != null && wish.pin.atMs !== before?.pin?.atMs) note("pin");
  if (wish?.pin == null && before?.pin != null && isThere(before.pin.hostId)) note("unpin");
  if (wish?.switchover != null && wish.switchover.atMs !== before?.switchover?.atMs) note("switchover");
}

/** Whether a command that was answered well left its record, where it, or one just like it just before, changed anything. */
function judgeCommand(
  { court, commands, changes }: State,
  { command, status, text, atMs }: Extract<Fact, { kind: "operator" }>,
): void {
  const [first = "", ...path] = command.split("/");
  const verb = verbs.find((one) => one === first);
  if (status !== 200) return;
  const name = path.join("/");
  // What is changed is put on record first: a container that stands still in between changes it only minutes later.
  const isOnRecord = (words: string): boolean =>
    commands.some((one) => one.text.startsWith(words) && one.atMs >= atMs - allowances.frozenMs - 2 * commandMs);
  const lost = (): void => blame(court, `${command} was answered well, and is not on record: ${text.slice(0, 200)}`);
  if (first === "pause" || first === "resume") {
    if (!text.includes("there is no link") && !isOnRecord(`${first} of `)) lost();
    return;
  }
  const { truth } = court;
  const location = truth.link?.locations.find((one) => `${truth.link?.name}/${one.name}` === name);
  // What was so already needs no record; a change of before may have been recorded long before it was made.
  if (text.includes("is active already")) return;
  const isDone = changes.some(
    (one) =>
      one.verb === verb &&
      one.locationId === location?.id &&
      one.atMs >= atMs - commandMs &&
      (one.hostId === undefined || text.includes(truth.place(one.hostId)?.host.name ?? one.hostId)),
  );
  if (isDone && !isOnRecord(`${verb} of ${name}`)) lost();
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
