import { seededRandom } from "../../bench/seeded-random.ts";
import { soakBounds } from "../bounds.ts";

/**
 * `vanish`: stops without a word for longer than a time-out and a hold. `leave`: says good-bye. `blip`: stops without a
 * word, and is back so soon that nobody may notice. All but a standby's `vanish` hit the active host.
 */
export type HostFault = {
  readonly atMs: number;
  readonly kind: "vanish" | "leave" | "blip" | "standby-vanish";
  readonly location: number;
  /** Chooses the host where several could be hit: in [0, 1). */
  readonly pick: number;
  readonly awayMs: number;
};

/** A process that is killed, and how long after its end it is started again. */
export type Outage = { readonly atMs: number; readonly victim: "server" | "database"; readonly downMs: number };

/** What goes wrong when, in ms from the first moment. In order of time. */
export type FaultPlan = { readonly hosts: readonly HostFault[]; readonly outages: readonly Outage[] };

export type PlanOptions = {
  readonly seed: number;
  readonly locations: number;
  readonly lengthMs: number;
  readonly serverKills: number;
  readonly databaseKills: number;
};

/** Makes a plan: the same for the same options. */
export function planFaults(options: PlanOptions): FaultPlan {
  const random = seededRandom(options.seed);
  return { outages: planOutages(options, random), hosts: planHosts(options, random) };
}

/** Each outage in a stretch of its own, near its beginning, so that what it leaves undone can be done before the next. */
function planOutages({ serverKills, databaseKills, lengthMs }: PlanOptions, random: () => number): readonly Outage[] {
  const waiting: { readonly victim: Outage["victim"]; readonly isLong: boolean }[] = [
    ...Array.from({ length: serverKills }, (_, at) => ({ victim: "server" as const, isLong: at % 2 === 0 })),
    ...Array.from({ length: databaseKills }, (_, at) => ({ victim: "database" as const, isLong: at % 2 === 1 })),
  ];
  const stretchMs = lengthMs / Math.max(1, waiting.length);
  const outages: Outage[] = [];
  for (let at = 0; waiting.length > 0; at++) {
    const [next] = waiting.splice(Math.floor(random() * waiting.length), 1);
    if (next === undefined) break;
    const atMs = Math.round(at * stretchMs + (0.1 + 0.1 * random()) * stretchMs);
    const downMs = next.isLong ? soakBounds.longDownMs : soakBounds.shortDownMs;
    outages.push({ atMs, victim: next.victim, downMs });
  }
  return outages;
}

const kinds: readonly (readonly [HostFault["kind"], number])[] = [
  ["vanish", 0.5],
  ["leave", 0.2],
  ["blip", 0.15],
  ["standby-vanish", 0.15],
];

function planHosts({ locations, lengthMs }: PlanOptions, random: () => number): readonly HostFault[] {
  const faults: HostFault[] = [];
  const everyMs = Math.min(soakBounds.faultEveryMs, lengthMs);
  for (let location = 0; location < locations; location++) {
    for (let atMs = random() * everyMs; atMs < lengthMs; ) {
      const kind = kindFor(random());
      const awayMs = Math.round(awayFor(kind, random()));
      faults.push({ atMs: Math.round(atMs), kind, location, pick: random(), awayMs });
      atMs += awayMs + (0.25 + 0.75 * random()) * everyMs;
    }
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function kindFor(chance: number): HostFault["kind"] {
  let sum = 0;
  for (const [kind, share] of kinds) {
    sum += share;
    if (chance < sum) return kind;
  }
  return "vanish";
}

/** A vanished host stays away for a time-out, a hold of 15 s and some more. ms */
function awayFor(kind: HostFault["kind"], chance: number): number {
  switch (kind) {
    case "vanish":
    case "standby-vanish":
      return soakBounds.timeoutMs + 25_000 + 10_000 * chance;
    case "leave":
      return 8_000 + 15_000 * chance;
    case "blip":
      return 500 + 2_000 * chance;
    default:
      return kind satisfies never;
  }
}
