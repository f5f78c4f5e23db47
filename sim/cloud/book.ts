import type { Observe } from "../facts.ts";
import type { StandingRoute } from "../world/truth.ts";
import type { Inside } from "./inside.ts";

type Author = { readonly by: StandingRoute["by"]; readonly atMs: number };

/** Who put what stands in the tables, and somebody else's hand in them. */
export type Book = {
  target(table: string, destination: string): string | undefined;
  /** What stands in a table, with who put it there. */
  routes(table: string): readonly StandingRoute[];
  /** A route was written, or removed. */
  wrote(table: string, destination: string, by: Author["by"]): void;
  /** Interfaces came or went: what is a blackhole may have changed. */
  shaken(): void;
  /** Somebody else changes a route; without a target it is removed. */
  meddle(table: string, destination: string, target: string | undefined, isStatic?: boolean): void;
};

type BookOptions = {
  readonly inside: Inside;
  readonly nowMs: () => number;
  readonly observe: Observe;
  /** Whether packets to an interface arrive. */
  readonly isAttached: (interfaceId: string) => boolean;
};

export function createBook({ inside, nowMs, observe, isAttached }: BookOptions): Book {
  const authors = new Map<string, Map<string, Author>>();
  const shown = new Map<string, readonly StandingRoute[]>();

  const authorsOf = (table: string): Map<string, Author> => {
    const known = authors.get(table) ?? new Map<string, Author>();
    authors.set(table, known);
    return known;
  };
  const wrote: Book["wrote"] = (table, destination, by) => {
    shown.delete(table);
    if (inside.target(table, destination) === undefined) authorsOf(table).delete(destination);
    else authorsOf(table).set(destination, { by, atMs: nowMs() });
  };
  const look = (table: string): readonly StandingRoute[] =>
    inside.routes(table).map(({ destination, target }): StandingRoute => {
      const author = authorsOf(table).get(destination) ?? { by: "somebody", atMs: 0 };
      return { destination, target, isBlackhole: target.startsWith("eni-") && !isAttached(target), ...author };
    });

  return {
    target: inside.target,
    routes(table) {
      const routes = shown.get(table) ?? look(table);
      shown.set(table, routes);
      return routes;
    },
    wrote,
    shaken: () => shown.clear(),
    meddle(table, destination, target, isStatic = true) {
      const before = inside.target(table, destination);
      if (target === undefined) inside.remove(table, destination);
      else inside.put(table, destination, target, isStatic);
      wrote(table, destination, "somebody");
      observe({ kind: "foreign-change", atMs: nowMs(), table, destination, before, after: target });
    },
  };
}
