import { limits } from "../../shared/domain/limits.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Weather } from "../faults/weather.ts";

/** Calls the sweep each minute; one that the weather strikes is late, skipped or doubled. */
export function startSchedule(timeline: Timeline, weather: Weather, sweep: () => Promise<unknown>): void {
  const call = (): void => void sweep().catch(() => undefined);
  const next = (atMs: number): void =>
    timeline.at(atMs, () => {
      next(atMs + limits.sweepMs);
      if (!weather.strikes("schedule-odd", "sweep")) return call();
      const fate = weather.chance.pick(["late", "skipped", "doubled"] as const);
      if (fate === "skipped") return;
      if (fate === "doubled") call();
      void timeline.after(weather.chance.within(1_000, 40_000)).then(call);
    });
  next(timeline.nowMs() + weather.chance.within(0, limits.tickMs));
}
