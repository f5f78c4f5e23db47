import type { Inside } from "./emulator.ts";
import { apiError, invalidField } from "./errors.ts";
import { isSelected, type Operation, pageOf } from "./requests.ts";
import { actionShape, firewallShape, networkShape, serverShape } from "./shapes.ts";

/** Answers an operation that changes nothing, maybe with what stood a while ago. Throws `ApiError`. */
export function readAnswer(inside: Inside, { name, id, query }: Operation): unknown {
  const { networks, servers, firewalls } = inside.project.past(inside.conditions.readLagMs * inside.random());
  const byId = <T extends { readonly id: number }>(map: ReadonlyMap<number, T>) =>
    [...map.values()].sort((a, b) => a.id - b.id);
  const isMeant = (entry: { readonly name: string; readonly labels: Readonly<Record<string, string>> }) =>
    isSelected(entry.labels, query.get("label_selector")) && (query.get("name") ?? entry.name) === entry.name;
  switch (name) {
    case "GET /firewalls": {
      checkSort(query);
      const { page, meta } = pageOf(byId(firewalls).filter(isMeant), query);
      return { firewalls: page.map((firewall) => firewallShape(firewall, byId(servers))), meta };
    }
    case "GET /networks": {
      const { page, meta } = pageOf(byId(networks).filter(isMeant), query);
      return { networks: page.map((network) => networkShape(network, byId(servers))), meta };
    }
    case "GET /networks/{id}":
      return { network: networkShape(there(networks.get(id), "network", id), byId(servers)) };
    case "GET /servers": {
      const wanted = byId(servers).filter(isMeant);
      const { page, meta } = pageOf(ofStatus(wanted, query), query);
      return { servers: page.map(serverShape), meta };
    }
    case "GET /servers/{id}":
      return { server: serverShape(there(servers.get(id), "server", id)) };
    case "GET /networks/{id}/actions": {
      there(networks.get(id), "network", id);
      const { page, meta } = pageOf(ofStatus(inside.actions.of(id), query), query);
      return { actions: page.map(actionShape), meta };
    }
    case "GET /actions/{id}":
      return { action: actionShape(there(inside.actions.get(id), "action", id)) };
    default:
      throw apiError("not_found", `no such operation: ${name}`);
  }
}

function there<T>(found: T | undefined, what: string, id: number): T {
  if (found === undefined) throw apiError("not_found", `${what} with ID '${id}' not found`);
  return found;
}

/** Ordered by id from the newest on for actions, from the oldest on for servers: other orders are not emulated. */
function ofStatus<T extends { readonly status: string }>(all: readonly T[], query: URLSearchParams): readonly T[] {
  checkSort(query);
  const statuses = query.getAll("status");
  return statuses.length === 0 ? all : all.filter(({ status }) => statuses.includes(status));
}

function checkSort(query: URLSearchParams): void {
  const sort = query.get("sort");
  if (sort !== null && sort !== "id" && sort !== "id:asc" && sort !== "id:desc") {
    throw invalidField("sort", "is not emulated");
  }
}
