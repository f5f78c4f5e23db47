import * as z from "zod/mini";
import { Name } from "../domain/ids.ts";
import { networkFileLimits } from "../domain/limits.ts";
import { CloudSection } from "./clouds/section.ts";
import {
  addressText,
  duration,
  espProposal,
  flag,
  ikeProposal,
  nameList,
  networkText,
  oneOf,
  targetText,
  wholeNumber,
} from "./field-schemas.ts";
import { wrong, wrongSection } from "./wording.ts";

const bounds = networkFileLimits;

const hostShape = {
  static: z.optional(flag()),
  publicAddress: z.optional(addressText()),
  priority: z.optional(wholeNumber("not a priority", 0, bounds.priority)),
  timeout: z.optional(duration(bounds.timeoutMs, bounds.longestTimeoutMs, "30s")),
  backoff: z.optional(duration(0, bounds.longestBackoffMs, "60s")),
  target: z.optional(targetText()),
};
export const HostSection = z.strictObject(hostShape, wrongSection("a host", Object.keys(hostShape)));
export type HostSection = z.infer<typeof HostSection>;

const locationShape = {
  networks: z.array(networkText(), wrong("not a list", "a list of networks, such as [10.0.0.0/16]")),
  hosts: z.record(Name, HostSection, wrong("not hosts by name", "a map, such as hosts: { a1: { priority: 20 } }")),
  cloud: z.optional(CloudSection),
  peers: z.optional(nameList()),
  excludes: z.optional(nameList()),
  transits: z.optional(nameList()),
  failback: z.optional(oneOf(["auto", "manual"])),
  holdUp: z.optional(duration(0, bounds.longestHoldUpMs, "30s")),
  removeRoutes: z.optional(flag()),
};
export const LocationSection = z.strictObject(locationShape, wrongSection("a location", Object.keys(locationShape)));
export type LocationSection = z.infer<typeof LocationSection>;

const cipherShape = { ike: ikeProposal(), esp: espProposal(), force: z.optional(flag()) };
export const CipherSection = z.strictObject(cipherShape, wrongSection("ciphers", Object.keys(cipherShape)));

const linkShape = {
  locations: z.record(Name, LocationSection, wrong("not locations by name", "a map with a key for each location")),
  protocol: z.optional(oneOf(["ipsec", "wg"])),
  wgPort: z.optional(wholeNumber("not a port", 1, 65_535)),
  ipv6: z.optional(flag()),
  ciphers: z.optional(CipherSection),
  action: z.optional(oneOf(["restart", "hold"])),
  hostCheck: z.optional(flag()),
  online: z.optional(flag()),
  tunnelTimeout: z.optional(duration(bounds.tunnelTimeoutMs, bounds.longestTunnelTimeoutMs, "45s")),
};
export const LinkSection = z.strictObject(linkShape, wrongSection("a link", Object.keys(linkShape)));
export type LinkSection = z.infer<typeof LinkSection>;

const fileShape = {
  version: z.literal(1, wrong("not a version that can be read", "1")),
  links: z.record(Name, LinkSection, wrong("not links by name", "a map with a key for each link, or {}")),
};

/** What stands in a network file. What is left out is left out here too: `defaults` says what it means. */
export const NetworkFile = z.strictObject(fileShape, wrongSection("a network file", Object.keys(fileShape)));
export type NetworkFile = z.infer<typeof NetworkFile>;
