import type { Clock } from "../../../shared/ports/clock.ts";
import { type History, history } from "../common/history.ts";
import { keep } from "../common/keep.ts";
import { settledLists } from "./prefix-lists/list.ts";
import { type RouteMoment, routeMoments } from "./record.ts";
import { addToRegion, emptyRegion, type RegionState, regionWorld } from "./state.ts";
import { type RegionWorld, type Role, World, type WorldSeed } from "./world.ts";

/** Every region of every account, with its recent past. */
export type Regions = {
  current(account: string, region: string): RegionState;
  /** The state of `lagMs` milliseconds ago. */
  past(account: string, region: string, lagMs: number): RegionState;
  put(state: RegionState): void;
  /** Puts into force the changes of prefix lists whose time has come. */
  settle(account: string, region: string): void;
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
  const known = new Map<string, History<RegionState>>();
  const moments: RouteMoment[] = [];
  let roles: Role[] = [];
  let accessKeys: Record<string, string> = {};

  const past = (account: string, region: string, lagMs: number): RegionState =>
    known.get(`${account}/${region}`)?.past(lagMs) ?? emptyRegion(account, region);
  const put = (state: RegionState): void => {
    const key = `${state.account}/${state.region}`;
    keep(moments, ...routeMoments(past(state.account, state.region, 0), state, clock.nowMs()));
    const before = known.get(key);
    if (before === undefined) known.set(key, history(clock, state));
    else before.put(state);
  };
  const seed = (input: WorldSeed): void => {
    const world = World.parse(input);
    accessKeys = { ...accessKeys, ...world.accessKeys };
    roles = [...roles.filter((role) => !world.roles.some(({ arn }) => arn === role.arn)), ...world.roles];
    for (const region of world.regions) put(addToRegion(past(region.account, region.region, 0), region));
  };
  const worlds = (): RegionWorld[] => [...known.values()].map((region) => regionWorld(region.current()));

  return {
    current: (account, region) => past(account, region, 0),
    past,
    put,
    settle(account, region) {
      const state = past(account, region, 0);
      const prefixLists = settledLists(state.prefixLists, clock.nowMs());
      if (prefixLists !== state.prefixLists) put({ ...state, prefixLists });
    },
    moments,
    get roles() {
      return roles;
    },
    accountOf: (accessKeyId) => accessKeys[accessKeyId],
    seed,
    dump: () => structuredClone({ accessKeys, roles, regions: worlds() }),
    restore(world) {
      known.clear();
      moments.length = 0;
      roles = [];
      accessKeys = {};
      seed(world);
    },
  };
}
