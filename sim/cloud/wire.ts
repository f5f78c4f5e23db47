import type { Chance } from "../engine/chance.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Weather } from "../faults/weather.ts";

/** How a call that was refused is answered: nothing was done. */
export type Refusal = "throttled" | "fault" | "denied" | "unreachable";

/** What becomes of one call, once it has got to the cloud. */
export type Fate =
  | { readonly kind: "fair" }
  | { readonly kind: "refused"; readonly how: Refusal }
  /** Nothing was done, and nothing is answered. */
  | { readonly kind: "lost" }
  /** It is carried out, and then answered with an error, or not at all. */
  | { readonly kind: "answer-lost"; readonly how: "fault" | "dropped" | "silent" };

/** The way to a cloud's API and back: time, and what the weather does to calls. */
export type Wire = {
  /** Resolves when the call has got there. `what` names it, for the trace. */
  there(what: string, isChange: boolean): Promise<Fate>;
  /** How old the state is that a read is shown, at most, ms. */
  lagMs(what: string): number;
  /** Resolves when the answer is back; never when none comes. */
  back(fate: Fate): Promise<void>;
};

/** Each way, ms. */
const halfMs = [10, 75] as const;
/** A late call lands this much later, ms. */
const lateMs = [2_000, 60_000] as const;
/** Reads show the state of up to so long ago, usually and in bad weather, ms. */
const usualLagMs = 1_000;
const staleLagMs = 8_000;
/** A struck call that only reads is let off with this probability: what befalls changes is worth more. */
const readsLetOff = 0.7;

const refusals = ["fault", "fault", "unreachable", "denied", "lost"] as const;
const lostAnswers = ["fault", "dropped", "silent"] as const;
const fair: Fate = { kind: "fair" };
const lost: Fate = { kind: "lost" };

export type WireOptions = {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly chance: Chance;
  readonly isDown: () => boolean;
};

export function createWire({ timeline, weather, chance, isDown }: WireOptions): Wire {
  const refused = (): Fate => {
    const how = weather.chance.pick(refusals);
    return how === "lost" ? lost : { kind: "refused", how };
  };
  const drawn = (what: string, isSpared: boolean): Fate => {
    if (isDown()) return lost;
    if (weather.strikes("cloud-throttle", what)) return { kind: "refused", how: "throttled" };
    if (weather.strikes("cloud-refuse", what)) return refused();
    if (!isSpared && weather.strikes("cloud-lost-answer", what)) {
      return { kind: "answer-lost", how: weather.chance.pick(lostAnswers) };
    }
    return fair;
  };
  return {
    async there(what, isChange) {
      const isSpared = !isChange && chance.is(readsLetOff);
      const isLate = !isSpared && weather.strikes("cloud-late", what);
      await timeline.after(chance.within(...halfMs) + (isLate ? weather.chance.within(...lateMs) : 0));
      return drawn(what, isSpared);
    },
    lagMs: (what) => (weather.strikes("cloud-stale", what) ? staleLagMs : usualLagMs),
    async back(fate) {
      const isSilent = fate.kind === "lost" || (fate.kind === "answer-lost" && fate.how === "silent");
      await (isSilent ? new Promise(() => undefined) : timeline.after(chance.within(...halfMs)));
    },
  };
}
