import type { Chance } from "../engine/chance.ts";

/** A link host as an operator writes it into the network file. Times in seconds. */
export type HostShape = {
  readonly name: string;
  readonly priority: number;
  readonly timeoutS: number;
  readonly backoffS: number;
  /** How its interface is found. */
  readonly target: "interface" | "auto";
};

/** A site, with the hosts that it has, and those that an operator may add. */
export type LocationShape = {
  readonly name: string;
  readonly network: string;
  readonly tables: readonly string[];
  readonly vpc: string;
  readonly failback: "auto" | "manual";
  readonly holdUpS: number;
  readonly removeRoutes: boolean;
  readonly hosts: readonly HostShape[];
};

/** How the routes of a world are changed: a call for each route, or whole tables on an etag; or the real EC2 provider. */
export type CloudKind = "replace" | "etag" | "ec2";

/** Everything about a world that does not change by itself. */
export type Shape = {
  readonly linkName: string;
  readonly hostCheck: boolean;
  readonly tunnelTimeoutS: number;
  readonly cloud: CloudKind;
  readonly locations: readonly LocationShape[];
};

/** Interfaces and hosts are there for so many hosts of a location; an operator adds and removes those beyond the first two. */
export const hostsMost = 3;

/** A mesh of three to five sites, seeded. */
export function shapeOf(chance: Chance, cloud: CloudKind): Shape {
  const hostCheck = chance.is(0.6);
  const timeouts = hostCheck ? [10, 15, 30] : [5, 10, 15, 30];
  const timeoutS = chance.pick(timeouts);
  const count = chance.pick([3, 3, 3, 4, 4, 5]);
  const locations = Array.from({ length: count }, (_, at): LocationShape => {
    const isEqual = chance.is(0.4);
    const target = chance.is(0.5) ? "auto" : "interface";
    return {
      name: `site${at}`,
      network: `10.${at + 1}.0.0/16`,
      vpc: `vpc-${at}`,
      tables: chance.is(0.5) ? [`rtb-${at}a`] : [`rtb-${at}a`, `rtb-${at}b`],
      failback: chance.is(0.2) ? "manual" : "auto",
      holdUpS: chance.pick([5, 5, 10, 30]),
      removeRoutes: chance.is(0.2),
      hosts: Array.from(
        { length: chance.is(0.2) ? 3 : 2 },
        (_, n): HostShape => ({
          name: `h${n}`,
          priority: isEqual ? 10 : 30 - n * 10,
          timeoutS: chance.is(0.8) ? timeoutS : chance.pick(timeouts),
          backoffS: chance.pick([10, 10, 30, 60]),
          target,
        }),
      ),
    };
  });
  return { linkName: "mesh", hostCheck, tunnelTimeoutS: chance.pick([15, 45]), cloud, locations };
}

/** The interface of a host, by names: `life` counts how often it was replaced. */
export function interfaceId(location: string, host: string, life = 0): string {
  return life === 0 ? `eni-${location}-${host}` : `eni-${location}-${host}-${life}`;
}

/** The private address of a host: it stays when the interface is replaced. */
export function localAddress(location: LocationShape, host: string): string {
  return `${location.network.split(".").slice(0, 2).join(".")}.0.${10 + Number(host.slice(1))}`;
}

/** The network file that says so; JSON is YAML. */
export function networkFile(shape: Shape): string {
  const locations = shape.locations.map((location): [string, object] => [
    location.name,
    {
      networks: [location.network],
      cloud: { provider: "aws", region: "us-east-1", vpc: location.vpc, routeTables: location.tables },
      failback: location.failback,
      holdUp: `${location.holdUpS}s`,
      removeRoutes: location.removeRoutes,
      hosts: Object.fromEntries(location.hosts.map((host) => [host.name, hostText(location, host)])),
    },
  ]);
  const link = {
    hostCheck: shape.hostCheck,
    tunnelTimeout: `${shape.tunnelTimeoutS}s`,
    locations: Object.fromEntries(locations),
  };
  return JSON.stringify({ version: 1, links: { [shape.linkName]: link } }, undefined, 2);
}

function hostText(location: LocationShape, host: HostShape): object {
  return {
    priority: host.priority,
    timeout: `${host.timeoutS}s`,
    backoff: `${host.backoffS}s`,
    target: host.target === "auto" ? "auto" : interfaceId(location.name, host.name),
  };
}
