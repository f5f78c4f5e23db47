import type { FaultKind, Incident } from "../faults/kinds.ts";

/** A world cut down. `untilMs`: after the beginning. */
export type Candidate = { readonly incidents: readonly Incident[]; readonly untilMs: number };

export type Shrunk = Candidate & {
  /** Runs that it took, and whether it ended because there was no more to leave out. */
  readonly runs: number;
  readonly isThrough: boolean;
};

export type ShrinkOptions = {
  /** Whether the same promise is still broken, found by the same check. When: ms after the beginning; else undefined. */
  readonly stillFails: (candidate: Candidate) => Promise<number | undefined>;
  /** Runs at most, and simulated time of all runs together at most, ms. */
  readonly mostRuns: number;
  readonly mostMs: number;
};

/** A time limit leaves this much after the violation, so that it is not cut off by a fraction. ms */
const marginMs = 1;

/**
 * Leaves out of a failing world what it does not need to fail: everything after the violation, then the oldest part of
 * the storms, whole kinds of faults, and then by delta debugging single incidents. Deterministic.
 */
export async function shrink(start: Candidate, options: ShrinkOptions): Promise<Shrunk> {
  let best = cut(start);
  let runs = 0;
  let spentMs = 0;
  const mayGoOn = () => runs < options.mostRuns && spentMs < options.mostMs;
  const isKept = async (incidents: readonly Incident[]): Promise<boolean> => {
    if (incidents.length === best.incidents.length || !mayGoOn()) return false;
    const candidate = { incidents, untilMs: best.untilMs };
    runs++;
    const failsMs = await options.stillFails(candidate);
    spentMs += failsMs ?? candidate.untilMs;
    if (failsMs === undefined) return false;
    best = cut({ incidents, untilMs: Math.min(candidate.untilMs, Math.ceil(failsMs) + marginMs) });
    return true;
  };

  await withoutAll(() => best, isKept);
  await withoutOld(() => best, isKept);
  await withoutKinds(() => best, isKept);
  await withoutPieces(() => best, isKept, mayGoOn);
  return { ...best, runs, isThrough: mayGoOn() };
}

type IsKept = (incidents: readonly Incident[]) => Promise<boolean>;

/** What begins after the end changes nothing. */
function cut({ incidents, untilMs }: Candidate): Candidate {
  return { incidents: incidents.filter((incident) => incident.fromMs <= untilMs), untilMs };
}

async function withoutAll(best: () => Candidate, isKept: IsKept): Promise<void> {
  if (best().incidents.length > 0) await isKept([]);
}

/** Most violations come of what went on just before. */
async function withoutOld(best: () => Candidate, isKept: IsKept): Promise<void> {
  for (const lastMs of [5 * 60_000, 15 * 60_000, 60 * 60_000]) {
    const { incidents, untilMs } = best();
    if (await isKept(incidents.filter((incident) => incident.toMs >= untilMs - lastMs))) return;
  }
}

async function withoutKinds(best: () => Candidate, isKept: IsKept): Promise<void> {
  const kinds = [...new Set(best().incidents.map((incident) => incident.kind))].sort();
  await halving(kinds, async (gone: ReadonlySet<FaultKind>) =>
    isKept(best().incidents.filter((incident) => !gone.has(incident.kind))),
  );
}

/** Tries to leave out all of some things, and where that fails each half of them. */
async function halving<T>(things: readonly T[], leaveOut: (gone: ReadonlySet<T>) => Promise<boolean>): Promise<void> {
  if (things.length === 0) return;
  const middle = Math.ceil(things.length / 2);
  for (const part of things.length === 1 ? [things] : [things.slice(0, middle), things.slice(middle)]) {
    const isGone = await leaveOut(new Set(part));
    if (!isGone && part.length > 1) await halving(part, leaveOut);
  }
}

/** Delta debugging over single incidents: pieces that halve in size, until no single one can be left out. */
async function withoutPieces(best: () => Candidate, isKept: IsKept, mayGoOn: () => boolean): Promise<void> {
  let size = Math.ceil(best().incidents.length / 2);
  while (size >= 1 && mayGoOn()) {
    let hasShrunk = false;
    for (let at = 0; at < best().incidents.length && mayGoOn(); ) {
      const { incidents } = best();
      if (await isKept([...incidents.slice(0, at), ...incidents.slice(at + size)])) hasShrunk = true;
      else at += size;
    }
    if (size === 1 && !hasShrunk) return;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
}
