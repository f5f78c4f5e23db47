import { ApiError, invalid } from "./errors.ts";

/** What a request is about: the action that a role must allow, and the parts of its path. */
export type Asked = {
  readonly action: string;
  readonly isChange: boolean;
  readonly subscription: string;
  readonly resourceGroup: string;
  /** Name of the resource. */
  readonly name: string;
  /** Name of what is in it, such as a route. */
  readonly child: string;
  /** Path without the query, in the case of the request. */
  readonly path: string;
  readonly query: URLSearchParams;
};

/** The version of Microsoft.Network that is emulated: the one that the SDK asks for. */
export const API_VERSION = "2025-05-01";

const ns = "Microsoft.Network";
const group = "/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft.Network";
const all = "/subscriptions/([^/]+)()/providers/Microsoft.Network";

/** What is answered; query parameters beside `api-version`. */
const PATHS: readonly (readonly [method: string, pattern: RegExp, action: string, query?: readonly string[]])[] = [
  ["GET", at(`${group}/routeTables/([^/]+)`), `${ns}/routeTables/read`],
  ["GET", at(`${group}/routeTables`), `${ns}/routeTables/list`, ["$skipToken"]],
  ["GET", at(`${all}/routeTables`), `${ns}/routeTables/listAll`, ["$skipToken"]],
  ["GET", at(`${group}/routeTables/([^/]+)/routes/([^/]+)`), `${ns}/routeTables/routes/read`],
  ["GET", at(`${group}/routeTables/([^/]+)/routes`), `${ns}/routeTables/routes/list`, ["$skipToken"]],
  ["PUT", at(`${group}/routeTables/([^/]+)/routes/([^/]+)`), `${ns}/routeTables/routes/write`],
  ["DELETE", at(`${group}/routeTables/([^/]+)/routes/([^/]+)`), `${ns}/routeTables/routes/delete`],
  ["GET", at(`${group}/virtualNetworks/([^/]+)`), `${ns}/virtualNetworks/read`],
  ["GET", at(`${group}/virtualNetworks/([^/]+)/subnets`), `${ns}/virtualNetworks/subnets/list`, ["$skipToken"]],
  ["GET", at(`${group}/virtualNetworks/([^/]+)/subnets/([^/]+)`), `${ns}/virtualNetworks/subnets/read`, ["$expand"]],
  ["GET", at(`${group}/networkInterfaces/([^/]+)`), `${ns}/networkInterfaces/read`],
  ["PUT", at(`${group}/networkInterfaces/([^/]+)`), `${ns}/networkInterfaces/write`],
  ["GET", at(`${group}/networkSecurityGroups/([^/]+)`), `${ns}/networkSecurityGroups/read`],
  ["GET", at(`${all}/locations/([^/]+)/operations/([^/]+)`), `${ns}/locations/operations/read`],
  ["GET", at(`${all}/locations/([^/]+)/operationResults/([^/]+)`), `${ns}/locations/operationResults/read`],
];

function at(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`, "i");
}

/** Reads a request's method and path. Throws `ApiError`, as Azure answers. */
export function asked(method: string, pathAndQuery: string): Asked {
  const { pathname: path, searchParams: query } = new URL(pathAndQuery, "http://arm");
  const match = PATHS.find(([verb, pattern]) => verb === method && pattern.test(path));
  if (match === undefined) {
    if (PATHS.some(([, pattern]) => pattern.test(path))) {
      throw new ApiError(405, "MethodNotAllowed", `The request uses an HTTP method that is not allowed: ${method}.`);
    }
    throw new ApiError(404, "InvalidResourceType", `The resource type of ${path} could not be found.`);
  }
  const [, pattern, action, more = []] = match;
  const version = query.get("api-version");
  if (version === null) throw invalid("MissingApiVersionParameter", "The api-version query parameter is required.");
  if (version !== API_VERSION) {
    throw invalid("InvalidResourceType", `The api-version '${version}' is invalid. The one known is '${API_VERSION}'.`);
  }
  const stray = [...query.keys()].find((name) => name !== "api-version" && !more.includes(name));
  if (stray !== undefined) throw invalid("InvalidQueryParameter", `The query parameter '${stray}' is not known.`);
  const [, subscription = "", resourceGroup = "", name = "", child = ""] = (pattern.exec(path) ?? []).map(decode);
  return { action, isChange: method !== "GET", subscription, resourceGroup, name, child, path, query };
}

function decode(text: string | undefined): string {
  return decodeURIComponent(text ?? "");
}
