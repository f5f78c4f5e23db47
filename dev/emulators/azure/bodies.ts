import { keyOf, resourceId, type State, type Table } from "./state.ts";
import type { Network, NetworkInterface, Route } from "./world.ts";

export const tag = (text: string) => `W/"${Buffer.from(text).toString("hex").slice(0, 32)}"`;

/** A route as Azure shows it. */
export function routeBody(table: Table, route: Route): unknown {
  const id = `${resourceId("routeTables", table)}/routes/${route.name}`;
  const { addressPrefix, nextHopType, nextHopIpAddress, provisioningState } = route;
  return {
    name: route.name,
    id,
    etag: tag(JSON.stringify(route)),
    properties: {
      provisioningState,
      addressPrefix,
      nextHopType,
      ...(nextHopIpAddress !== undefined && { nextHopIpAddress }),
      hasBgpOverride: false,
    },
    type: "Microsoft.Network/routeTables/routes",
  };
}

/** A table with its routes and the subnets that it is associated with. */
export function tableBody(state: State, table: Table): unknown {
  const key = keyOf("routeTables", table);
  const subnets = [...state.networks.values()].flatMap((network) =>
    network.subnets.flatMap(({ name, routeTable }) =>
      routeTable?.toLowerCase() === key ? [{ id: subnetId(network, name) }] : [],
    ),
  );
  return {
    name: table.name,
    id: resourceId("routeTables", table),
    etag: tag(key),
    type: "Microsoft.Network/routeTables",
    location: table.location,
    tags: table.tags,
    properties: {
      provisioningState: "Succeeded",
      resourceGuid: "00000000-0000-4000-8000-000000000000",
      disableBgpRoutePropagation: false,
      routes: [...table.routes.values()].map((route) => routeBody(table, route)),
      ...(subnets.length > 0 && { subnets }),
    },
  };
}

/** A subnet; with `isExpanded` what has an address in it is shown whole. */
export function subnetBody(state: State, network: Network, name: string, isExpanded: boolean): unknown {
  const subnet = network.subnets.find((found) => found.name.toLowerCase() === name.toLowerCase());
  if (subnet === undefined) return undefined;
  const id = subnetId(network, subnet.name);
  const ipConfigurations = [...state.interfaces.values()].flatMap((found) =>
    found.addresses.flatMap((entry, at) =>
      entry.subnet.toLowerCase() === id.toLowerCase() ? [ipConfiguration(found, at, isExpanded)] : [],
    ),
  );
  return {
    name: subnet.name,
    id,
    etag: tag(id),
    type: "Microsoft.Network/virtualNetworks/subnets",
    properties: {
      provisioningState: "Succeeded",
      addressPrefix: subnet.prefix,
      ...(subnet.routeTable !== undefined && { routeTable: { id: subnet.routeTable } }),
      ...(subnet.securityGroup !== undefined && { networkSecurityGroup: { id: subnet.securityGroup } }),
      ...(ipConfigurations.length > 0 && { ipConfigurations }),
      delegations: [],
      privateEndpointNetworkPolicies: "Disabled",
      privateLinkServiceNetworkPolicies: "Enabled",
    },
  };
}

function ipConfiguration(found: NetworkInterface, at: number, isExpanded: boolean): unknown {
  const id = `${resourceId("networkInterfaces", found)}/ipConfigurations/ipconfig${at + 1}`;
  if (!isExpanded) return { id };
  const entry = found.addresses[at];
  return {
    name: `ipconfig${at + 1}`,
    id,
    etag: tag(id),
    properties: {
      provisioningState: "Succeeded",
      privateIPAddress: entry?.address,
      privateIPAllocationMethod: "Dynamic",
      subnet: { id: entry?.subnet },
    },
  };
}

/** An interface with its addresses. */
export function interfaceBody(found: NetworkInterface): unknown {
  const id = resourceId("networkInterfaces", found);
  return {
    name: found.name,
    id,
    etag: tag(`${found.ipForwarding} ${id}`),
    type: "Microsoft.Network/networkInterfaces",
    location: found.location,
    tags: found.tags,
    properties: {
      provisioningState: "Succeeded",
      enableIPForwarding: found.ipForwarding,
      enableAcceleratedNetworking: false,
      ...(found.securityGroup !== undefined && { networkSecurityGroup: { id: found.securityGroup } }),
      ...(machineOf(found) !== null && { virtualMachine: { id: machineOf(found) } }),
      ipConfigurations: found.addresses.map(({ address, subnet }, at) => ({
        name: `ipconfig${at + 1}`,
        id: `${id}/ipConfigurations/ipconfig${at + 1}`,
        etag: tag(`${id}${at}`),
        type: "Microsoft.Network/networkInterfaces/ipConfigurations",
        properties: {
          provisioningState: "Succeeded",
          privateIPAddress: address,
          privateIPAllocationMethod: "Dynamic",
          privateIPAddressVersion: "IPv4",
          subnet: { id: subnet },
          primary: at === 0,
        },
      })),
    },
  };
}

/** A virtual network with its subnets. */
export function networkBody(state: State, network: Network): unknown {
  const id = resourceId("virtualNetworks", network);
  return {
    name: network.name,
    id,
    etag: tag(id),
    type: "Microsoft.Network/virtualNetworks",
    location: network.location,
    properties: {
      provisioningState: "Succeeded",
      addressSpace: { addressPrefixes: network.prefixes },
      subnets: network.subnets.map(({ name }) => subnetBody(state, network, name, false)),
    },
  };
}

function subnetId(network: Network, name: string): string {
  return `${resourceId("virtualNetworks", network)}/subnets/${name}`;
}

function machineOf({ machine, subscription, resourceGroup, name }: NetworkInterface): string | null {
  if (machine !== undefined) return machine;
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachines/vm-of-${name}`;
}
