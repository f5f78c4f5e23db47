import type { Id } from "../../shared/domain/ids.ts";
import type { Fact, RouteCall } from "../facts.ts";
import type { Truth } from "../world/truth.ts";

/** One destination in one table, as the cloud's own log tells of it. */
export type Spot = {
  readonly table: string;
  readonly destination: string;
  readonly target: string | undefined;
  readonly by: "pointsman" | "somebody";
  /** When somebody else last changed it; 0 for never. True time, ms. */
  readonly meddledMs: number;
  /** Pointsman created it, was told to adopt it, or claimed it while nothing stood there; and has not given it up. */
  readonly isClaimed: boolean;
  /** The location that the ledger says it is, or will be, of. */
  readonly claimant: Id | undefined;
  /** When it was last given up: left as foreign, or forgotten. */
  readonly givenUpMs: number;
  /** What an operator handed over as it stood; undefined when nothing was since somebody last changed it. */
  readonly adopted: string | undefined;
  /** As it was before the change that the fact at hand tells of. */
  readonly before: Omit<Spot, "before"> | undefined;
};

/** Who put what where. */
export type RouteLog = {
  note(fact: Fact): void;
  at(table: string, destination: string): Spot;
  all(): Iterable<Spot>;
};

/** Ledger keys end in the cloud's own id of the table. */
const tableId = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

export function createRouteLog(truth: Truth): RouteLog {
  const spots = new Map<string, Spot>();
  const empty = (table: string, destination: string): Spot => ({
    table,
    destination,
    target: undefined,
    by: "somebody",
    meddledMs: 0,
    isClaimed: false,
    claimant: undefined,
    givenUpMs: 0,
    adopted: undefined,
    before: undefined,
  });
  const at = (table: string, destination: string): Spot =>
    spots.get(`${table} ${destination}`) ?? empty(table, destination);
  const change = (spot: Spot, next: Partial<Omit<Spot, "before">>): void => {
    const { before: _older, ...before } = spot;
    spots.set(`${spot.table} ${spot.destination}`, { ...spot, ...next, before });
  };

  for (const location of truth.shape.locations) {
    for (const table of location.tables) {
      for (const { destination, target } of truth.routes(table)) change(empty(table, destination), { target });
    }
  }

  const landed = ({ table, destination, after, result }: RouteCall): void => {
    if (result !== "ok") return;
    const spot = at(table, destination);
    // What lands late on a route that was given up meanwhile does not make it Pointsman's again.
    const isClaimed = spot.isClaimed || (after !== undefined && spot.target === undefined);
    change(spot, { target: after, by: "pointsman", isClaimed, adopted: undefined });
  };
  const noted = (fact: Extract<Fact, { kind: "ledger" }>): void => {
    const { entry, isRemoved, atMs } = fact;
    const isHeld = !isRemoved && (entry.state === "owned" || entry.state === "intended");
    const spot = { ...at(tableId(entry.table), entry.destination), claimant: isHeld ? entry.locationId : undefined };
    const isAdopted = entry.state === "owned" && entry.by.startsWith("operator ") && entry.seen !== "";
    if (isRemoved || entry.state === "foreign") change(spot, { isClaimed: false, givenUpMs: atMs });
    else if (isAdopted) change(spot, { isClaimed: true, adopted: entry.seen });
    // Claiming what somebody else put there is no right to it.
    else change(spot, spot.target === undefined || spot.by === "pointsman" ? { isClaimed: true } : {});
  };

  return {
    at,
    all: () => spots.values(),
    note(fact) {
      switch (fact.kind) {
        case "call-landed":
          landed(fact.call);
          return;
        case "foreign-change": {
          const { table, destination, after, atMs } = fact;
          // An interface that came or went: in no table.
          if (table === "") return;
          change(at(table, destination), { target: after, by: "somebody", meddledMs: atMs, adopted: undefined });
          return;
        }
        case "ledger":
          noted(fact);
          return;
        default:
          return;
      }
    },
  };
}
