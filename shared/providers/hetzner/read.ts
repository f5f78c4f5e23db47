import { parseCidr } from "../../domain/cidr.ts";
import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { Route, Survey, TableRef } from "../../ports/route-provider.ts";
import { type Firewall, FirewallsAnswer, type Network, NetworkAnswer, type Server, ServersAnswer } from "./answers.ts";
import type { HetznerClient } from "./client.ts";
import { allPages } from "./client.ts";

/** The location's network as its one table, and its routes. Throws `RouteError`, TABLE_MISSING when it is not there. */
export async function surveyNetwork(client: HetznerClient, id: number, signal: AbortSignal): Promise<Survey> {
  const table = tableOf(id);
  const network = await readNetwork(client, table.id, signal);
  return { tables: [table], routes: routesOf(table, network) };
}

/** Every route of the networks, in order of network and destination; none for one that is gone. Throws `RouteError`. */
export async function readRoutes(
  client: HetznerClient,
  tables: readonly TableRef[],
  signal: AbortSignal,
): Promise<readonly Route[]> {
  const refs = new Map(tables.map((table) => [table.id, table]));
  const read = await Promise.all(
    [...refs.values()].map(async (table) => {
      try {
        return routesOf(table, await readNetwork(client, table.id, signal));
      } catch (error) {
        if (error instanceof RouteError && error.code === "TABLE_MISSING") return [];
        throw error;
      }
    }),
  );
  return read.flat().sort((a, b) => compare(a.table.key, b.table.key));
}

/** One network. Throws `RouteError`: TABLE_MISSING when it is not in the token's project. */
export function readNetwork(client: HetznerClient, id: string, signal: AbortSignal): Promise<Network> {
  const call = { action: "GET /networks/{id}", about: `network ${id}`, secret: client.secret };
  const path = `/networks/${encodeURIComponent(id)}`;
  return client.get(call, path, NetworkAnswer, signal).then(({ network }) => network);
}

/** Every server of the project, or those with a label. Throws `RouteError`. */
export function readServers(
  client: HetznerClient,
  label: string | undefined,
  signal: AbortSignal,
): Promise<readonly Server[]> {
  const call = { action: "GET /servers", about: label === undefined ? "all" : `label ${label}`, secret: client.secret };
  const selector = label === undefined ? "" : `&label_selector=${encodeURIComponent(label)}`;
  return allPages(call, async (token) => {
    const path = `/servers?page=${token ?? "1"}&per_page=${limits.hetznerPageEntries}${selector}`;
    const { servers, meta } = await client.get(call, path, ServersAnswer, signal);
    const next = meta?.pagination.next_page;
    return { entries: servers, next: next === null || next === undefined ? undefined : String(next) };
  });
}

/** Every firewall of the project. Throws `RouteError`. */
export function readFirewalls(client: HetznerClient, signal: AbortSignal): Promise<readonly Firewall[]> {
  const call = { action: "GET /firewalls", about: "all", secret: client.secret };
  return allPages(call, async (token) => {
    const path = `/firewalls?page=${token ?? "1"}&per_page=${limits.hetznerPageEntries}`;
    const { firewalls, meta } = await client.get(call, path, FirewallsAnswer, signal);
    const next = meta?.pagination.next_page;
    return { entries: firewalls, next: next === null || next === undefined ? undefined : String(next) };
  });
}

export function tableOf(id: number): TableRef {
  return { key: `hetzner/${id}`, id: String(id) };
}

/** A destination as we write it: canonical where it can be. */
export function canonical(destination: string): string {
  const read = parseCidr(destination);
  return "cidr" in read ? read.cidr : (read.canonical ?? destination);
}

/** The API shows no state of a route: whether its gateway answers cannot be told from it. */
function routesOf(table: TableRef, network: Network): readonly Route[] {
  const routes = network.routes.map(({ destination, gateway }) => ({
    table,
    destination: canonical(destination),
    target: gateway,
    state: "active" as const,
    isStatic: true,
  }));
  return routes.sort((a, b) => compare(a.destination, b.destination));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
