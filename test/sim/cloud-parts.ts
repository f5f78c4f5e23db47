import type { Chance } from "../../sim/engine/chance.ts";
import type { Timeline } from "../../sim/engine/timeline.ts";
import type { WeatherKind } from "../../sim/faults/kinds.ts";
import type { Weather } from "../../sim/faults/weather.ts";

/** A timeline that goes on by itself as long as anything is to happen. */
export function restlessTimeline(): Timeline {
  const due: { readonly atMs: number; readonly run: () => void }[] = [];
  let nowMs = 1_700_000_000_000;
  let isGoing = false;
  let steps = 0;
  const step = (): void => {
    const next = due.shift();
    isGoing = next !== undefined;
    if (next === undefined) return;
    nowMs = Math.max(nowMs, next.atMs);
    steps++;
    next.run();
    setImmediate(step);
  };
  const at = (atMs: number, run: () => void): void => {
    const place = due.findLastIndex((one) => one.atMs <= atMs);
    due.splice(place + 1, 0, { atMs, run });
    if (!isGoing) setImmediate(step);
    isGoing = true;
  };
  return {
    nowMs: () => nowMs,
    at,
    after: (ms) => new Promise((resolve) => at(nowMs + ms, resolve)),
    run: () => Promise.reject(new Error("it runs by itself")),
    stop: () => undefined,
    get steps() {
      return steps;
    },
  };
}

/** Weather that strikes when it is told to. */
export function calmWeather(chance: Chance, strikes: (kind: WeatherKind, what: string) => boolean): Weather {
  return { strikes, note: () => undefined, begin: () => undefined, chance, counts: new Map(), isCalm: true };
}
