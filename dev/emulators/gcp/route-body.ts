import { familyOf, overlap, parseCidr } from "../../../shared/domain/cidr.ts";
import { isIpv4 } from "../../../shared/domain/ip-address.ts";
import { ApiError, invalid, missing } from "./errors.ts";
import { type FindInstance, networkPath, type ProjectState } from "./state.ts";
import type { StaticRoute } from "./world.ts";

/** Fields of a route that a caller may give. */
export const WRITABLE: ReadonlySet<string> = new Set([
  "description",
  "destRange",
  "name",
  "network",
  "nextHopGateway",
  "nextHopIlb",
  "nextHopInstance",
  "nextHopIp",
  "nextHopVpnTunnel",
  "priority",
  "tags",
]);

const HOPS = ["nextHopInstance", "nextHopIp", "nextHopIlb", "nextHopGateway", "nextHopVpnTunnel"] as const;
const NAME = /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

type Given = Readonly<Record<string, unknown>>;

/** The route that the body of an insert describes. Throws `ApiError` for whatever Google would refuse. */
export function readRoute(state: ProjectState, text: string, find: FindInstance): StaticRoute {
  const given = parsed(text);
  const unknown = Object.keys(given).find((field) => !WRITABLE.has(field));
  if (unknown !== undefined) {
    const message = `Invalid JSON payload received. Unknown name "${unknown}" at 'resource': Cannot find field.`;
    throw new ApiError(400, "invalid", message);
  }
  const name = stringOf(given, "name");
  if (!NAME.test(name))
    throw invalid("resource.name", name, "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'");
  const network = networkOf(state, stringOf(given, "network"));
  const destRange = destinationOf(state, network, stringOf(given, "destRange"));
  const priority = given["priority"] ?? 1_000;
  if (typeof priority !== "number" || !Number.isInteger(priority) || priority < 0 || priority > 65_535) {
    throw invalid("resource.priority", priority, "Must be greater than or equal to 0 and less than or equal to 65535");
  }
  const tags = given["tags"] ?? [];
  if (!isTextList(tags)) throw invalid("resource.tags", tags, "Must be a list of tags");
  const description = given["description"] === undefined ? "" : stringOf(given, "description");
  return { name, network, destRange, priority, description, tags, ...hopsOf(state, network, destRange, given, find) };
}

function parsed(text: string): Given {
  try {
    const given: unknown = JSON.parse(text);
    if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Given;
  } catch {
    // What cannot be read is refused below.
  }
  throw new ApiError(400, "parseError", "Parse Error");
}

function stringOf(given: Given, field: string): string {
  const value = given[field];
  if (value === undefined) throw new ApiError(400, "required", `Required field 'resource.${field}' not specified`);
  if (typeof value === "string") return value;
  throw invalid(`resource.${field}`, value, "Must be a string");
}

function pathOf(url: string): string {
  const at = url.indexOf("projects/");
  return at < 0 ? url : url.slice(at);
}

function networkOf(state: ProjectState, url: string): string {
  const [, project, name = ""] = /^projects\/([^/]+)\/global\/networks\/([^/]+)$/.exec(pathOf(url)) ?? [];
  if (project === undefined) throw invalid("resource.network", url, "The URL is malformed.");
  if (project !== state.id) throw invalid("resource.network", url, "Cross project reference not allowed.");
  if (!state.networks.has(name)) throw missing(pathOf(url));
  return name;
}

function destinationOf(state: ProjectState, network: string, range: string): string {
  const read = parseCidr(range);
  if (!("cidr" in read)) throw invalid("resource.destRange", range, "Must be a CIDR address range.");
  const { cidr } = read;
  const length = (of: string): number => Number(of.split("/")[1]);
  const hidden = state.networks
    .get(network)
    ?.subnets.find(
      (subnet) => familyOf(subnet) === familyOf(cidr) && overlap(subnet, cidr) && length(cidr) >= length(subnet),
    );
  if (hidden === undefined) return cidr;
  throw invalid("resource.destRange", range, `${range} hides the reserved address space for network (${hidden}).`);
}

function hopsOf(
  state: ProjectState,
  network: string,
  destination: string,
  given: Given,
  find: FindInstance,
): Partial<StaticRoute> {
  const [hop, ...more] = HOPS.filter((field) => given[field] !== undefined);
  if (hop === undefined || more.length > 0) {
    throw new ApiError(400, "invalid", "Exactly one next hop must be specified for a route.");
  }
  const value = stringOf(given, hop);
  if (hop === "nextHopIp") return { nextHopIp: addressOf(state, network, destination, value) };
  if (hop === "nextHopIlb") return { nextHopIlb: value };
  const path = pathOf(value);
  if (!path.startsWith("projects/")) throw invalid(`resource.${hop}`, value, "The URL is malformed.");
  if (hop === "nextHopInstance") {
    const instance = find(path);
    if (instance === undefined) throw missing(path);
    const project = path.split("/")[1] ?? "";
    const own = networkPath(state.id, network);
    if (!instance.interfaces.some((nic) => networkPath(project, nic.network) === own)) {
      throw invalid("resource.nextHopInstance", value, `Next hop instance is not on the network ${network}.`);
    }
  }
  return { [hop]: path };
}

/** An address must be one of the network's own. */
function addressOf(state: ProjectState, network: string, destination: string, value: string): string {
  const subnets = state.networks.get(network)?.subnets ?? [];
  if (!isIpv4(value) || familyOf(destination) !== 4) {
    throw invalid("resource.nextHopIp", value, "Must be an IPv4 address, for an IPv4 destination.");
  }
  if (subnets.some((subnet) => familyOf(subnet) === 4 && overlap(subnet, `${value}/32`))) return value;
  throw invalid("resource.nextHopIp", value, "Next hop IP address must be within a subnetwork of the network.");
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}
