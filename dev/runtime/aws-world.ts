import { familyOf } from "../../shared/domain/cidr.ts";
import type { AwsCloud } from "../../shared/domain/clouds/aws.ts";
import type { Host, Location, Network } from "../../shared/domain/network.ts";
import type { World, WorldSeed } from "../emulators/ec2/world.ts";
import { DEFAULT_ACCOUNT } from "../emulators/ec2/world.ts";
import { localAddress } from "./pretended-hosts.ts";

type RegionSeed = NonNullable<WorldSeed["regions"]>[number];
type Part = "vpcs" | "routeTables" | "interfaces" | "instances" | "securityGroups";

/** A location whose routes live in AWS. */
type AwsPlace = { readonly location: Location; readonly cloud: AwsCloud };

/** The interface that carries the traffic of a host in the emulator. */
export function interfaceOf(host: Host): string {
  const target = host.target ?? "auto";
  if (target.startsWith("eni-")) return target;
  return `eni-${target.startsWith("i-") ? target.slice(2) : host.id}`;
}

/** The route tables of a location as they are seeded. */
export function tablesOf(location: Location): readonly string[] {
  const tables = location.cloud?.routeTables;
  if (tables === undefined) return [];
  return tables.by === "id" ? tables.ids : [`rtb-${location.id}`];
}

/** The account that a location's routes live in: that of its role, or the emulator's own. */
export function accountOf(cloud: AwsCloud): string {
  return cloud.assumeRole?.roleArn.split(":")[4] ?? DEFAULT_ACCOUNT;
}

/** The VPCs, route tables, interfaces, instances and roles that a network names, ready to be seeded. */
export function worldOf(network: Network): WorldSeed {
  const places = network.links.flatMap((link) => link.locations).flatMap(awsPlace);
  return {
    roles: places.flatMap(({ cloud }) =>
      cloud.assumeRole === undefined
        ? []
        : [{ arn: cloud.assumeRole.roleArn, externalId: cloud.assumeRole.externalId }],
    ),
    regions: places.map(regionSeed),
  };
}

function awsPlace(location: Location): readonly AwsPlace[] {
  const { cloud } = location;
  return cloud?.provider === "aws" ? [{ location, cloud }] : [];
}

function regionSeed({ location, cloud }: AwsPlace): RegionSeed {
  const { vpc, region, routeTables } = cloud;
  const moving = location.hosts.filter((host) => !host.static);
  return {
    account: accountOf(cloud),
    region,
    vpcs: [{ id: vpc, cidrs: location.networks.filter((cidr) => familyOf(cidr) === 4) }],
    routeTables: tablesOf(location).map((id) => ({
      id,
      vpc,
      main: routeTables.by === "network",
      tags: routeTables.by === "tag" ? { [routeTables.key]: routeTables.value } : {},
    })),
    securityGroups: [{ id: groupOf(vpc), vpc, inbound: [{ cidrs: ["0.0.0.0/0", "::/0"] }] }],
    instances: moving.flatMap((host) => (host.target?.startsWith("i-") ? [{ id: host.target, vpc }] : [])),
    interfaces: moving.map((host) => ({
      id: interfaceOf(host),
      vpc,
      addresses: [localAddress(location, location.hosts.indexOf(host))],
      groups: [groupOf(vpc)],
      tags: { Name: host.name, "pointsman:host": host.id },
      ...(host.target?.startsWith("i-") ? { attachment: { instanceId: host.target } } : {}),
    })),
  };
}

/** The group of all link hosts of a VPC, open to everything. */
const groupOf = (vpc: string): string => vpc.replace(/^vpc-/, "sg-");

/** What a seed names and the world does not have yet: what stands, with its routes, is left as it is. */
export function missingFrom(world: World, seed: WorldSeed): WorldSeed {
  const regions: RegionSeed[] = [];
  for (const wanted of seed.regions ?? []) {
    const known = [...world.regions, ...regions].filter(
      ({ account, region }) => (account ?? DEFAULT_ACCOUNT) === wanted.account && region === wanted.region,
    );
    const lacking = <T extends { readonly id: string }>(part: Part, items: readonly T[] | undefined): T[] =>
      (items ?? []).filter(({ id }) => !known.some((one) => (one[part] ?? []).some((other) => other.id === id)));
    regions.push({
      account: wanted.account,
      region: wanted.region,
      vpcs: lacking("vpcs", wanted.vpcs),
      routeTables: lacking("routeTables", wanted.routeTables),
      interfaces: lacking("interfaces", wanted.interfaces),
      instances: lacking("instances", wanted.instances),
      securityGroups: lacking("securityGroups", wanted.securityGroups),
    });
  }
  return { ...seed, regions };
}
