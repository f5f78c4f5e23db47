import type { Clock } from "../../../shared/ports/clock.ts";
import { keep, type RouteMoment, routeMoments } from "./record.ts";
import { addToRegion, emptyRegion, type RegionState, regionWorld } from "./state.ts";
import { type RegionWorld, type Role, World, type WorldSeed } from "./world.ts";

type Version = { readonly sinceMs: number; readonly state: RegionState };

/** States that a reader may still be shown are kept for this long. ms */
const KEEP_MS = 60_000;

/** Every region of every account, with its recent past. */
export type Regions = {
  current(account: string, region: string): RegionState;
  /** The state of `lagMs` milliseconds ago. */
  past(account: string, region: string, lagMs: number): RegionState;
  put(state: RegionState): void;
  readonly moments: readonly RouteMoment[];
  readonly roles: readonly Role[];
  accountOf(accessKeyId: string): string | undefined;
  seed(world: WorldSeed): void;
  dump(): World;
  /** Forgets everything, then seeds. */
  restore(world: WorldSeed): void;
};

/** Regions in which nothing stands yet. Time is the monotonic clock for lag, the wall clock for the record. */
export function regions(clock: Clock): Regions {
  const versions = new Map<string, Version[]>();
  const moments: RouteMoment[] = [];
  let roles: Role[] = [];
  let accessKeys: Record<string, string> = {};

  const past = (account: string, region: string, lagMs: number): RegionState => {
    const known = versions.get(`${account}/${region}`) ?? [];
    const atMs = clock.monotonicMs() - lagMs;
    const version = known.findLast(({ sinceMs }) => sinceMs <= atMs) ?? known[0];
    return version?.state ?? emptyRegion(account, region);
  };
  const put = (state: RegionState): void => {
    const key = `${state.account}/${state.region}`;
    const nowMs = clock.monotonicMs();
    keep(moments, ...routeMoments(past(state.account, state.region, 0), state, clock.nowMs()));
    const known = versions.get(key) ?? [];
    known.push({ sinceMs: nowMs, state });
    const oldest = known.findLastIndex(({ sinceMs }) => sinceMs <= nowMs - KEEP_MS);
    versions.set(key, oldest > 0 ? known.slice(oldest) : known);
  };
  const seed = (input: WorldSeed): void => {
    const world = World.parse(input);
    accessKeys = { ...accessKeys, ...world.accessKeys };
    roles = [...roles.filter((role) => !world.roles.some(({ arn }) => arn === role.arn)), ...world.roles];
    for (const region of world.regions) put(addToRegion(past(region.account, region.region, 0), region));
  };
  const worlds = (): RegionWorld[] =>
    [...versions.values()].flatMap((known) => known.slice(-1)).map(({ state }) => regionWorld(state));

  return {
    current: (account, region) => past(account, region, 0),
    past,
    put,
    moments,
    get roles() {
      return roles;
    },
    accountOf: (accessKeyId) => accessKeys[accessKeyId],
    seed,
    dump: () => structuredClone({ accessKeys, roles, regions: worlds() }),
    restore(world) {
      versions.clear();
      moments.length = 0;
      roles = [];
      accessKeys = {};
      seed(world);
    },
  };
}
