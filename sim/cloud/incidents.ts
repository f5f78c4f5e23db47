import { type Chance, chanceOf } from "../engine/chance.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Observe } from "../facts.ts";
import type { Incident } from "../faults/kinds.ts";
import type { Weather } from "../faults/weather.ts";
import type { Shape } from "../world/shape.ts";
import type { Book } from "./book.ts";
import type { Estate } from "./estate.ts";
import { createForeignRoutes } from "./foreign-routes.ts";
import { createReplacements } from "./replacements.ts";

/** What incidents of the cloud work on. */
export type IncidentParts = {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly observe: Observe;
  readonly shape: Shape;
  readonly book: Book;
  readonly estate: Estate;
};

/** One incident as it is carried out; everything about it comes from `chance`. */
export type Carry = (incident: Incident, chance: Chance, lastsMs: number) => void;

/** Carries out the incidents of the cloud; each ends by itself. */
export function createIncidents(parts: IncidentParts): (incident: Incident) => void {
  const replace = createReplacements(parts);
  const meddle = createForeignRoutes(parts);
  return (incident) => {
    const chance = chanceOf(Math.floor(incident.roll * 2 ** 32));
    const lastsMs = incident.toMs - incident.fromMs;
    switch (incident.kind) {
      case "interface-replaced":
        replace(incident, chance, lastsMs);
        return;
      case "foreign-route":
        meddle(incident, chance, lastsMs);
        return;
      default:
        throw new Error(`not the cloud's: ${incident.kind}`);
    }
  };
}
