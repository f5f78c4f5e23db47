import { DescribeNetworkAclsCommand, type NetworkAcl, type NetworkAclEntry } from "@aws-sdk/client-ec2";
import { type Cidr, parseCidr } from "../../domain/cidr.ts";
import { type Finding, failed, passed, warned } from "../../domain/finding.ts";
import { type FirewallRule, judgePackets, type Verdict } from "../../domain/firewall.ts";
import { limits } from "../../domain/limits.ts";
import type { ExaminedLocation } from "../../ports/cloud-doctor.ts";
import { pieces } from "../common/call.ts";
import { allPages, attemptRead, type Ec2Session } from "./call.ts";
import type { Guarded } from "./doctor-firewall.ts";
import { literal } from "./tables.ts";

type Way = "in" | "out";

/** Ports that Linux calls from, and so those that answers come back to: the first and the last. */
const REPLY_PORTS = [32_768, 60_999] as const;
const shownOthers = 5;

/**
 * Whether the network ACLs of the interfaces' subnets let through what link hosts get and send. An ACL keeps no state: an
 * answer needs a rule of its own, and each direction is told apart. Throws `RouteError`.
 */
export async function networkAcls(
  session: Ec2Session,
  location: ExaminedLocation,
  guarded: readonly Guarded[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const subnets = guarded.flatMap(({ found }) => found.SubnetId ?? []);
  const acls = await describe(session, subnets, signal);
  return guarded.flatMap(({ about, found: { SubnetId: subnet = "" } }) => {
    const acl = acls.find((one) => one.Associations?.some(({ SubnetId: id }) => id === subnet));
    if (acl === undefined) {
      const next = "see that it lets UDP 500 and 4500, TCP 9790 and the location's traffic in and out";
      return [warned("firewall", about, `the network ACL of ${subnet} was not looked into: it is not shown`, next)];
    }
    const found = (["in", "out"] as const).flatMap((way) => judge(location, about, acl, way));
    if (found.length > 0) return found;
    const text = `network ACL ${acl.NetworkAclId} lets in and out what a link host needs`;
    return [passed("firewall", about, text)];
  });
}

type Need = {
  readonly what: string;
  readonly protocol: string;
  /** Every port when left out. */
  readonly ports?: readonly number[];
  readonly others: readonly Cidr[];
  readonly isVital: boolean;
};

/** What has to pass: in from the others, out to them. */
function needs({ peers, networks, hostCheck }: ExaminedLocation): readonly Need[] {
  const hosts = peers.map((peer) => `${peer}/${peer.includes(":") ? 128 : 32}`);
  const checks: readonly Need[] = [
    { what: "TCP 9790", protocol: "tcp", ports: [9790], others: hosts, isVital: false },
    {
      what: `answers to host checks (TCP ${REPLY_PORTS.join(" to ")})`,
      protocol: "tcp",
      ports: REPLY_PORTS,
      others: hosts,
      isVital: false,
    },
  ];
  return [
    { what: "UDP 500 and 4500", protocol: "udp", ports: [500, 4500], others: hosts, isVital: true },
    ...(hostCheck ? checks : []),
    { what: "traffic to be forwarded", protocol: "any", others: networks, isVital: true },
  ];
}

/** What is shut, or open in part only, in one direction. */
function judge(location: ExaminedLocation, about: string, acl: NetworkAcl, way: Way): readonly Finding[] {
  const rules = rulesOf(acl, way);
  const where = `network ACL ${acl.NetworkAclId}`;
  return needs(location).flatMap(({ what, protocol, ports, others, isVital }) => {
    const judged = others.map((source) => {
      const verdicts = (ports ?? [undefined]).map((port) =>
        judgePackets(rules, { protocol, source, ...(port !== undefined && { port }) }),
      );
      return { source, verdict: worst(verdicts) };
    });
    const verdict = worst(judged.map((one) => one.verdict));
    if (verdict === "allowed") return [];
    const who = judged
      .filter((one) => one.verdict === verdict)
      .map(({ source }) => source.replace(/\/(?:32|128)$/, ""));
    const whom = `${way === "in" ? "in from" : "out to"} ${who.slice(0, shownOthers).join(", ")}`;
    const next = `let ${what} ${whom} in ${where}: it keeps no state, so both directions have to be open`;
    if (verdict !== "denied") {
      return [
        warned("firewall", about, `${where} lets only some of ${what} ${whom}`, `if all is meant to pass, ${next}`),
      ];
    }
    return [(isVital ? failed : warned)("firewall", about, `${where} shuts ${what} ${whom}`, next)];
  });
}

const rank = { denied: 0, unknown: 1, partly: 2, allowed: 3 } as const;

function worst(verdicts: readonly Verdict[]): Verdict {
  return [...verdicts].sort((a, b) => rank[a] - rank[b])[0] ?? "allowed";
}

const PROTOCOLS: Readonly<Record<string, string>> = { "-1": "any", "6": "tcp", "17": "udp" };

/** The rules of one direction in their order: of the packets' other end, which is where they come from or go to. */
function rulesOf({ Entries = [] }: NetworkAcl, way: Way): readonly FirewallRule[] {
  return Entries.filter(({ Egress }) => (Egress === true) === (way === "out"))
    .sort((a, b) => (a.RuleNumber ?? 0) - (b.RuleNumber ?? 0))
    .map(toRule);
}

function toRule({ Protocol: protocol = "", PortRange, RuleAction, ...range }: NetworkAclEntry): FirewallRule {
  const { From: first, To: last } = PortRange ?? {};
  const read = parseCidr(range.CidrBlock ?? range.Ipv6CidrBlock ?? "");
  const canonical = "cidr" in read ? read.cidr : read.canonical;
  return {
    action: RuleAction === "allow" ? "allow" : "deny",
    protocol: PROTOCOLS[protocol] ?? protocol,
    ...(first !== undefined && last !== undefined && { ports: [first, last] as const }),
    sources: canonical === undefined ? [] : [canonical],
    hasOtherSources: false,
  };
}

async function describe(
  session: Ec2Session,
  subnets: readonly string[],
  signal: AbortSignal,
): Promise<readonly NetworkAcl[]> {
  const found = await Promise.all(
    pieces([...new Set(subnets)], limits.awsFilterValues).map((group) => {
      const about = group.join(", ");
      const call = { action: "ec2:DescribeNetworkAcls", region: session.region, about, resource: "*" };
      return allPages(call, async (token) => {
        const command = new DescribeNetworkAclsCommand({
          Filters: [{ Name: "association.subnet-id", Values: group.map(literal) }],
          MaxResults: limits.awsPageEntries,
          NextToken: token,
        });
        const send = (abortSignal: AbortSignal) => session.ec2.send(command, { abortSignal });
        const answer = await attemptRead(session.clock, call, send, signal);
        return { entries: answer.NetworkAcls ?? [], next: answer.NextToken };
      });
    }),
  );
  return found.flat();
}
