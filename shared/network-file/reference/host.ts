import { defaults } from "../defaults.ts";
import { durationText } from "../duration.ts";
import { HostSection } from "../schema.ts";
import { between, bounds, section } from "./note.ts";

export const hostSection = section(
  "A host",
  "links.NAME.locations.NAME.hosts.NAME",
  HostSection,
  {
    static: {
      description: "Whether this is a fixed device without an agent: it never heartbeats and always counts as active.",
      default: defaults.host.static,
      bound: "true only for the one host of a location without a cloud, in an ipsec link",
      examples: [true],
      change: "From true to false the host needs a URI, and there is no active host until it heartbeats.",
    },
    publicAddress: {
      description:
        "Public address that the others reach the host at. For a host that heartbeats it takes the place of the one it reports; a static host must have it.",
      bound: "an IPv4 address, or an IPv6 address in a link with ipv6",
      examples: ["203.0.113.9"],
      change: "The agents of its peers deploy their tunnels anew.",
    },
    priority: {
      description: "The higher number is preferred. Not for a static host.",
      default: defaults.host.priority,
      bound: `0 to ${bounds.priority}`,
      examples: [20],
      change: "The next election may switch to another host.",
    },
    timeout: {
      description: "A host is available for this long after it was last heard. Not for a static host.",
      default: defaults.host.timeout,
      bound: `${between(bounds.timeoutMs, bounds.longestTimeoutMs)}; ${durationText(bounds.timeoutWithChecksMs)} or more with host checks`,
      examples: ["30s", "10s"],
      change: "In force with the next election. A shorter one fails over faster, and sooner by mistake.",
    },
    backoff: {
      description:
        "A host that was failed over from is passed over for this long while another is available. Not for a static host.",
      default: defaults.host.backoff,
      bound: between(0, bounds.longestBackoffMs),
      examples: ["60s", "10m"],
      change: "In force with the next election.",
    },
    target: {
      description:
        "What routes point at while the host is active: eni-…, i-… or auto (the interface that has the host's private address and the tag pointsman:host). Only with a cloud.",
      default: defaults.host.target,
      bound: "eni-…, i-… or auto; each host its own",
      examples: ["eni-0a1b2c3d", "i-0a1b2c3d", "auto"],
      change: "If the host is active, its routes are pointed at the new target.",
    },
  },
  {
    if: { properties: { static: { const: true } }, required: ["static"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, in data that nobody awaits
    then: {
      required: ["publicAddress"],
      properties: { priority: false, timeout: false, backoff: false, target: false },
    },
  },
);
