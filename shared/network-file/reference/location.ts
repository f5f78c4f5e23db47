import { defaults } from "../defaults.ts";
import { LocationSection } from "../schema.ts";
import { between, bounds, section } from "./note.ts";

export const locationSection = section(
  "A location",
  "links.NAME.locations.NAME",
  LocationSection,
  {
    networks: {
      description: "The networks on this side, in canonical CIDR form. No location may reach two that overlap.",
      bound: `1 to ${bounds.networksPerLocation}; may be empty where transits stands`,
      examples: [["10.0.0.0/16"], ["192.168.0.0/16", "fd00:1::/64"]],
      keywords: { maxItems: bounds.networksPerLocation },
      change:
        "Peers get a route to a new one, and lose the route to one that goes. The agents of both sides deploy their tunnels anew.",
    },
    hosts: {
      description: "The hosts of the location by name, of which one is active; or one static host.",
      bound: `1 to ${bounds.hostsPerLocation}`,
      examples: [{ a1: { priority: 20 }, a2: { priority: 10 } }],
      keywords: { minProperties: 1, maxProperties: bounds.hostsPerLocation },
      change:
        "A new name is a new host, which needs its URI. An active host that goes hands over first. A rename is both. With host checks, the agents of peers deploy their tunnels anew.",
    },
    cloud: {
      description: "Where the routes of the location live. Without it nothing is routed here.",
      bound: "not with a static host",
      examples: [{ provider: "aws", region: "us-east-1", vpc: "vpc-0a1", routeTables: ["rtb-0a1", "rtb-0a2"] }],
      change:
        "Another provider, role, region, VPC or choice of tables moves the location: its routes get a new generation, and once that is verified the old ones are removed (removeRoutes) or listed as orphans.",
    },
    peers: {
      description:
        "The only locations that this one has a tunnel with; all of the link if neither peers nor excludes stands. A location that lists its peers too must list this one.",
      bound: "names of other locations of the link; not with excludes",
      examples: [["us-east", "eu-west"]],
      change: "Tunnels come up and go down, and routes are put and lost, on both sides.",
    },
    excludes: {
      description: "Locations that this one has no tunnel with. One side is enough.",
      bound: "names of other locations of the link; not with peers",
      examples: [["office"]],
      change: "Tunnels come up and go down, and routes are put and lost, on both sides.",
    },
    transits: {
      description:
        "Peers whose networks this location passes on to those of its other peers that have no tunnel with them.",
      bound: "names of peers; one location only may pass the same networks on to the same location",
      examples: [["us-east", "office"]],
      change:
        "Those that it passes networks on to get or lose routes. The agents of all three sides deploy their tunnels anew.",
    },
    failback: {
      description: "Whether a host that comes back takes over again by itself when it is better than the active one.",
      default: defaults.location.failback,
      bound: "auto or manual",
      examples: ["manual"],
      change: "In force with the next election.",
    },
    holdUp: {
      description:
        "How long a host that came back must be steadily available before it may take over from one that works.",
      default: defaults.location.holdUp,
      bound: between(0, bounds.longestHoldUpMs),
      examples: ["30s", "2m"],
      change: "In force with the next election.",
    },
    removeRoutes: {
      description:
        "Whether routes of ours are removed when no host is available, and when they are no longer wanted. Without it they stay.",
      default: defaults.location.removeRoutes,
      bound: "true or false; true only with a cloud, whose role then needs ec2:DeleteRoute",
      examples: [true],
      change: "In force with the next run of the routes function.",
    },
  },
  { not: { required: ["peers", "excludes"] } },
);
