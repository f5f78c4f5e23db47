/** A method of the Compute Engine API, version v1. `{…}` in a path stands for one part. */
export type Method = {
  readonly verb: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly query: readonly string[];
  /** What a caller must be allowed to do. */
  readonly permissions: readonly string[];
  readonly kind: "read" | "operation" | "write";
};

const LISTING = ["maxResults", "pageToken", "returnPartialSuccess"];

/** The methods that are emulated, by name. */
export const GCP_METHODS = {
  "routes.list": {
    verb: "GET",
    path: "/compute/v1/projects/{project}/global/routes",
    query: LISTING,
    permissions: ["compute.routes.list"],
    kind: "read",
  },
  "routes.get": {
    verb: "GET",
    path: "/compute/v1/projects/{project}/global/routes/{route}",
    query: [],
    permissions: ["compute.routes.get"],
    kind: "read",
  },
  "routes.insert": {
    verb: "POST",
    path: "/compute/v1/projects/{project}/global/routes",
    query: ["requestId"],
    permissions: ["compute.routes.create", "compute.networks.updatePolicy", "compute.instances.use"],
    kind: "write",
  },
  "routes.delete": {
    verb: "DELETE",
    path: "/compute/v1/projects/{project}/global/routes/{route}",
    query: ["requestId"],
    permissions: ["compute.routes.delete", "compute.networks.updatePolicy"],
    kind: "write",
  },
  "networks.get": {
    verb: "GET",
    path: "/compute/v1/projects/{project}/global/networks/{network}",
    query: [],
    permissions: ["compute.networks.get"],
    kind: "read",
  },
  "instances.get": {
    verb: "GET",
    path: "/compute/v1/projects/{project}/zones/{zone}/instances/{instance}",
    query: [],
    permissions: ["compute.instances.get"],
    kind: "read",
  },
  "instances.list": {
    verb: "GET",
    path: "/compute/v1/projects/{project}/zones/{zone}/instances",
    query: LISTING,
    permissions: ["compute.instances.list"],
    kind: "read",
  },
  "instances.aggregatedList": {
    verb: "GET",
    path: "/compute/v1/projects/{project}/aggregated/instances",
    query: LISTING,
    permissions: ["compute.instances.list"],
    kind: "read",
  },
  "firewalls.list": {
    verb: "GET",
    path: "/compute/v1/projects/{project}/global/firewalls",
    query: LISTING,
    permissions: ["compute.firewalls.list"],
    kind: "read",
  },
  "instances.getEffectiveFirewalls": {
    verb: "GET",
    path: "/compute/v1/projects/{project}/zones/{zone}/instances/{instance}/getEffectiveFirewalls",
    query: ["networkInterface"],
    permissions: ["compute.instances.getEffectiveFirewalls"],
    kind: "read",
  },
  "projects.get": {
    verb: "GET",
    path: "/compute/v1/projects/{project}",
    query: ["fields"],
    permissions: ["compute.projects.get"],
    kind: "read",
  },
  "globalOperations.get": {
    verb: "GET",
    path: "/compute/v1/projects/{project}/global/operations/{operation}",
    query: [],
    permissions: ["compute.globalOperations.get"],
    kind: "operation",
  },
  "globalOperations.wait": {
    verb: "POST",
    path: "/compute/v1/projects/{project}/global/operations/{operation}/wait",
    query: [],
    permissions: ["compute.globalOperations.get"],
    kind: "operation",
  },
} as const satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof GCP_METHODS;

/** What a request asks for: a method, and the parts of its path by name. */
export type Asked = { readonly name: MethodName; readonly parts: Readonly<Record<string, string>> };

/** The method of a request; undefined when there is none. */
export function methodOf(verb: string, path: string): Asked | undefined {
  for (const name of Object.keys(GCP_METHODS) as MethodName[]) {
    const method = GCP_METHODS[name];
    const parts = verb === method.verb ? matched(method.path, path) : undefined;
    if (parts !== undefined) return { name, parts };
  }
  return undefined;
}

function matched(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = decodeURIComponent(given[at] ?? "");
    if (part.startsWith("{")) parts[part.slice(1, -1)] = value;
    else if (part !== value) return undefined;
  }
  return parts;
}
