import type { LinkState } from "../../shared/domain/election/state.ts";
import { now } from "./scene.ts";

/** Everything that the rules add to a time: time-outs, back-offs, what is fresh, believable, held. ms */
const spans = [0, 1, -2_000, 5_001, 10_001, 20_000, 30_001, 45_000, 60_000, 600_001];

/** Times after now and before `untilMs` at which some rule could turn: every time in the state, with everything added to it. */
export function turns(state: LinkState, untilMs: number): readonly number[] {
  const times = new Set<number>();
  const collect = (value: unknown): void => {
    if (typeof value === "number" && Math.abs(value - now) < 7_200_000) times.add(value);
    else if (value instanceof Map) for (const one of value.values()) collect(one);
    else if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
      for (const one of Object.values(value)) collect(one);
    }
  };
  collect(state.facts);
  collect(state.pulse);
  const all = [...times].flatMap((time) => spans.map((span) => time + span));
  return [...new Set(all)].filter((time) => time > now && time < untilMs).sort((x, y) => x - y);
}

/** So many of a list, that `pick` decides on. */
export function sample(of: readonly number[], pick: number, count: number): readonly number[] {
  if (of.length <= count) return of;
  return Array.from({ length: count }, (_, at) => of[(pick + at * 7_919) % of.length] ?? now);
}
