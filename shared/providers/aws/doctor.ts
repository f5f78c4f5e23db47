import { DescribeNetworkInterfacesCommand, type EC2Client, type NetworkInterface } from "@aws-sdk/client-ec2";
import type { AwsCloud } from "../../domain/clouds/aws.ts";
import { type Finding, failed, passed } from "../../domain/finding.ts";
import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CloudDoctor, ExaminedHost, ExaminedLocation } from "../../ports/cloud-doctor.ts";
import { pieces } from "../common/call.ts";
import { outcomesOf } from "../common/examining.ts";
import { allPages, attemptRead, type Ec2Session } from "./call.ts";
import { networkAcls } from "./doctor-acl.ts";
import { firewalls } from "./doctor-firewall.ts";
import { permissions } from "./doctor-permissions.ts";
import { quotas } from "./doctor-quota.ts";
import { awsClients, type OwnCredentials } from "./open.ts";
import { literal } from "./tables.ts";

/** Opens doctors of AWS locations, on clients that enter AWS as those that write routes do. */
export function openAwsDoctor(clock: Clock, own?: OwnCredentials): (cloud: AwsCloud) => CloudDoctor {
  const clientOf = awsClients(clock, own);
  return (cloud) => awsDoctor(cloud, clientOf(cloud), clock);
}

/** The checks of one location in one VPC of EC2. `client` is for the location's region and account. */
export function awsDoctor(cloud: AwsCloud, client: Pick<EC2Client, "send" | "config">, clock: Clock): CloudDoctor {
  const session: Ec2Session = { ec2: client, clock, region: cloud.region, vpc: cloud.vpc };
  return {
    examine: (location, signal) =>
      outcomesOf([
        ["interface", location.name, () => interfaces(session, location, signal)],
        ["permissions", location.name, () => permissions(session, location, cloud.prefixList?.maxEntries ?? 0, signal)],
        ["quota", location.name, async () => quotas(cloud, location)],
      ]),
  };
}

async function interfaces(
  session: Ec2Session,
  location: ExaminedLocation,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const hosts = location.hosts.filter((host) => host.found?.startsWith("eni-"));
  const ids = hosts.map((host) => host.found ?? "");
  const described = await describe(session, ids, signal);
  const seen = hosts.flatMap((host) => {
    const found = described.find(({ NetworkInterfaceId: id }) => id === host.found);
    return found === undefined ? [] : [{ host, found }];
  });
  const own = seen.flatMap(({ host, found }) => [attachment(session, host, found), forwarding(session, host, found)]);
  const guarded = seen.map(({ host, found }) => ({ about: aboutOf(host), found }));
  const walls = await outcomesOf([
    ["firewall", location.name, () => firewalls(session, location, guarded, signal)],
    ["firewall", location.name, () => networkAcls(session, location, guarded, signal)],
  ]);
  return [...own, ...walls];
}

export function aboutOf(host: ExaminedHost): string {
  return `${host.name} (${host.found ?? host.target})`;
}

function attachment(session: Ec2Session, host: ExaminedHost, found: NetworkInterface): Finding {
  const about = aboutOf(host);
  if (found.VpcId !== session.vpc) {
    const text = `is in ${found.VpcId}, the location's tables are in ${session.vpc}`;
    return failed("interface", about, text, "give the host a target in the VPC of the location");
  }
  if (found.Status !== "in-use" || found.Attachment?.Status !== "attached") {
    const text = `is not in use: its status is ${found.Status ?? "unknown"}`;
    return failed("interface", about, text, "attach it to the host's instance, or correct the host's target");
  }
  return passed("interface", about, `in use by ${found.Attachment.InstanceId ?? "an instance"} in ${session.vpc}`);
}

function forwarding(session: Ec2Session, host: ExaminedHost, found: NetworkInterface): Finding {
  const about = aboutOf(host);
  if (found.SourceDestCheck === false) return passed("forwarding", about, "source/destination check is off");
  const text = "source/destination check is on: EC2 drops every packet that the host forwards";
  const id = found.NetworkInterfaceId ?? "";
  return {
    ...failed(
      "forwarding",
      about,
      text,
      `aws ec2 modify-network-interface-attribute --region ${session.region} --network-interface-id ${id} --no-source-dest-check, or \`pointsman doctor --fix\``,
    ),
    fix: { kind: "aws-source-dest-check", region: session.region, networkInterface: id },
  };
}

async function describe(
  session: Ec2Session,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly NetworkInterface[]> {
  const groups = await Promise.all(
    pieces([...new Set(ids)], limits.awsFilterValues).map((group) => {
      const about = group.join(", ");
      const call = { action: "ec2:DescribeNetworkInterfaces", region: session.region, about, resource: "*" };
      return allPages(call, async (token) => {
        const command = new DescribeNetworkInterfacesCommand({
          Filters: [{ Name: "network-interface-id", Values: group.map(literal) }],
          MaxResults: limits.awsPageEntries,
          NextToken: token,
        });
        const send = (abortSignal: AbortSignal) => session.ec2.send(command, { abortSignal });
        const answer = await attemptRead(session.clock, call, send, signal);
        return { entries: answer.NetworkInterfaces ?? [], next: answer.NextToken };
      });
    }),
  );
  return groups.flat();
}
