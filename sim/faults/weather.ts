import type { Chance } from "../engine/chance.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Observe } from "../facts.ts";
import { type FaultKind, type Incident, type WeatherKind, weatherKinds } from "./kinds.ts";

/** How likely things are to go wrong now. */
export type Weather = {
  /** Whether a fault strikes here and now. Counts it when it does. `what` names the place, for the trace. */
  strikes(kind: WeatherKind, what: string): boolean;
  /** Counts a fault that is none of the weather's; `lastsMs`: for how long it is there. */
  note(kind: FaultKind, what: string, lastsMs?: number): void;
  /** Begins and ends a planned spell of weather. */
  begin(incident: Incident): void;
  /** A generator for the details of strikes. */
  readonly chance: Chance;
  readonly counts: ReadonlyMap<FaultKind, number>;
  /** Whether nothing of the weather is on. */
  readonly isCalm: boolean;
};

type Spell = { readonly untilMs: number; readonly odds: number; left: number };

/** Strikes of one spell. */
const strikesMost = 8;

/**
 * How likely one opportunity is to be struck during a spell: kinds with many opportunities a second have small odds, so
 * that their strikes are spread over the spell.
 */
const odds: Readonly<Record<WeatherKind, number>> = {
  "net-lose": 0.1,
  "net-delay": 0.1,
  "net-duplicate": 0.1,
  "container-kill": 0.02,
  "container-freeze": 0.02,
  "schedule-odd": 1,
  "queue-duplicate": 0.3,
  "queue-delay": 0.3,
  "queue-refuse": 0.3,
  "db-throttle": 0.03,
  "db-lost-answer": 0.1,
  "db-slow": 0.05,
  "db-stale": 0.1,
  "cloud-throttle": 0.4,
  "cloud-late": 0.4,
  "cloud-lost-answer": 0.4,
  "cloud-refuse": 0.4,
  "cloud-stale": 0.4,
};

const weather: ReadonlySet<FaultKind> = new Set(weatherKinds);

export function isWeather(kind: FaultKind): kind is WeatherKind {
  return weather.has(kind);
}

export function createWeather(timeline: Timeline, chance: Chance, observe: Observe): Weather {
  const spells = new Map<WeatherKind, Spell>();
  const counts = new Map<FaultKind, number>();
  const note = (fault: FaultKind, what: string, lastsMs = 0): void => {
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
    const atMs = timeline.nowMs();
    observe({ kind: "fault", atMs, fault, what, untilMs: atMs + lastsMs });
  };
  const spellOf = (kind: WeatherKind): Spell | undefined => {
    const spell = spells.get(kind);
    return spell === undefined || spell.left <= 0 || spell.untilMs <= timeline.nowMs() ? undefined : spell;
  };
  return {
    strikes(kind, what) {
      const spell = spellOf(kind);
      if (spell === undefined || !chance.is(spell.odds)) return false;
      spell.left--;
      note(kind, what);
      return true;
    },
    note,
    begin({ kind, fromMs, toMs, roll }) {
      if (!isWeather(kind)) return;
      const untilMs = timeline.nowMs() + (toMs - fromMs);
      spells.set(kind, { untilMs, odds: odds[kind], left: 1 + Math.floor(roll * strikesMost) });
    },
    chance,
    counts,
    get isCalm() {
      return weatherKinds.every((kind) => spellOf(kind) === undefined);
    },
  };
}
