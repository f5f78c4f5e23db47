import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { familyOf, overlap, parseCidr } from "../../shared/domain/cidr.ts";
import { isIpv4, isIpv6 } from "../../shared/domain/ip-address.ts";

const mask = (bits: number) => (bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0);
const dotted = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
const anyNetwork = fc
  .tuple(fc.nat({ max: 0xffffffff }), fc.nat({ max: 32 }))
  .map(([address, bits]) => ({ base: (address & mask(bits)) >>> 0, bits }));
const textOf = ({ base, bits }: { base: number; bits: number }) => `${dotted(base)}/${bits}`;

describe("networks in CIDR form", () => {
  it.each(["10.0.0.0/16", "0.0.0.0/0", "192.0.2.7/32", "fd00::/64", "::/0", "2001:db8::1/128"])("%s is one", (text) => {
    expect(parseCidr(text)).toEqual({ cidr: text });
  });

  it.each([
    ["10.0.0.1/16", "10.0.0.0/16"],
    ["FD00::/64", "fd00::/64"],
    ["fd00:0:0::/64", "fd00::/64"],
    ["fd00::1/64", "fd00::/64"],
  ])("%s is %s, written otherwise", (text, canonical) => {
    expect(parseCidr(text)).toMatchObject({ canonical });
  });

  it.each([
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0/16",
    "010.0.0.0/8",
    "10.0.0.0/016",
    "0x0a.0.0.0/8",
    "10/8",
    "fd00::/129",
    "fe80::%1/64",
    "",
    "/8",
    "a/8",
    " 10.0.0.0/8",
  ])("%j is none", (text) => {
    expect(parseCidr(text)).not.toHaveProperty("cidr");
  });

  it("overlap exactly when the shorter prefix of both holds the other", () => {
    const property = fc.property(anyNetwork, anyNetwork, (a, b) => {
      const bits = Math.min(a.bits, b.bits);
      expect(overlap(textOf(a), textOf(b))).toBe(((a.base ^ b.base) & mask(bits)) === 0);
      expect(overlap(textOf(b), textOf(a))).toBe(overlap(textOf(a), textOf(b)));
      expect(parseCidr(textOf(a))).toEqual({ cidr: textOf(a) });
      expect(familyOf(textOf(a))).toBe(4);
    });
    fc.assert(property, { seed: 61, numRuns: 500 });
  });

  it("of different families do not overlap", () => {
    expect(overlap("0.0.0.0/0", "::/0")).toBe(false);
    expect(familyOf("fd00::/8")).toBe(6);
  });
});

describe("addresses", () => {
  it.each([
    ["192.0.2.1", true, false],
    ["255.255.255.255", true, false],
    ["2001:db8::1", false, true],
    ["::ffff:192.0.2.1", false, true],
    ["fe80::1%eth0", false, false],
    ["010.0.0.1", false, false],
    ["1.2.3", false, false],
    ["0x7f.0.0.1", false, false],
    ["192.0.2.1 ", false, false],
    ["[::1]", false, false],
    ["", false, false],
    ["localhost", false, false],
  ])("%j: IPv4 %s, IPv6 %s", (text, v4, v6) => {
    expect(isIpv4(text)).toBe(v4);
    expect(isIpv6(text)).toBe(v6);
  });
});
