import type { Id } from "../../shared/domain/ids.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Fact, Writer } from "../facts.ts";

/** A new epoch as it was committed. `atMs`: when its write had its effect; `decidedMs`: when it was decided. True times. */
export type Commit = {
  readonly decision: Decision;
  readonly atMs: number;
  readonly decidedMs: number;
  readonly writer: Writer;
  /** How far the writer's clock was off at the commit, ms. */
  readonly clockOffsetMs: number;
};

export type LocationLog = {
  readonly locationId: Id;
  /** Oldest first; the newest is always here. */
  readonly commits: readonly Commit[];
  /** The head as it stands, with its confirmation. */
  readonly head: Decision;
  readonly newest: Commit;
  readonly confirmedMs: number | undefined;
};

/** The decisions of every location as the table saw them. */
export type HeadLog = {
  note(fact: Fact): void;
  of(locationId: Id): LocationLog | undefined;
  all(): Iterable<LocationLog>;
  /** The commits that were the newest of their location at some time between two times. */
  between(locationId: Id, fromMs: number, toMs: number): readonly Commit[];
};

/** Commits that are older, and not the newest, are forgotten. ms */
const keepMs = 10 * 60_000;

type Kept = { -readonly [K in keyof LocationLog]: LocationLog[K] } & { commits: Commit[] };

export function createHeadLog(): HeadLog {
  const logs = new Map<Id, Kept>();
  const note = (fact: Fact): void => {
    if (fact.kind !== "head") return;
    const { decision, before, atMs, writer } = fact;
    const { locationId } = decision;
    const log = logs.get(locationId);
    if (before?.epoch === decision.epoch && log !== undefined) {
      log.head = decision;
      if (decision.swap.state === "confirmed") log.confirmedMs = atMs;
      return;
    }
    const clockOffsetMs = writer.clockOffsetMs;
    const decidedMs = Math.min(atMs, decision.decidedMs - clockOffsetMs);
    const newest: Commit = { decision, atMs, decidedMs, writer, clockOffsetMs };
    if (log === undefined) {
      logs.set(locationId, { locationId, commits: [newest], head: decision, newest, confirmedMs: undefined });
      return;
    }
    log.commits.push(newest);
    while ((log.commits[1]?.atMs ?? atMs) < atMs - keepMs) log.commits.shift();
    log.head = decision;
    log.newest = newest;
    log.confirmedMs = undefined;
  };
  return {
    note,
    of: (locationId) => logs.get(locationId),
    all: () => logs.values(),
    between(locationId, fromMs, toMs) {
      const commits = logs.get(locationId)?.commits ?? [];
      return commits.filter((commit, at) => commit.atMs <= toMs && (commits[at + 1]?.atMs ?? toMs) >= fromMs);
    },
  };
}
