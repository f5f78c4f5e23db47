import type { DeviceDescription, Peer } from "../../shared/export/description.ts";

const usEast: Peer = {
  location: "us-east",
  static: false,
  secret: "backbone/office+us-east",
  preSharedKey: null,
  localNetworks: ["192.168.0.0/16", "fd00:1::/64"],
  remoteNetworks: ["10.0.0.0/16", "10.8.0.0/16", "fd00:2::/64"],
  hosts: [
    { name: "a1", address: "198.51.100.1" },
    { name: "a2", address: "198.51.100.2" },
  ],
};
const branch: Peer = {
  location: "branch.1",
  static: true,
  secret: "backbone/branch.1+office",
  preSharedKey: null,
  localNetworks: ["192.168.0.0/16", "fd00:1::/64"],
  remoteNetworks: ["10.9.0.0/16"],
  hosts: [{ name: "device", address: "198.51.100.9" }],
};

/** An office with a location of two hosts and several networks of both families, and with another device. */
export const office: DeviceDescription = {
  link: "backbone",
  location: "office",
  host: "router",
  address: "203.0.113.9",
  ipv6: false,
  online: true,
  action: "restart",
  ciphers: { ike: "aes128-sha256-ecp256", esp: "aes128gcm128-ecp256", force: true },
  keyGeneration: 1,
  peers: [branch, usEast],
};

/** The same with keys that name their peer. */
export function withKeys(device: DeviceDescription): DeviceDescription {
  return { ...device, peers: device.peers.map((peer) => ({ ...peer, preSharedKey: `KEYof${peer.location}` })) };
}
