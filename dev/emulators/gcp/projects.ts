import type { Clock } from "../../../shared/ports/clock.ts";
import { type History, history } from "../common/history.ts";
import { keep } from "../common/keep.ts";
import { type RouteMoment, routeMoments } from "./record.ts";
import { addToProject, emptyProject, type FindInstance, type ProjectState, projectSeed } from "./state.ts";
import { World, type WorldSeed } from "./world.ts";

/** Every project, with its recent past. */
export type Projects = {
  has(project: string): boolean;
  current(project: string): ProjectState;
  /** The state of `lagMs` milliseconds ago. */
  past(project: string, lagMs: number): ProjectState;
  put(state: ProjectState): void;
  readonly find: FindInstance;
  readonly moments: readonly RouteMoment[];
  readonly settings: Pick<World, "needsToken" | "pageEntries">;
  seed(world: WorldSeed): void;
  dump(): World;
  /** Forgets everything, then seeds. */
  restore(world: WorldSeed): void;
};

/** Routes that are new were made now. */
function stamped(routes: ProjectState["routes"], createdMs: number): ProjectState["routes"] {
  return new Map([...routes].map(([name, route]) => [name, { createdMs, ...route }]));
}

/** No project yet. Time is the monotonic clock for lag, the wall clock for the record. */
export function projects(clock: Clock): Projects {
  const known = new Map<string, History<ProjectState>>();
  const moments: RouteMoment[] = [];
  let settings: Projects["settings"] = { needsToken: false, pageEntries: 500 };

  const past = (project: string, lagMs: number): ProjectState =>
    known.get(project)?.past(lagMs) ?? emptyProject(project);
  const finder =
    (replaced?: ProjectState): FindInstance =>
    (path) => {
      const [, project = "", ...rest] = path.split("/");
      const state = replaced?.id === project ? replaced : past(project, 0);
      return state.instances.get(rest.join("/"));
    };
  const put = (given: ProjectState): void => {
    const state = { ...given, routes: stamped(given.routes, clock.nowMs()) };
    const find = { before: finder(), after: finder(state) };
    keep(moments, ...routeMoments(past(state.id, 0), state, clock.nowMs(), find));
    const before = known.get(state.id);
    if (before === undefined) known.set(state.id, history(clock, state));
    else before.put(state);
  };
  const seed = (input: WorldSeed): void => {
    const world = World.parse(input);
    settings = {
      needsToken: input.needsToken ?? settings.needsToken,
      pageEntries: input.pageEntries ?? settings.pageEntries,
    };
    // Instances first: a route of a Shared VPC may point at one of another project.
    for (const project of world.projects) put(addToProject(past(project.id, 0), { ...project, routes: [] }));
    for (const project of world.projects) put(addToProject(past(project.id, 0), project));
  };
  return {
    has: (project) => known.has(project),
    current: (project) => past(project, 0),
    past,
    put,
    find: finder(),
    moments,
    get settings() {
      return settings;
    },
    seed,
    dump: () => structuredClone({ ...settings, projects: [...known.values()].map((of) => projectSeed(of.current())) }),
    restore(world) {
      known.clear();
      moments.length = 0;
      settings = { needsToken: false, pageEntries: 500 };
      seed(world);
    },
  };
}
