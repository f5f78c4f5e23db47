import { defaults } from "../defaults.ts";
import { durationText } from "../duration.ts";
import { CipherSection, LinkSection, NetworkFile } from "../schema.ts";
import { between, bounds, rebuilds, section } from "./note.ts";

const proposalPattern = "^[a-z0-9_]{2,32}(?:-[a-z0-9_]{2,32}){0,15}$";

export const fileSection = section("The file", "(top)", NetworkFile, {
  version: {
    description: "Version of the network file's format.",
    bound: "1",
    examples: [1],
    change: "Only 1 can be read.",
  },
  links: {
    description: "The links by name. A link is a mesh of locations joined by tunnels.",
    bound: `at most ${bounds.links}, with ${bounds.locations} locations, ${bounds.hosts} hosts and ${bounds.networks} networks in all`,
    examples: [{}],
    keywords: { maxProperties: bounds.links },
    change: "A new name is a new link. A name that goes removes the link: its tunnels go down and its routes are lost.",
  },
});

export const linkSection = section("A link", "links.NAME", LinkSection, {
  locations: {
    description:
      "The locations of the link by name. Each has a tunnel with every other, unless they exclude each other.",
    bound: `1 to ${bounds.locationsPerLink}, with at most ${bounds.hostsPerLink} hosts in one link`,
    examples: [{}],
    keywords: { minProperties: 1, maxProperties: bounds.locationsPerLink },
    change:
      "A new name is a new location with new host URIs. A name that goes removes the location; its routes are removed or listed as orphans. A rename is both.",
  },
  protocol: {
    description: "Tunnel protocol: ipsec, or wg for WireGuard. Static hosts need ipsec.",
    default: defaults.link.protocol,
    bound: "ipsec or wg",
    examples: ["ipsec", "wg"],
    change: rebuilds,
  },
  wgPort: {
    description: "UDP port of WireGuard.",
    default: defaults.link.wgPort,
    bound: "1 to 65535; only with protocol wg",
    examples: [defaults.link.wgPort],
    change: `${rebuilds} Open the port on the hosts first.`,
  },
  ipv6: {
    description: "Whether tunnels run between the hosts' IPv6 addresses in place of their IPv4 addresses.",
    default: defaults.link.ipv6,
    bound: "true or false",
    examples: [true],
    change: rebuilds,
  },
  ciphers: {
    description: "Preferred ciphers of IPsec; the agent's own when left out.",
    bound: "only with protocol ipsec",
    examples: [{ ike: "aes128-sha256-x25519", esp: "aes128gcm128-x25519", force: true }],
    change: `${rebuilds} Static hosts need the same in their own configuration.`,
  },
  action: {
    description:
      "What a host does when a tunnel's other end stops to answer: set it up again at once, or hold it until there is traffic.",
    default: defaults.link.action,
    bound: "restart or hold",
    examples: ["restart"],
    change: rebuilds,
  },
  hostCheck: {
    description: "Whether hosts test each other on TCP port 9790, and elections look at who is reached by whom.",
    default: defaults.link.hostCheck,
    bound: `true or false; with true, time-outs are ${durationText(bounds.timeoutWithChecksMs)} or more`,
    examples: [true],
    change: rebuilds,
  },
  online: {
    description: "Whether the link's tunnels are up. Elections and routes go on either way.",
    default: defaults.link.online,
    bound: "true or false",
    examples: [false],
    change: "With false every tunnel of the link goes down, with true they come up again.",
  },
  tunnelTimeout: {
    description:
      "How long most tunnels of an active host must be down, as both ends see it, before another host is tried.",
    default: defaults.link.tunnelTimeout,
    bound: between(bounds.tunnelTimeoutMs, bounds.longestTunnelTimeoutMs),
    examples: ["45s", "90s"],
    change: "In force with the next election.",
  },
});

export const cipherSection = section("Ciphers", "links.NAME.ciphers", CipherSection, {
  ike: {
    description: "Proposal for IKE, in strongSwan's keywords, with a key exchange.",
    bound: `one proposal of up to ${bounds.proposalWords} keywords joined by -`,
    keywords: { pattern: proposalPattern },
    examples: ["aes128-sha256-x25519", "aes256-sha256-x25519", "chacha20poly1305-prfsha256-x25519"],
    change: rebuilds,
  },
  esp: {
    description: "Proposal for ESP, in strongSwan's keywords.",
    bound: `one proposal of up to ${bounds.proposalWords} keywords joined by -`,
    keywords: { pattern: proposalPattern },
    examples: ["aes128gcm128-x25519", "aes256gcm128-x25519", "chacha20poly1305-x25519"],
    change: rebuilds,
  },
  force: {
    description: "Whether only these ciphers are taken, so that a tunnel with another choice is refused.",
    default: defaults.link.forceCiphers,
    bound: "true or false",
    examples: [true],
    change: rebuilds,
  },
});
