import { longestTimeoutMs, shortestTimeoutMs } from "../../shared/domain/election/state.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Fact } from "../facts.ts";
import type { Truth } from "../world/truth.ts";
import { allowances } from "./allowances.ts";

/** A time without any heartbeat, the first one after it, and how long that makes decisions wait for certain. */
export type Gap = { readonly fromMs: number; readonly toMs: number; readonly holdMs: number };

/**
 * When heartbeats were heard at all: one was answered with 200, or the heartbeat function wrote a pulse or a host's
 * record. Each of these may be more than was credited, never less. A world has one link.
 */
export type HearingLog = {
  note(fact: Fact): void;
  /** The newest time at which one was heard, up to a time. */
  lastBefore(atMs: number): number | undefined;
  /** Gaps that are certainly longer than half the shortest time-out, oldest first. */
  readonly gaps: readonly Gap[];
};

/** Of the times within this, two are kept. ms */
const grainMs = 500;
const keepTimes = 1_024;
const keepGaps = 8;

/** Half the shortest time-out of a link, and what clocks may make of it. ms */
export function deafAfterMs(truth: Truth): number {
  const shortestMs = truth.link === undefined ? undefined : shortestTimeoutMs(truth.link);
  return (shortestMs ?? 0) / 2 + 2 * allowances.wrongClockMs + allowances.hearingMs;
}

/** How long a hold lasts for certain: the longest time-out, at least 15 s, and what clocks may take from it. ms */
export function holdMs(truth: Truth): number {
  const longestMs = truth.link === undefined ? 0 : longestTimeoutMs(truth.link);
  return Math.max(longestMs, limits.shortestHoldMs) - 2 * allowances.wrongClockMs - allowances.hearingMs;
}

export function createHearingLog(truth: Truth): HearingLog {
  const times: number[] = [];
  const gaps: Gap[] = [];
  let lastMs: number | undefined;

  const heard = (atMs: number, beganMs = atMs): void => {
    if (lastMs !== undefined && atMs - lastMs > deafAfterMs(truth)) {
      gaps.push({ fromMs: lastMs, toMs: Math.max(lastMs, Math.min(atMs, beganMs)), holdMs: holdMs(truth) });
      if (gaps.length > keepGaps) gaps.shift();
    }
    lastMs = atMs;
    if (atMs - (times.at(-2) ?? 0) < grainMs) {
      times[times.length - 1] = atMs;
      return;
    }
    times.push(atMs);
    if (times.length > keepTimes) times.splice(0, keepTimes / 2);
  };

  return {
    gaps,
    lastBefore: (atMs) => times.findLast((time) => time <= atMs),
    note(fact) {
      switch (fact.kind) {
        case "answered":
          if (fact.method === "PUT" && fact.status === 200) heard(fact.atMs);
          return;
        case "pulse":
          // A pulse that was kept back counts from when it was made.
          if (fact.writer.role === "heartbeat") heard(fact.atMs, fact.pulse.lastCreditedMs - fact.writer.clockOffsetMs);
          return;
        case "host-record":
          if (fact.writer.role === "heartbeat") heard(fact.atMs);
          return;
        default:
          return;
      }
    },
  };
}
