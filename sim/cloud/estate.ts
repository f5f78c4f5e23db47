import type { Id } from "../../shared/domain/ids.ts";
import { hostIndex, type Network } from "../../shared/domain/network.ts";
import { hostsMost, interfaceId, type LocationShape, localAddress, type Shape } from "../world/shape.ts";
import type { Inside, Interface } from "./inside.ts";

/** A machine that a link host may run on: it is there whether the network file names it or not. */
export type Machine = {
  readonly location: LocationShape;
  readonly host: string;
  readonly address: string;
  /** Its interfaces, the newest first. */
  readonly interfaces: string[];
  /** The host that it runs in the newest configuration. */
  hostId: Id | undefined;
  /** Whether Pointsman finds its interface by address and tag. */
  isAuto: boolean;
};

/** All machines of a world and their interfaces. */
export type Estate = {
  readonly machines: readonly Machine[];
  configure(network: Network): void;
  machineOf(hostId: Id): Machine | undefined;
  ownerOf(interfaceId: string): { readonly location: string; readonly host: string } | undefined;
  isAttached(interfaceId: string): boolean;
  /** Gives a machine a new interface with its own address. Its old one has to be gone, or to have lost the address. */
  renew(machine: Machine): string;
  put(one: Interface): void;
  remove(interfaceId: string): void;
  detach(interfaceId: string): void;
  /** The interface as it was last put. */
  interface(interfaceId: string): Interface | undefined;
};

/** The machines of a shape, each with its first interface. */
export function createEstate(shape: Shape, inside: Inside): Estate {
  const attached = new Map<string, Interface>();
  const detached = new Map<string, Interface>();
  const owners = new Map<string, Machine>();
  const byHostId = new Map<Id, Machine>();
  const byName = new Map<string, Machine>();

  const put = (one: Interface): void => {
    inside.putInterface(one);
    attached.set(one.id, one);
    detached.delete(one.id);
  };
  const renew = (machine: Machine): string => {
    const { location, host, address, interfaces } = machine;
    const id = interfaceId(location.name, host, interfaces.length);
    owners.set(id, machine);
    interfaces.unshift(id);
    put({ id, vpc: location.vpc, address, tag: machine.isAuto ? machine.hostId : undefined });
    return id;
  };
  for (const location of shape.locations) {
    for (let n = 0; n < hostsMost; n++) {
      const host = `h${n}`;
      const address = localAddress(location, host);
      const machine: Machine = { location, host, address, interfaces: [], hostId: undefined, isAuto: false };
      byName.set(`${location.name}/${host}`, machine);
      renew(machine);
    }
  }

  const estate: Estate = {
    machines: [...byName.values()],
    configure(network) {
      for (const machine of estate.machines) machine.hostId = undefined;
      for (const [hostId, { location, host }] of hostIndex(network)) {
        const machine = byName.get(`${location.name}/${host.name}`);
        if (machine === undefined) continue;
        byHostId.set(hostId, machine);
        machine.hostId = hostId;
        machine.isAuto = host.target === "auto";
        const current = attached.get(machine.interfaces[0] ?? "");
        if (machine.isAuto && current !== undefined && current.tag !== hostId) put({ ...current, tag: hostId });
      }
    },
    machineOf: (hostId) => byHostId.get(hostId),
    ownerOf(id) {
      const machine = owners.get(id);
      return machine && { location: machine.location.name, host: machine.host };
    },
    isAttached: (id) => attached.has(id),
    renew,
    put,
    remove(id) {
      inside.removeInterface(id);
      attached.delete(id);
      detached.delete(id);
    },
    detach(id) {
      const one = attached.get(id);
      if (one === undefined) return;
      inside.detachInterface(id);
      attached.delete(id);
      detached.set(id, one);
    },
    interface: (id) => attached.get(id) ?? detached.get(id),
  };
  return estate;
}
