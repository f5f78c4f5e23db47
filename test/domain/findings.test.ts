import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { covers } from "../../shared/domain/cidr.ts";
import { type FirewallRule, firewallFindings, judgePackets } from "../../shared/domain/firewall.ts";
import { quotaFinding } from "../../shared/domain/quota.ts";

const allow = (more: Partial<FirewallRule> = {}): FirewallRule => ({
  action: "allow",
  protocol: "any",
  sources: ["0.0.0.0/0"],
  hasOtherSources: false,
  ...more,
});
const peer = "198.51.100.7/32";
const ipsec = { protocol: "udp", port: 500, source: peer };

describe("a network that covers another", () => {
  it.each([
    ["10.0.0.0/8", "10.1.0.0/16", true],
    ["10.1.0.0/16", "10.0.0.0/8", false],
    ["10.0.0.0/8", "10.0.0.0/8", true],
    ["10.0.0.0/8", "fd00::/8", false],
    ["::/0", "fd00::/8", true],
  ])("%s and %s: %s", (outer, inner, expected) => {
    expect(covers(outer, inner)).toBe(expected);
  });
});

describe("the verdict of firewall rules on packets", () => {
  it.each<[string, readonly FirewallRule[], object, string]>([
    ["no rules", [], ipsec, "denied"],
    ["a rule for everything", [allow()], ipsec, "allowed"],
    ["the right protocol and port", [allow({ protocol: "udp", ports: [400, 600] })], ipsec, "allowed"],
    ["another port", [allow({ protocol: "udp", ports: [501, 600] })], ipsec, "denied"],
    ["another protocol", [allow({ protocol: "tcp" })], ipsec, "denied"],
    ["another source", [allow({ sources: ["203.0.113.0/24"] })], ipsec, "denied"],
    ["sources that cannot be told", [allow({ sources: [], hasOtherSources: true })], ipsec, "unknown"],
    ["a denial before", [allow({ action: "deny" }), allow()], ipsec, "denied"],
    ["a denial after", [allow(), allow({ action: "deny" })], ipsec, "allowed"],
    ["a denial of others before", [allow({ action: "deny", sources: ["203.0.113.0/24"] }), allow()], ipsec, "allowed"],
    [
      "a part of the network",
      [allow({ sources: ["10.0.0.0/24"] })],
      { protocol: "any", source: "10.0.0.0/16" },
      "partly",
    ],
    ["some protocols of all", [allow({ protocol: "tcp" })], { protocol: "any", source: "10.0.0.0/16" }, "partly"],
    ["a part, then a denial", [allow({ protocol: "tcp" }), allow({ action: "deny" })], { protocol: "any" }, "partly"],
  ])("%s", (_what, rules, packets, verdict) => {
    expect(judgePackets(rules, { protocol: "udp", ...packets })).toBe(verdict);
  });

  const rule = fc.record({
    action: fc.constantFrom("allow" as const, "deny" as const),
    protocol: fc.constantFrom("any", "udp", "tcp"),
    sources: fc.subarray(["0.0.0.0/0", peer, "10.0.0.0/8", "10.1.0.0/16"]),
    hasOtherSources: fc.boolean(),
  });

  it("never says allowed where no rule allows, nor denied where a first rule lets everything through", () => {
    fc.assert(
      fc.property(fc.array(rule), (rules) => {
        const denials = rules.map((one) => ({ ...one, action: "deny" as const }));
        expect(judgePackets(denials, ipsec)).toBe("denied");
        expect(judgePackets([allow(), ...rules], ipsec)).toBe("allowed");
      }),
    );
  });
});

describe("the findings of a firewall", () => {
  const facts = { about: "a1", where: "sg-1", networks: ["10.0.0.0/16"], hostCheck: true, peers: ["198.51.100.7"] };
  const states = (rules: readonly FirewallRule[], more: object = {}) =>
    firewallFindings({ ...facts, rules, ...more }).map((one) => one.state);

  it("pass where all is open", () => {
    expect(states([allow()])).toEqual(["pass", "pass", "pass"]);
  });

  it("fail where IPsec or the traffic is closed, and warn where only host checks are", () => {
    expect(states([])).toEqual(["fail", "warn", "fail"]);
    expect(states([allow({ protocol: "udp" }), allow({ sources: ["10.0.0.0/16"] })])).toEqual(["pass", "warn", "pass"]);
  });

  it("fail for one peer of many that is not let in, and name it alone", () => {
    const rules = [allow({ sources: [peer, "10.0.0.0/16"] })];

    const [ipsecFinding] = firewallFindings({ ...facts, rules, peers: ["198.51.100.7", "198.51.100.8"] });

    expect(ipsecFinding).toMatchObject({ state: "fail", found: "UDP 500 and 4500 closed to 198.51.100.8" });
  });

  it("take an opening to anybody where no peer's address is known yet", () => {
    expect(states([allow({ sources: ["203.0.113.9/32", "10.0.0.0/16"] })], { peers: [] })).toEqual([
      "pass",
      "pass",
      "pass",
    ]);
    expect(states([], { peers: [] })).toEqual(["fail", "warn", "fail"]);
  });

  it("know IPv6 peers", () => {
    expect(states([allow({ sources: ["::/0", "10.0.0.0/16"] })], { peers: ["2001:db8::7"] })[0]).toBe("pass");
    expect(states([allow()], { peers: ["2001:db8::7"] })[0]).toBe("fail");
  });
});

describe("the finding of a quota", () => {
  const use = { about: "rtb-1", what: "routes", quota: 100, raise: "ask" };

  it.each([
    [80, 0, "pass"],
    [80, 15, "warn"],
    [95, 0, "warn"],
    [90, 11, "fail"],
    [120, 0, "pass"],
    [120, 1, "fail"],
  ] as const)("%i that stand and %i to be made: %s", (standing, missing, state) => {
    expect(quotaFinding({ ...use, standing, missing }).state).toBe(state);
  });

  it("fails beyond what it can be raised to", () => {
    expect(quotaFinding({ ...use, most: 200, standing: 150, missing: 51 }).found).toContain("more than the 200");
  });
});
