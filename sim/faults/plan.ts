import { type Chance, chanceOf } from "../engine/chance.ts";
import { type FaultKind, faultKinds, type Incident, type Plan } from "./kinds.ts";
import { isWeather } from "./weather.ts";

/** How much goes wrong. */
export type FaultLevel = "none" | "light" | "heavy";

/**
 * A cycle of a world's life, ms: a storm of many faults at once, a calm after which everything must be in order again,
 * and then one clean end of a host, that is judged by the clock.
 */
export const cycle = { stormMs: 900_000, calmMs: 210_000, cleanMs: 90_000 } as const;
const cycleMs = cycle.stormMs + cycle.calmMs + cycle.cleanMs;

/** Before the first storm: the configuration is applied, hosts come up. ms */
const beginMs = 60_000;
/** The clean end of a host comes this long after the quiet point, and lasts this long, ms: one that a tunnel's time-out shows, longer. */
const clean = { afterMs: 5_000, lastsMs: 40_000, forwardingMs: 80_000 } as const;
const cleanEnds: readonly FaultKind[] = ["host-vanish", "host-refuse", "host-leave", "forwarding-dead"];

/** How often a storm has a kind of fault: the odds that it has any, how many then, and how long each may last, ms. */
type Rate = { readonly odds: number; readonly least: number; readonly most: number; readonly mostMs: number };

const shortestMs = 3_000;
const usual: Rate = { odds: 0.75, least: 6, most: 20, mostMs: 60_000 };
/** What makes hosts fail over. */
const driving: Rate = { odds: 0.95, least: 30, most: 80, mostMs: 15_000 };
/** What stops everything else while it lasts. */
const stopping: Rate = { odds: 0.95, least: 9, most: 15, mostMs: 8_000 };
/** What has few opportunities. */
const rare: Rate = { odds: 0.95, least: 8, most: 17, mostMs: 90_000 };
/** What counts once each. */
const single: Rate = { odds: 0.95, least: 10, most: 22, mostMs: 60_000 };
const spells: Rate = { odds: 0.7, least: 5, most: 12, mostMs: 60_000 };

const rates: Readonly<Partial<Record<FaultKind, Rate>>> = {
  "host-vanish": driving,
  "host-refuse": driving,
  "host-leave": driving,
  "operator-switchover": driving,
  "operator-drain": driving,
  "outage-functions": stopping,
  // Long enough for hosts to time out, were silence taken for death.
  "outage-endpoint": { ...stopping, mostMs: 25_000 },
  "operator-pause": stopping,
  "operator-pin": single,
  "operator-apply": single,
  "foreign-route": single,
  "endpoint-partition": single,
  // Longer than what was read before the clock was moved may be acted on.
  "container-clock": { ...stopping, least: 11, most: 18, mostMs: 60_000 },
  "interface-replaced": { ...usual, odds: 0.9 },
  "host-partition": { ...usual, odds: 0.9 },
  "queue-refuse": { ...spells, odds: 0.85 },
  "queue-delay": { ...spells, odds: 0.8 },
  "queue-duplicate": { ...spells, odds: 0.8 },
  // A sweep comes once a minute.
  "schedule-odd": { ...rare, least: 90, most: 120, mostMs: 120_000 },
  "cloud-throttle": rare,
  "cloud-late": rare,
  "cloud-lost-answer": rare,
  "cloud-refuse": rare,
  "cloud-stale": rare,
};

function rateOf(kind: FaultKind, level: FaultLevel): Rate {
  const rate = rates[kind] ?? (isWeather(kind) ? spells : usual);
  switch (level) {
    case "none":
      return { ...rate, odds: 0 };
    case "light":
      return { ...rate, odds: rate.odds / 4, least: 1, most: 2 };
    case "heavy":
      return rate;
    default:
      return level satisfies never;
  }
}

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
    const kind = chance.pick(cleanEnds);
    const lastsMs = kind === "forwarding-dead" ? clean.forwardingMs : clean.lastsMs;
    incidents.push(incident(kind, fromMs, fromMs + lastsMs, chance));
  }
  incidents.sort((a, b) => a.fromMs - b.fromMs);
  return { incidents: incidents.map((one, number) => ({ ...one, number })), quietMs, endMs };
}

function stormOf(chance: Chance, kind: FaultKind, startMs: number, level: FaultLevel): readonly Incident[] {
  const { odds, least, most, mostMs } = rateOf(kind, level);
  if (!chance.is(odds)) return [];
  return Array.from({ length: chance.whole(least, most) }, () => {
    const lastsMs = shortestMs * (mostMs / shortestMs) ** chance.next();
    const fromMs = startMs + chance.within(0, cycle.stormMs - shortestMs);
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
