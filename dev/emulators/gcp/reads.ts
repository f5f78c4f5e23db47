import { ApiError, internalError, invalid, missing } from "./errors.ts";
import type { MethodName } from "./methods.ts";
import {
  idOf,
  type Json,
  linkOf,
  showFirewall,
  showInstance,
  showNetwork,
  showPolicy,
  showRoute,
  subnetRoutes,
} from "./show.ts";
import { type FindInstance, instanceKey, type ProjectState } from "./state.ts";
import type { FirewallPolicy } from "./world.ts";

/** What a reading method sees. */
export type View = {
  readonly state: ProjectState;
  readonly find: FindInstance;
  readonly parts: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Entries of one page at most. */
  readonly pageEntries: number;
  /** Zones that do not answer. */
  readonly down: ReadonlySet<string>;
};

type Read = (view: View) => Json;

/** The methods that only read a project. */
export const READS: Readonly<Partial<Record<MethodName, Read>>> = {
  "routes.list": (view) => {
    const { state, find } = view;
    const made = [...state.routes.values()].map((route) => showRoute(state, route, find));
    const path = `projects/${state.id}/global/routes`;
    return { kind: "compute#routeList", id: path, ...listed(view, [...made, ...subnetRoutes(state)], path) };
  },
  "routes.get": ({ state, find, parts }) => {
    const route = state.routes.get(parts["route"] ?? "");
    if (route !== undefined) return showRoute(state, route, find);
    throw missing(`projects/${state.id}/global/routes/${parts["route"]}`);
  },
  "networks.get": ({ state, parts }) => {
    const name = parts["network"] ?? "";
    if (state.networks.has(name)) return showNetwork(state, name);
    throw missing(`projects/${state.id}/global/networks/${name}`);
  },
  "instances.get": ({ state, parts, down }) => {
    const { zone = "", instance: name = "" } = parts;
    if (down.has(zone)) throw internalError();
    const found = state.instances.get(`zones/${zone}/instances/${name}`);
    if (found !== undefined) return showInstance(state.id, found);
    throw missing(`projects/${state.id}/zones/${zone}/instances/${name}`);
  },
  "instances.list": (view) => {
    const zone = view.parts["zone"] ?? "";
    if (view.down.has(zone)) throw internalError();
    const items = [...view.state.instances.values()].filter((instance) => instance.zone === zone);
    const path = `projects/${view.state.id}/zones/${zone}/instances`;
    const shown = items.map((instance) => showInstance(view.state.id, instance));
    return { kind: "compute#instanceList", id: path, ...listed(view, shown, path) };
  },
  "instances.aggregatedList": aggregated,
  "instances.getEffectiveFirewalls": effective,
  "projects.get": ({ state, query }) => {
    const quotas = [{ metric: "ROUTES", limit: state.routeQuota, usage: state.routes.size }];
    const fields = query.get("fields");
    if (fields === "quotas") return { quotas };
    if (fields !== null) throw invalid("fields", fields, "The emulator shows quotas alone, or everything");
    return {
      kind: "compute#project",
      id: idOf(state.id),
      name: state.id,
      quotas,
      selfLink: linkOf(`projects/${state.id}`),
    };
  },
  "firewalls.list": (view) => {
    const path = `projects/${view.state.id}/global/firewalls`;
    const items = [...view.state.firewalls.values()].map((rule) => showFirewall(view.state, rule));
    return { kind: "compute#firewallList", id: path, ...listed(view, items, path) };
  },
};

/** The firewall policies and rules of one interface, rules of other interfaces' networks left out. */
function effective({ state, parts, query }: View): Json {
  const { zone = "", instance: name = "" } = parts;
  const path = `projects/${state.id}/zones/${zone}/instances/${name}`;
  const found = state.instances.get(`zones/${zone}/instances/${name}`);
  if (found === undefined) throw missing(path);
  const nic = query.get("networkInterface");
  if (nic === null) throw new ApiError(400, "required", "Required field 'networkInterface' not specified");
  const network = found.interfaces[Number(/^nic(\d)$/.exec(nic)?.[1] ?? Number.NaN)]?.network;
  if (network === undefined) throw invalid("networkInterface", nic, "There is no such interface");
  const rules = [...state.firewalls.values()].filter((rule) => rule.network === network);
  const isFor = (policy: FirewallPolicy) => policy.network === undefined || policy.network === network;
  const policies = state.firewallPolicies.filter(isFor);
  return {
    ...(rules.length > 0 && { firewalls: rules.map((rule) => showFirewall(state, rule)) }),
    ...(policies.length > 0 && { firewallPolicys: policies.map((policy, at) => showPolicy(policy, at)) }),
  };
}

/** Instances by zone; a zone without any on the page says so. */
function aggregated(view: View): Json {
  const { state, down, query } = view;
  if (down.size > 0 && query.get("returnPartialSuccess") !== "true") throw internalError();
  const all = [...state.instances.values()];
  const up = all.filter(({ zone }) => !down.has(zone));
  const path = `projects/${state.id}/aggregated/instances`;
  const page = pageOf(
    view,
    up.sort((a, b) => (instanceKey(a) < instanceKey(b) ? -1 : 1)),
  );
  const zones = new Set(all.map(({ zone }) => zone));
  const items: Record<string, Json> = {};
  for (const zone of [...zones].filter((name) => !down.has(name))) {
    const instances = page.items.filter((instance) => instance.zone === zone);
    const scope = `zones/${zone}`;
    items[scope] =
      instances.length > 0
        ? { instances: instances.map((instance) => showInstance(state.id, instance)) }
        : {
            warning: { code: "NO_RESULTS_ON_PAGE", message: `There are no results for scope '${scope}' on this page.` },
          };
  }
  return {
    kind: "compute#instanceAggregatedList",
    id: path,
    items,
    ...(page.next !== undefined && { nextPageToken: page.next }),
    selfLink: linkOf(path),
    ...(down.size > 0 && { unreachables: [...down].map((zone) => `projects/${state.id}/zones/${zone}`) }),
  };
}

function listed(view: View, items: readonly Json[], path: string): Json {
  const page = pageOf(
    view,
    [...items].sort((a, b) => (String(a["name"]) < String(b["name"]) ? -1 : 1)),
  );
  return {
    ...(page.items.length > 0 && { items: page.items }),
    ...(page.next !== undefined && { nextPageToken: page.next }),
    selfLink: linkOf(path),
  };
}

function pageOf<T>(
  { query, pageEntries }: View,
  items: readonly T[],
): { readonly items: readonly T[]; readonly next: string | undefined } {
  const asked = query.get("maxResults") ?? "500";
  if (!/^\d+$/.test(asked) || Number(asked) > 500) throw invalid("maxResults", asked, "Must be between 0 and 500");
  const size = Math.min(Number(asked) || 500, pageEntries);
  const token = query.get("pageToken");
  const from = token === null ? 0 : Number(/^from-(\d+)$/.exec(Buffer.from(token, "base64url").toString())?.[1]);
  if (Number.isNaN(from)) throw new ApiError(400, "invalid", `Invalid value for field 'pageToken': '${token}'.`);
  const isLast = from + size >= items.length;
  return {
    items: items.slice(from, from + size),
    next: isLast ? undefined : Buffer.from(`from-${from + size}`).toString("base64url"),
  };
}
