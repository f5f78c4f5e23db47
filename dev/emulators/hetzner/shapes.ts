import type { Action } from "./actions.ts";
import { firstAddress } from "./routes.ts";
import type { Firewall, Network, Server } from "./world.ts";

const MADE = "2024-01-01T00:00:00+00:00";

/** A network as the API shows it. */
export function networkShape(network: Network, servers: readonly Server[]): unknown {
  const { id, name, ip_range, subnets, routes, labels } = network;
  const attached = servers.filter((server) => server.private_net.some((net) => net.network === id));
  return {
    id,
    name,
    ip_range,
    subnets: subnets.map((subnet) => ({ ...subnet, gateway: firstAddress(ip_range) })),
    routes,
    servers: attached.map((server) => server.id),
    load_balancers: [],
    protection: { delete: false },
    labels,
    created: MADE,
  };
}

/** A server as the API shows it; what has nothing to do with networks is the same for all. */
export function serverShape({ id, name, status, private_net, firewalls, labels }: Server): unknown {
  return {
    id,
    name,
    status,
    created: MADE,
    public_net: { ipv4: null, ipv6: null, floating_ips: [], firewalls: (firewalls ?? []).map(applied) },
    private_net: private_net.map(({ network, ip, alias_ips }) => ({
      network,
      ip,
      alias_ips,
      mac_address: `86:00:00:00:00:${(id % 256).toString(16).padStart(2, "0")}`,
    })),
    server_type: serverType,
    datacenter,
    image: null,
    iso: null,
    rescue_enabled: false,
    locked: false,
    backup_window: null,
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: 21_990_232_555_520,
    protection: { delete: false, rebuild: false },
    labels,
    volumes: [],
    load_balancers: [],
    primary_disk_size: 40,
  };
}

/** A firewall as the API shows it, with the servers that stand behind it. */
export function firewallShape({ id, name, rules, labels }: Firewall, servers: readonly Server[]): unknown {
  const behind = servers.filter((server) => server.firewalls?.includes(id) === true);
  return {
    id,
    name,
    labels,
    created: MADE,
    rules: rules.map(({ direction, protocol, port, ips }) => ({
      direction,
      protocol,
      ...(port !== null && { port }),
      source_ips: direction === "in" ? ips : [],
      destination_ips: direction === "out" ? ips : [],
      description: null,
    })),
    applied_to: behind.map((server) => ({ type: "server", server: { id: server.id } })),
  };
}

const applied = (id: number) => ({ id, status: "applied" });

const serverType = {
  id: 1,
  name: "cx22",
  description: "CX22",
  cores: 2,
  memory: 4,
  disk: 40,
  deprecated: false,
  prices: [],
  storage_type: "local",
  cpu_type: "shared",
};

const datacenter = {
  id: 4,
  name: "fsn1-dc14",
  description: "Falkenstein 1 virtual DC 14",
  location: {
    id: 1,
    name: "fsn1",
    description: "Falkenstein DC Park 1",
    country: "DE",
    city: "Falkenstein",
    latitude: 50.47612,
    longitude: 12.370071,
    network_zone: "eu-central",
  },
  server_types: { supported: [1], available: [1], available_for_migration: [1] },
};

/** An action as the API shows it. */
export function actionShape({ id, command, status, startedMs, finishedMs, network, error }: Action): unknown {
  return {
    id,
    command,
    status,
    progress: status === "running" ? 0 : 100,
    started: new Date(startedMs).toISOString(),
    finished: finishedMs === null ? null : new Date(finishedMs).toISOString(),
    resources: [{ id: network, type: "network" }],
    error,
  };
}
