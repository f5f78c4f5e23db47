import type { Chance } from "../engine/chance.ts";
import type { LocationShape } from "../world/shape.ts";
import type { StandingRoute } from "../world/truth.ts";
import type { Carry, IncidentParts } from "./incidents.ts";

/** Where somebody else's routes lead. */
const elsewhere = ["nat-0f1", "tgw-0f2", "pcx-0f3", "igw-0f4"] as const;
/** Destinations of somebody else's that come and go. */
const passing = ["172.20.0.0/16", "172.21.0.0/16", "172.22.0.0/16", "192.168.0.0/16"] as const;
/** A destination that always was somebody else's. */
const lasting = "172.31.0.0/16";

/** Somebody else's routes that stand in every table from the beginning. */
export function plantForeignRoutes({ book, shape }: Pick<IncidentParts, "book" | "shape">): void {
  for (const [at, location] of shape.locations.entries()) {
    const next = shape.locations[(at + 1) % shape.locations.length] ?? location;
    for (const table of location.tables) {
      book.meddle(table, lasting, "nat-0f1");
      book.meddle(table, "0.0.0.0/0", "igw-0f4");
      book.meddle(table, "172.30.0.0/16", "vgw-0f5", false);
      // More specific than one of ours, and none of ours all the same.
      book.meddle(table, next.network.replace(/\.0\.0\/16$/, ".200.0/24"), "pcx-0f3");
    }
  }
}

type Scene = {
  readonly chance: Chance;
  readonly lastsMs: number;
  readonly location: LocationShape;
  readonly table: string;
  /** A route that Pointsman wrote. */
  readonly ours: StandingRoute;
};

/** Somebody else changes one route, of Pointsman's or of their own. */
export function createForeignRoutes({ timeline, weather, shape, book, estate }: IncidentParts): Carry {
  const atEnd = (lastsMs: number, run: () => void): void => timeline.at(timeline.nowMs() + lastsMs, run);

  const ways: Readonly<Record<string, (scene: Scene) => number>> = {
    removes({ table, ours }) {
      book.meddle(table, ours.destination, undefined);
      return 0;
    },
    "points at another host"({ chance, location, table, ours }) {
      const others = estate.machines.filter(
        (machine) => machine.location === location && machine.interfaces[0] !== ours.target,
      );
      const [target = ""] = chance.pick(others).interfaces;
      book.meddle(table, ours.destination, target);
      return 0;
    },
    "points elsewhere, and back"({ chance, lastsMs, table, ours }) {
      const target = chance.pick(elsewhere);
      book.meddle(table, ours.destination, target);
      atEnd(lastsMs, () => {
        if (book.target(table, ours.destination) === target) book.meddle(table, ours.destination, ours.target);
      });
      return lastsMs;
    },
    "points elsewhere"({ chance, lastsMs, table, ours }) {
      book.meddle(table, ours.destination, chance.pick(elsewhere));
      return lastsMs;
    },
  };
  const kinds = Object.keys(ways);

  /** A route of somebody else's own. */
  const change = (chance: Chance, table: string, lastsMs: number): string => {
    if (chance.is(0.5)) {
      const others = elsewhere.filter((one) => one !== book.target(table, lasting));
      book.meddle(table, lasting, chance.pick(others));
      return "changes their own";
    }
    const destination = chance.pick(passing);
    book.meddle(table, destination, chance.pick(elsewhere));
    atEnd(lastsMs, () => {
      if (book.target(table, destination) !== undefined) book.meddle(table, destination, undefined);
    });
    return "creates their own";
  };

  return ({ kind }, chance, lastsMs) => {
    const location = chance.pick(shape.locations);
    const table = chance.pick(location.tables);
    const isTheirs = chance.is(0.25);
    const way = chance.pick(kinds);
    const place = chance.next();
    const all = book.routes(table).filter((route) => route.by === "pointsman");
    const ours = all[Math.floor(place * all.length)];
    if (isTheirs || ours === undefined) {
      const how = change(chance, table, lastsMs);
      weather.note(kind, `${how} in ${table}`);
      return;
    }
    const restsMs = ways[way]?.({ chance, lastsMs, location, table, ours }) ?? 0;
    weather.note(kind, `${way}: ${ours.destination} in ${table}`, restsMs);
  };
}
