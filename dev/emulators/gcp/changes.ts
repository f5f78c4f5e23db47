import type { Subject } from "../common/faults.ts";
import { ApiError, exists, missing, notReady } from "./errors.ts";
import type { Asked } from "./methods.ts";
import type { Projects } from "./projects.ts";
import { readRoute } from "./route-body.ts";
import { hopOf, withRoute } from "./state.ts";

/** A changing call. */
export type Change = {
  readonly type: "insert" | "delete";
  /** The name of the route. */
  readonly route: string;
  readonly subject: Subject;
  /** Throws `ApiError` when Google would not accept it; else gives what its operation does at its end. */
  check(underWay: (target: string) => "insert" | "delete" | undefined): () => void;
};

/** The change that a request asks for; undefined when it only reads. */
export function changeOf(projects: Projects, { name, parts }: Asked, body: string): Change | undefined {
  const project = parts["project"] ?? "";
  if (name === "routes.insert") return insertion(projects, project, body);
  return name === "routes.delete" ? deletion(projects, project, parts["route"] ?? "") : undefined;
}

function insertion(projects: Projects, project: string, body: string): Change {
  const given = glimpse(body);
  const path = `projects/${project}/global/routes/${given.name}`;
  return {
    type: "insert",
    route: given.name,
    subject: { table: given.network, destination: given.destRange, target: given.target },
    check(underWay) {
      const state = projects.current(project);
      const route = readRoute(state, body, projects.find);
      if (state.routes.has(route.name) || underWay(path) === "insert") throw exists(path);
      if (underWay(path) === "delete") throw notReady(path);
      if (state.routes.size >= state.routeQuota) {
        throw new ApiError(403, "quotaExceeded", `Quota 'ROUTES' exceeded.  Limit: ${state.routeQuota}.0 globally.`);
      }
      return () => {
        const now = projects.current(project);
        if (!now.networks.has(route.network)) {
          throw new ApiError(
            404,
            "RESOURCE_NOT_FOUND",
            missing(`projects/${project}/global/networks/${route.network}`).message,
          );
        }
        projects.put(withRoute(now, route.name, route));
      };
    },
  };
}

function deletion(projects: Projects, project: string, name: string): Change {
  const standing = projects.current(project).routes.get(name);
  const path = `projects/${project}/global/routes/${name}`;
  return {
    type: "delete",
    route: name,
    subject: {
      table: standing?.network ?? "",
      destination: standing?.destRange ?? "",
      target: standing === undefined ? null : hopOf(standing),
    },
    check(underWay) {
      if (underWay(path) !== undefined) throw notReady(path);
      if (!projects.current(project).routes.has(name)) throw missing(path);
      return () => projects.put(withRoute(projects.current(project), name, null));
    },
  };
}

/** What the log needs of a body that may be wrong. */
function glimpse(body: string) {
  let given: Readonly<Record<string, unknown>> = {};
  try {
    given = JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    // The call is refused, and logged without these.
  }
  const text = (field: string): string => (typeof given[field] === "string" ? given[field] : "");
  const hop = text("nextHopInstance") || text("nextHopIp");
  const at = hop.indexOf("projects/");
  return {
    name: text("name"),
    network: text("network").split("/").at(-1) ?? "",
    destRange: text("destRange"),
    target: hop === "" ? null : hop.slice(Math.max(0, at)),
  };
}
