import { type Cidr, covers, overlap } from "./cidr.ts";
import { type Finding, failed, passed, warned } from "./finding.ts";

/** One rule for packets that come in, in the order in which the cloud tries them; the first that matches decides. */
export type FirewallRule = {
  /** `next`: the rules of its level after it are passed over. */
  readonly action: "allow" | "deny" | "next";
  /** Rules that are tried together, in clouds that have several sets one after the other. */
  readonly level?: string;
  /** `any`, `tcp`, `udp`, or what else the cloud calls it. */
  readonly protocol: string;
  /** First and last port; all of them when left out. */
  readonly ports?: readonly [first: number, last: number];
  readonly sources: readonly Cidr[];
  /** Whether it also has sources that cannot be told by address: a group, a tag, a list. */
  readonly hasOtherSources: boolean;
};

/** Packets that should come in. `port` undefined: of every port; `source` undefined: from somewhere. */
type Packets = { readonly protocol: string; readonly port?: number; readonly source?: Cidr };

export type Verdict = "allowed" | "partly" | "unknown" | "denied";
type Doubt = "partly" | "unknown" | undefined;

/** Whether the rules let packets in; without a rule for them they are denied. */
export function judgePackets(rules: readonly FirewallRule[], packets: Packets): Verdict {
  // What stands against a denial, and what against its opposite.
  let perhaps: Doubt;
  let perhapsNot: Doubt;
  let passedOver: string | undefined;
  for (const rule of rules) {
    if (passedOver !== undefined && rule.level === passedOver) continue;
    const match = matches(rule, packets);
    if (match === "none") continue;
    if (match === "whole") {
      if (rule.action === "deny") return perhaps ?? "denied";
      if (rule.action === "allow") return perhapsNot ?? "allowed";
      passedOver = rule.level;
      continue;
    }
    if (rule.action !== "deny") perhaps = perhaps === "partly" ? perhaps : match;
    if (rule.action !== "allow") perhapsNot = perhapsNot === "partly" ? perhapsNot : match;
  }
  return perhaps ?? "denied";
}

function matches(rule: FirewallRule, packets: Packets): "whole" | "partly" | "unknown" | "none" {
  const isWholeProtocol = rule.protocol === "any" || rule.protocol === packets.protocol;
  if (!isWholeProtocol && packets.protocol !== "any") return "none";
  const { ports } = rule;
  const isWholePort =
    ports === undefined || (packets.port !== undefined && ports[0] <= packets.port && packets.port <= ports[1]);
  if (!isWholePort && packets.port !== undefined) return "none";
  const { source } = packets;
  const isFrom = source === undefined ? rule.sources.length > 0 : rule.sources.some((one) => covers(one, source));
  if (isFrom) return isWholeProtocol && isWholePort ? "whole" : "partly";
  if (source !== undefined && rule.sources.some((one) => overlap(one, source))) return "partly";
  return rule.hasOtherSources ? "unknown" : "none";
}

export type FirewallFacts = {
  /** What is protected: `a1 (eni-0a1)`. */
  readonly about: string;
  /** What the rules stand in, for what to do: `security group sg-1`. */
  readonly where: string;
  readonly rules: readonly FirewallRule[];
  readonly peers: readonly string[];
  readonly networks: readonly Cidr[];
  readonly hostCheck: boolean;
};

const shownPeers = 5;

/** What a link host must be let: IPsec and host checks from its peers, and the traffic of its own networks to forward. */
export function firewallFindings(facts: FirewallFacts): readonly Finding[] {
  const { about, where, rules, networks, hostCheck } = facts;
  const sources = facts.peers.map((peer) => `${peer}/${peer.includes(":") ? 128 : 32}`);
  const whom = sources.length === 0 ? "its peers (their addresses are not known yet)" : "its peers";
  const from = sources.length === 0 ? [undefined] : sources;
  const ports = (protocol: string, numbers: readonly number[]) =>
    worst(
      numbers.flatMap((port) =>
        from.map((source) => ({
          who: source?.replace(/\/\d+$/, "") ?? "anybody",
          verdict: judgePackets(rules, { protocol, port, ...(source !== undefined && { source }) }),
        })),
      ),
    );
  const ipsec = ports("udp", [500, 4500]);
  const check = ports("tcp", [9790]);
  const traffic = worst(
    networks.map((source) => ({ who: source, verdict: judgePackets(rules, { protocol: "any", source }) })),
  );
  return [
    finding(facts, ipsec, "UDP 500 and 4500", whom, `open UDP 500 and 4500 from ${listed(ipsec.who)} in ${where}`),
    ...(hostCheck
      ? [
          soften(
            finding(
              facts,
              check,
              "TCP 9790",
              whom,
              `open TCP 9790 from ${listed(check.who)} in ${where}, or set hostCheck: false`,
            ),
          ),
        ]
      : []),
    ...(networks.length === 0
      ? []
      : [
          traffic.verdict === "partly" || traffic.verdict === "unknown"
            ? warned(
                "firewall",
                about,
                `only some of the traffic of ${listed(traffic.who)} is let through to be forwarded`,
                `if all of it is meant to pass, allow all protocols from ${listed(traffic.who)} in ${where}`,
              )
            : finding(
                facts,
                traffic,
                "traffic to be forwarded",
                "its own networks",
                `allow all protocols from ${listed(traffic.who)} in ${where}`,
              ),
        ]),
  ];
}

type Worst = { readonly verdict: Verdict; readonly who: readonly string[] };

const rank = { denied: 0, unknown: 1, partly: 2, allowed: 3 } as const;

function worst(all: readonly { readonly who: string; readonly verdict: Verdict }[]): Worst {
  const verdict = all.map((one) => one.verdict).sort((a, b) => rank[a] - rank[b])[0] ?? "allowed";
  return { verdict, who: [...new Set(all.filter((one) => one.verdict === verdict).map((one) => one.who))] };
}

function finding({ about, where }: FirewallFacts, { verdict, who }: Worst, what: string, whom: string, next: string) {
  switch (verdict) {
    case "allowed":
      return passed("firewall", about, `${what} open to ${whom}`);
    case "denied":
      return failed("firewall", about, `${what} closed to ${listed(who)}`, next);
    default:
      return warned(
        "firewall",
        about,
        `whether ${what} is open to ${listed(who)} cannot be told: ${where} names other sources than addresses`,
        "see that those sources hold the peers' public addresses",
      );
  }
}

/** Without host checks a fail-over works, later. */
function soften(found: Finding): Finding {
  return found.state === "fail" ? { ...found, state: "warn" } : found;
}

function listed(who: readonly string[]): string {
  const more = who.length > shownPeers ? ` and ${who.length - shownPeers} more` : "";
  return `${who.slice(0, shownPeers).join(", ")}${more}`;
}
