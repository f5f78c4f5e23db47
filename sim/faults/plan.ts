import { type Chance, chanceOf } from "../engine/chance.ts";
import { type FaultKind, faultKinds, type Incident, type Plan } from "./kinds.ts";
import { isWeather } from "./weather.ts";

/** How much goes wrong. */
export type FaultLevel = "none" | "light" | "heavy";

/**
 * A cycle of a world's life, ms: a storm of many faults at once, a calm after which everything must be in order again,
 * and then one clean end of a host, that is judged by the clock.
 */
export const cycle = { stormMs: 390_000, calmMs: 210_000, cleanMs: 120_000 } as const;
const cycleMs = cycle.stormMs + cycle.calmMs + cycle.cleanMs;

/** Before the first storm: the configuration is applied, hosts come up. ms */
const beginMs = 60_000;
/** The clean end of a host comes this long after the quiet point, and lasts this long, ms. */
const clean = { afterMs: 5_000, lastsMs: 50_000 } as const;
const cleanEnds: readonly FaultKind[] = ["host-vanish", "host-refuse", "host-leave"];

/** Odds that a storm has a kind of fault, and how many of it then. */
const levels = {
  none: { odds: 0, least: 0, most: 0 },
  light: { odds: 0.2, least: 1, most: 1 },
  heavy: { odds: 0.5, least: 1, most: 5 },
} as const;

/** Kinds that stop everything else for as long as they last: fewer and shorter. */
const stopping: ReadonlySet<FaultKind> = new Set(["outage-functions", "operator-pause", "container-clock"]);
/** Kinds that end at once: their length does not matter, and there may be more of them. */
const length = { leastMs: 4_000, mostMs: 90_000, stoppingMs: 40_000 } as const;

/** What a seed's world is put through in `hours` hours. Pure. */
export function planOf(seed: number, hours: number, level: FaultLevel): Plan {
  const chance = chanceOf(seed).fork("plan");
  const endMs = Math.max(beginMs + cycleMs, Math.round(hours * 3_600_000));
  const incidents: Incident[] = [];
  const quietMs: number[] = [];
  for (let startMs = beginMs; startMs + cycleMs <= endMs; startMs += cycleMs) {
    for (const kind of faultKinds) incidents.push(...stormOf(chance, kind, startMs, level));
    const calmEndMs = startMs + cycle.stormMs + cycle.calmMs;
    quietMs.push(calmEndMs);
    if (level === "none") continue;
    const fromMs = calmEndMs + clean.afterMs;
    incidents.push(incident(chance.pick(cleanEnds), fromMs, fromMs + clean.lastsMs, chance));
  }
  incidents.sort((a, b) => a.fromMs - b.fromMs);
  return { incidents: incidents.map((one, number) => ({ ...one, number })), quietMs, endMs };
}

function stormOf(chance: Chance, kind: FaultKind, startMs: number, level: FaultLevel): readonly Incident[] {
  const { odds, least, most } = levels[level];
  if (!chance.is(odds)) return [];
  return Array.from({ length: chance.whole(least, stopping.has(kind) ? Math.min(2, most) : most) }, () => {
    const mostMs = stopping.has(kind) ? length.stoppingMs : length.mostMs;
    const lastsMs = length.leastMs * (mostMs / length.leastMs) ** chance.next();
    const fromMs = startMs + chance.within(0, cycle.stormMs - length.leastMs);
    return incident(kind, fromMs, Math.min(fromMs + lastsMs, startMs + cycle.stormMs), chance);
  });
}

function incident(kind: FaultKind, fromMs: number, toMs: number, chance: Chance): Incident {
  return { number: 0, kind, fromMs: Math.round(fromMs), toMs: Math.round(toMs), roll: chance.next() };
}

/** The plan without what is not wanted: only some incidents, by number, and without some kinds. */
export function narrowed(
  plan: Plan,
  {
    only,
    without,
  }: { readonly only?: readonly number[] | undefined; readonly without?: readonly FaultKind[] | undefined },
): Plan {
  const kept = only === undefined ? undefined : new Set(only);
  const incidents = plan.incidents.filter(
    ({ number, kind }) => (kept === undefined || kept.has(number)) && without?.includes(kind) !== true,
  );
  return { ...plan, incidents };
}

/** Whether an incident is one that `Weather` carries out. */
export const isSpell = ({ kind }: Incident): boolean => isWeather(kind);
