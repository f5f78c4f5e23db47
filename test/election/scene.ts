import { bitsOf } from "../../shared/domain/bits.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import type { LinkState, LocationFacts } from "../../shared/domain/election/state.ts";
import type { Verdict } from "../../shared/domain/election/verdict.ts";
import type { Id } from "../../shared/domain/ids.ts";
import type { Host, Link, Location } from "../../shared/domain/network.ts";
import type { Decision, HostRecord, LocationWish, Pulse, Suspicion } from "../../shared/domain/records.ts";
import { decision, host, link, location, pulse, record, startMs, wish } from "../fixtures/network.ts";

/** The moment of every scene. */
export const now = startMs;
export const ago = (ms: number): number => now - ms;

/**
 * What a case says of a link; all else is quiet: location `here` has the hosts a1 and a2 of equal priority, a1 is active
 * since an hour; `there` has b1 and b2, `yonder` c1; everybody was heard a second ago and is up for an hour.
 */
export type Scene = {
  readonly link?: Partial<Link>;
  readonly here?: Partial<Location>;
  readonly hosts?: readonly Host[];
  readonly others?: readonly Location[];
  /** By host; null: never heard. */
  readonly records?: Readonly<Record<Id, Partial<HostRecord> | null>>;
  /** By location; null: nothing was decided yet. */
  readonly heads?: Readonly<Record<Id, Partial<Decision> | null>>;
  readonly wish?: Partial<LocationWish>;
  readonly suspicion?: Suspicion;
  readonly pulse?: Partial<Pulse> | null;
  readonly isPaused?: boolean;
};

const defaultHosts = (): readonly Host[] => [host("a1"), host("a2")];
const defaultOthers = (): readonly Location[] => [location("there", ["b1", "b2"]), location("yonder", ["c1"])];

export function stateOf(scene: Scene): LinkState {
  const here = location("here", scene.hosts ?? defaultHosts(), scene.here);
  const mesh = link("mesh", [here, ...(scene.others ?? defaultOthers())], scene.link);
  const facts = mesh.locations.map((one): [Id, LocationFacts] => {
    const isHere = one.id === "here";
    return [
      one.id,
      {
        head: headOf(scene, one),
        hosts: new Map(one.hosts.flatMap((each) => recordOf(scene, each))),
        wish: isHere && scene.wish !== undefined ? wish(scene.wish) : undefined,
        suspicion: isHere ? scene.suspicion : undefined,
      },
    ];
  });
  return {
    link: mesh,
    networkVersion: 1,
    isPaused: scene.isPaused ?? false,
    pulse: scene.pulse === null ? undefined : pulse(ago(1_000), scene.pulse),
    facts: new Map(facts),
  };
}

function headOf(scene: Scene, { id, hosts }: Location): Decision | undefined {
  const more = scene.heads?.[id];
  const first = hosts.find((one) => !one.static)?.id;
  return more === null || (first === undefined && more === undefined)
    ? undefined
    : decision("mesh", id, first ?? null, more);
}

function recordOf(scene: Scene, one: Host): readonly (readonly [Id, HostRecord])[] {
  const more = scene.records?.[one.id];
  if (one.static || more === null) return [];
  return [[one.id, record(one.id, ago(1_000), more)]];
}

export function placeIn(state: LinkState, id: Id): Location {
  const found = state.link.locations.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no location ${id}`);
  return found;
}

export function judge(scene: Scene, atMs = now, where = "here"): Verdict {
  const state = stateOf(scene);
  return elect(state, placeIn(state, where), atMs);
}

/** A verdict in two words: `keep REASON`, or `HOST REASON`. */
export function inWords(verdict: Verdict): string {
  return verdict.kind === "keep" ? `keep ${verdict.reason}` : `${verdict.to ?? "nobody"} ${verdict.reason}`;
}

/** What a case comes to in location `here`. */
export function outcome(scene: Scene, atMs = now, where = "here"): string {
  return inWords(judge(scene, atMs, where));
}

/** Samples of hosts reached, all the same; ordinals of the default hosts are a1 0, a2 1, b1 2, b2 3, c1 4. */
export function reaching(ordinals: readonly number[], samples = 3): Pick<HostRecord, "reach"> {
  return { reach: Array.from({ length: samples }, () => bitsOf(ordinals)) };
}
