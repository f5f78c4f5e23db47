import type { Subject } from "../common/faults.ts";
import { ApiError, etagMismatch, incorrectState, invalid, notFound } from "./errors.ts";
import { checkedRules } from "./route-rules.ts";
import { type MakeEtag, type PrivateIp, type State, type Table, withPrivateIp, withTable } from "./state.ts";
import { groupRuleView, privateIpView, securityListView, subnetView, tableView, vcnView, vnicView } from "./views.ts";
import { Tags, type Vnic } from "./world.ts";

/** A request as an operation sees it. `id`: of the resource that the path names, "" for a listing. */
export type Request = {
  readonly id: string;
  readonly query: ReadonlyMap<string, string>;
  readonly ifMatch: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  readonly monotonicMs: number;
};

/** `etag` and `nextPage` are headers. */
export type Result = { readonly body: unknown; readonly etag?: string; readonly nextPage?: string };

/** An operation that only reads. It is shown a state that may be older than the newest. */
type ReadOperation = {
  readonly kind: "read";
  readonly query: readonly string[];
  run(state: State, request: Request): Result;
};

/** An operation that changes something. It sees the newest state, and throws `ApiError` when it changes nothing. */
type ChangeOperation = {
  readonly kind: "change";
  readonly body: readonly string[];
  subject(state: State, request: Request): Subject;
  run(state: State, request: Request, etag: MakeEtag): { readonly state: State; readonly result: Result };
};

export type Operation = ReadOperation | ChangeOperation;

const LISTED = ["compartmentId", "displayName", "lifecycleState", "limit", "page", "sortBy", "sortOrder", "vcnId"];
/** Entries of a page when a request does not say, and the most that it may say. */
const PAGE = { usual: 50, most: 1_000 };

/** The operations that are emulated, by the name that OCI gives them. */
export const OCI_OPERATIONS: Readonly<Record<string, Operation>> = {
  ListRouteTables: {
    kind: "read",
    query: LISTED,
    run: (state, request) => paged([...state.tables.values()].filter(inPlace(state, request)), request, tableView),
  },
  GetRouteTable: {
    kind: "read",
    query: [],
    run(state, { id }) {
      const table = known(state.tables.get(id));
      return { body: tableView(table), etag: table.etag };
    },
  },
  UpdateRouteTable: {
    kind: "change",
    body: ["definedTags", "displayName", "freeformTags", "routeRules"],
    subject: (_, { id }) => ({ table: id, destination: "", target: null }),
    run: updateRouteTable,
  },
  ListPrivateIps: {
    kind: "read",
    query: ["ipAddress", "ipState", "lifetime", "limit", "page", "subnetId", "vlanId", "vnicId"],
    run: listPrivateIps,
  },
  GetPrivateIp: {
    kind: "read",
    query: [],
    run(state, { id }) {
      const ip = known(state.privateIps.get(id));
      return { body: privateIpView(ip), etag: ip.etag };
    },
  },
  UpdatePrivateIp: {
    kind: "change",
    body: ["definedTags", "displayName", "freeformTags", "hostnameLabel", "lifetime", "routeTableId", "vnicId"],
    subject: (state, { id, body }) => {
      const destination = `${state.privateIps.get(id)?.address ?? ""}/32`;
      return { table: id, destination, target: typeof body["vnicId"] === "string" ? body["vnicId"] : null };
    },
    run: updatePrivateIp,
  },
  PrivateIpVnicDetach: {
    kind: "change",
    body: [],
    subject: (state, { id }) => ({
      table: id,
      destination: `${state.privateIps.get(id)?.address ?? ""}/32`,
      target: null,
    }),
    run: detachPrivateIp,
  },
  GetVnic: {
    kind: "read",
    query: [],
    run(state, { id }) {
      const vnic = known(state.vnics.get(id));
      return { body: vnicView(vnic), etag: etagOf(vnic) };
    },
  },
  UpdateVnic: {
    kind: "change",
    body: [
      "definedTags",
      "displayName",
      "freeformTags",
      "hostnameLabel",
      "nsgIds",
      "routeTableId",
      "securityAttributes",
      "skipSourceDestCheck",
    ],
    subject: (_, { id }) => ({ table: id, destination: "", target: null }),
    run: updateVnic,
  },
  GetSecurityList: {
    kind: "read",
    query: [],
    run: (state, { id }) => ({ body: securityListView(known(state.securityLists.get(id))), etag: id }),
  },
  ListNetworkSecurityGroupSecurityRules: {
    kind: "read",
    query: ["direction", "limit", "page", "sortBy", "sortOrder"],
    run(state, request) {
      const { rules } = known(state.securityGroups.get(request.id));
      const direction = request.query.get("direction");
      if (direction !== undefined && direction !== "INGRESS" && direction !== "EGRESS") {
        throw invalid("direction must be INGRESS or EGRESS");
      }
      const views = rules.map(groupRuleView).filter((rule) => (direction ?? rule.direction) === rule.direction);
      return paged(views, request, (rule) => rule);
    },
  },
  ListSubnets: {
    kind: "read",
    query: LISTED,
    run: (state, request) =>
      paged([...state.subnets.values()].filter(inPlace(state, request)), request, (subnet) =>
        subnetView(state, subnet),
      ),
  },
  GetSubnet: {
    kind: "read",
    query: [],
    run: (state, { id }) => ({ body: subnetView(state, known(state.subnets.get(id))), etag: id }),
  },
  GetVcn: { kind: "read", query: [], run: (state, { id }) => ({ body: vcnView(known(state.vcns.get(id))), etag: id }) },
};

function known<T>(found: T | undefined): T {
  if (found === undefined) throw notFound();
  return found;
}

/** What is in the compartment, and the VCN if one is named. Throws `ApiError` 404 for a VCN that is not there. */
function inPlace(state: State, { query }: Request): (entry: { compartment: string; vcn: string }) => boolean {
  const compartment = query.get("compartmentId");
  const vcn = query.get("vcnId");
  if (!compartment) throw new ApiError(400, "MissingParameter", "compartmentId is required");
  if (vcn !== undefined) known(state.vcns.get(vcn));
  return (entry) => entry.compartment === compartment && (vcn === undefined || entry.vcn === vcn);
}

/** One page of a listing, in order of id. */
function paged<T extends { readonly id: string }>(
  entries: readonly T[],
  { query }: Request,
  view: (entry: T) => unknown,
): Result {
  const size = Number(query.get("limit") ?? PAGE.usual);
  if (!Number.isInteger(size) || size < 1 || size > PAGE.most) throw invalid("limit must be from 1 to 1000");
  const from = Number(query.get("page") ?? 0);
  if (!Number.isInteger(from) || from < 0) throw invalid("page is not one that was given");
  const sorted = [...entries].sort((a, b) => (a.id < b.id ? -1 : 1));
  const body = sorted.slice(from, from + size).map(view);
  return from + size < sorted.length ? { body, nextPage: String(from + size) } : { body };
}

function listPrivateIps(state: State, request: Request): Result {
  const { query } = request;
  const [vnic, subnet, address] = ["vnicId", "subnetId", "ipAddress"].map((name) => query.get(name));
  if (vnic === undefined && subnet === undefined) throw invalid("vnicId or subnetId is required");
  if (vnic !== undefined) known(state.vnics.get(vnic));
  if (subnet !== undefined) known(state.subnets.get(subnet));
  const fits = (ip: PrivateIp) =>
    (vnic === undefined || ip.vnic === vnic) &&
    (subnet === undefined || ip.subnet === subnet) &&
    (address === undefined || ip.address === address);
  return paged([...state.privateIps.values()].filter(fits), request, privateIpView);
}

function updateRouteTable(state: State, { id, body, ifMatch, monotonicMs }: Request, etag: MakeEtag) {
  const table = known(state.tables.get(id));
  if (ifMatch !== undefined && ifMatch !== table.etag) throw etagMismatch();
  if (table.lifecycleState !== "AVAILABLE") throw incorrectState(id, table.lifecycleState);
  if (monotonicMs < table.busyUntilMs) throw incorrectState(id, "UPDATING");
  const rules = body["routeRules"] === undefined ? table.rules : [...checkedRules(state, table, body["routeRules"])];
  const next: Table = { ...table, rules, etag: etag() };
  return { state: withTable(state, next), result: { body: tableView(next), etag: next.etag } };
}

function updatePrivateIp(state: State, { id, body, ifMatch }: Request, etag: MakeEtag) {
  const ip = known(state.privateIps.get(id));
  if (ifMatch !== undefined && ifMatch !== ip.etag) throw etagMismatch();
  if (ip.isPrimary) throw invalid(`${id} is a primary private IP, which cannot be updated`);
  const { vnicId } = body;
  if (vnicId !== undefined && typeof vnicId !== "string") throw invalid("vnicId must be a string");
  const vnic = vnicId === undefined ? undefined : known(state.vnics.get(vnicId));
  if (vnic !== undefined && vnic.subnet !== ip.subnet) throw invalid(`${vnicId} is not in the same subnet as ${id}`);
  const next: PrivateIp = { ...ip, vnic: vnic?.id ?? ip.vnic, etag: etag() };
  return { state: withPrivateIp(state, next), result: { body: privateIpView(next), etag: next.etag } };
}

function detachPrivateIp(state: State, { id, ifMatch }: Request, etag: MakeEtag) {
  const ip = known(state.privateIps.get(id));
  if (ifMatch !== undefined && ifMatch !== ip.etag) throw etagMismatch();
  if (ip.isPrimary) throw invalid(`${id} is a primary private IP, which cannot be detached`);
  if (ip.vnic === null) throw incorrectState(id, "AVAILABLE");
  const next: PrivateIp = { ...ip, vnic: null, etag: etag() };
  return { state: withPrivateIp(state, next), result: { body: privateIpView(next), etag: next.etag } };
}

const etagOf = (vnic: Vnic): string => `${vnic.id} ${vnic.skipSourceDestCheck} ${JSON.stringify(vnic.freeformTags)}`;

/** Of a VNIC, the source/destination check and the freeform tags alone can be changed. */
function updateVnic(state: State, { id, body, ifMatch }: Request) {
  const vnic = known(state.vnics.get(id));
  if (ifMatch !== undefined && ifMatch !== etagOf(vnic)) throw etagMismatch();
  const { skipSourceDestCheck = vnic.skipSourceDestCheck, freeformTags = vnic.freeformTags, ...rest } = body;
  if (typeof skipSourceDestCheck !== "boolean") throw invalid("skipSourceDestCheck must be true or false");
  const tags = Tags.safeParse(freeformTags);
  if (!tags.success) throw invalid("freeformTags must be texts by name");
  const [other] = Object.keys(rest);
  if (other !== undefined) throw invalid(`${other} of a VNIC is not emulated`);
  const next: Vnic = { ...vnic, skipSourceDestCheck, freeformTags: tags.data };
  return {
    state: { ...state, vnics: new Map(state.vnics).set(id, next) },
    result: { body: vnicView(next), etag: etagOf(next) },
  };
}
