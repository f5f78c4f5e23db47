import type { Id } from "../../shared/domain/ids.ts";
import { type HostPlace, hostIndex, type Network } from "../../shared/domain/network.ts";
import type { Fact } from "../facts.ts";
import type { FaultKind } from "../faults/kinds.ts";
import type { Committed, Truth } from "./truth.ts";

/** What facts have told so far, as far as those who judge ask for it. */
export type History = Pick<
  Truth,
  "networks" | "network" | "link" | "place" | "location" | "decisions" | "wasTroubled"
> & {
  observe(fact: Fact): void;
};

type Part = Parameters<Truth["wasTroubled"]>[0];
type Trouble = { readonly fromMs: number; readonly toMs: number };

/** No single trouble lasts longer, ms. */
const longestMs = 10 * 60_000;

/** What is older is forgotten, ms: longer than any calm, any hold, and any retry. */
const keepMs = 30 * 60_000;
/** Commits of a location that are kept. */
const keepDecisions = 200;

const nothing: Network = { version: 0, links: [] };

/** Which parts of Pointsman's own ground a kind of fault shakes. */
const partsOf: Readonly<Partial<Record<FaultKind, readonly Part[]>>> = {
  "outage-endpoint": ["endpoint"],
  "outage-functions": ["endpoint", "functions", "database", "cloud"],
  "container-kill": ["endpoint", "functions"],
  "container-freeze": ["endpoint", "functions"],
  "container-clock": ["endpoint", "functions"],
  "schedule-odd": ["functions"],
  "queue-duplicate": ["functions"],
  "queue-delay": ["functions"],
  "queue-refuse": ["functions"],
  "db-throttle": ["database"],
  "db-lost-answer": ["database"],
  "db-slow": ["database"],
  "db-stale": ["database"],
  "cloud-throttle": ["cloud"],
  "cloud-late": ["cloud"],
  "cloud-lost-answer": ["cloud"],
  "cloud-refuse": ["cloud"],
  "cloud-stale": ["cloud"],
  "interface-replaced": ["cloud"],
  "foreign-route": ["cloud"],
};

export function createHistory(nowMs: () => number): History {
  const networks: { readonly network: Network; readonly atMs: number }[] = [];
  const decisions = new Map<Id, Committed[]>();
  const troubles: Readonly<Record<Part, Trouble[]>> = { endpoint: [], functions: [], database: [], cloud: [] };
  let places: ReadonlyMap<Id, HostPlace> = new Map();

  const trouble = (parts: readonly Part[], fromMs: number, toMs: number): void => {
    for (const part of parts) {
      const list = troubles[part];
      list.push({ fromMs, toMs });
      if ((list[0]?.fromMs ?? fromMs) > fromMs - 2 * keepMs) continue;
      list.splice(
        0,
        list.findIndex((one) => one.fromMs >= fromMs - keepMs),
      );
    }
  };

  const history: History = {
    networks,
    get network() {
      return networks.at(-1)?.network ?? nothing;
    },
    get link() {
      return history.network.links[0];
    },
    place: (hostId) => places.get(hostId),
    location: (locationId) => history.link?.locations.find((location) => location.id === locationId),
    decisions: (locationId) => decisions.get(locationId) ?? [],
    wasTroubled(part, fromMs, toMs) {
      const list = troubles[part];
      for (let at = list.length - 1; at >= 0; at--) {
        const one = list[at];
        if (one === undefined || one.fromMs < fromMs - longestMs) return false;
        if (one.fromMs <= toMs && one.toMs >= fromMs) return true;
      }
      return false;
    },
    observe(fact) {
      switch (fact.kind) {
        case "network":
          networks.push({ network: fact.network, atMs: nowMs() });
          if (networks.length > keepDecisions) networks.shift();
          places = hostIndex(fact.network);
          return;
        case "head": {
          if (fact.before?.epoch === fact.decision.epoch) return;
          const list = decisions.get(fact.decision.locationId) ?? [];
          decisions.set(fact.decision.locationId, list);
          list.push({ decision: fact.decision, atMs: fact.atMs });
          if (list.length > keepDecisions) list.shift();
          return;
        }
        case "fault":
          trouble(partsOf[fact.fault] ?? [], fact.atMs, fact.untilMs);
          return;
        case "invocation-failed":
          trouble(fact.role === "heartbeat" ? ["endpoint"] : ["functions"], fact.atMs, fact.atMs);
          return;
        default:
          return;
      }
    },
  };
  return history;
}
