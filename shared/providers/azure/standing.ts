import { limits } from "../../domain/limits.ts";
import type { RouteChange } from "../../ports/route-provider.ts";
import type { ArmSession } from "./call.ts";
import { destinationOf, isUnsound, targetOf } from "./read.ts";
import { describeTable } from "./tables.ts";

type NamedRoute = { readonly name: string; readonly target: string; readonly isSound: boolean };

/** What stands in a table, as far as a write knows: Azure keys routes by name, changes tell destinations. */
export type Standing = {
  route(destination: string): NamedRoute | undefined;
  /** In lower case. */
  names(): ReadonlySet<string>;
  /** A change that was written, under this name. */
  apply(change: RouteChange, name: string): void;
};

/**
 * What stands in one table while it is written. `now` reads the table when it was not read before, or longer than
 * `limits.routeEvidenceMs` ago, and throws `RouteError` when it cannot; `forget` lets it read anew the next time;
 * `isUnread`: whether it has never been read.
 */
export type StandingSource = { now(): Promise<Standing>; forget(): void; isUnread(): boolean };

/** What stands in a table, for one `write`. */
export function standingRoutes(session: ArmSession, tableId: string, signal: AbortSignal): StandingSource {
  const { clock } = session;
  let isUnread = true;
  let held: { readonly standing: Standing; readonly readMs: number } | null = null;
  return {
    async now() {
      if (held !== null && clock.monotonicMs() - held.readMs < limits.routeEvidenceMs) return held.standing;
      const table = await describeTable(session, tableId, signal);
      const routes = (table.routes ?? []).map((route): readonly [string, NamedRoute] => [
        destinationOf(route),
        { name: route.name ?? "", target: targetOf(route), isSound: !isUnsound(route) },
      ]);
      isUnread = false;
      held = { standing: standingOf(new Map(routes)), readMs: clock.monotonicMs() };
      return held.standing;
    },
    forget() {
      held = null;
    },
    isUnread: () => isUnread,
  };
}

function standingOf(routes: Map<string, NamedRoute>): Standing {
  const names = new Set([...routes.values()].map(({ name }) => name.toLowerCase()));
  return {
    route: (destination) => routes.get(destination),
    names: () => names,
    apply(change, name) {
      if (change.kind === "remove") {
        routes.delete(change.destination);
        names.delete(name.toLowerCase());
        return;
      }
      routes.set(change.destination, { name, target: change.target, isSound: true });
      names.add(name.toLowerCase());
    },
  };
}
