import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { familyOf, overlap, parseCidr } from "../../shared/domain/cidr.ts";
import { isIpv4, isIpv6 } from "../../shared/domain/ip-address.ts";
import { mistakesOf } from "../network-file/files.ts";
import { addressText, anyHostBits, anyNet, anyTwoNets, holds, meet, netOf, otherTexts, textOf } from "./cidr-model.ts";

const runs = { numRuns: 300, seed: 5_001 };
const canonicalOf = (text: string) => {
  const result = parseCidr(text);
  return "cidr" in result ? result.cidr : result.canonical;
};

describe("canonical form of a network, against a model of whole numbers", () => {
  it("is the text of first address and length, and is taken as it is", () => {
    fc.assert(
      fc.property(anyNet, (net) => {
        expect(parseCidr(textOf(net))).toEqual({ cidr: textOf(net) });
        expect(familyOf(textOf(net))).toBe(net.family);
      }),
      runs,
    );
  });

  it("is what every other text of the network is corrected to, host bits and all, and never taken silently", () => {
    fc.assert(
      fc.property(anyNet, anyHostBits, (net, host) => {
        for (const text of otherTexts(net, host)) {
          expect(canonicalOf(text)).toBe(textOf(net));
          expect("cidr" in parseCidr(text)).toBe(text === textOf(net));
        }
      }),
      runs,
    );
  });

  it("is idempotent: what is proposed is right, whatever text it was proposed for", () => {
    const anyGroups = fc.array(fc.constantFrom("0", "0", "1", "00a0", "FFFF", "ffff", ""), {
      minLength: 2,
      maxLength: 9,
    });
    const anyBytes = fc.array(fc.integer({ min: -1, max: 256 }), { minLength: 3, maxLength: 5 });
    const withBits = fc.integer({ min: -1, max: 130 });
    const anyText = fc.oneof(
      fc.tuple(anyGroups, withBits).map(([groups, bits]) => `${groups.join(":")}/${bits}`),
      fc
        .tuple(anyGroups, anyGroups, withBits)
        .map(([a, b, bits]) => `${a.slice(0, 3).join(":")}::${b.slice(0, 3).join(":")}/${bits}`),
      fc.tuple(anyBytes, withBits).map(([bytes, bits]) => `${bytes.join(".")}/${bits % 34}`),
      fc.string({ unit: fc.constantFrom(..."0123456789abcdefF:./% "), maxLength: 20 }),
      fc.array(fc.nat({ max: 0x10ffff }), { maxLength: 12 }).map((points) => String.fromCodePoint(...points)),
    );
    let proposed = 0;
    fc.assert(
      fc.property(anyText, (text) => {
        const canonical = canonicalOf(text);
        if (canonical === undefined) return;
        proposed++;
        expect(parseCidr(canonical)).toEqual({ cidr: canonical });
      }),
      { ...runs, numRuns: 250 },
    );
    expect(proposed).toBeGreaterThan(15);
  });

  it("is one for each network: two of them are the same text exactly when they are the same network", () => {
    fc.assert(
      fc.property(anyTwoNets, ([a, b]) => {
        expect(canonicalOf(textOf(a)) === canonicalOf(textOf(b))).toBe(holds(a, b) && holds(b, a));
      }),
      runs,
    );
  });
});

describe("overlap of networks, against a model of whole numbers", () => {
  it("is an address in common, for IPv4 and IPv6, either way round", () => {
    let met = 0;
    fc.assert(
      fc.property(anyTwoNets, ([a, b]) => {
        if (meet(a, b)) met++;
        expect(overlap(textOf(a), textOf(b))).toBe(meet(a, b));
        expect(overlap(textOf(b), textOf(a))).toBe(meet(a, b));
      }),
      runs,
    );
    expect(met).toBeGreaterThan(100);
    expect(met).toBeLessThan(280);
  });

  it("is the larger one holding the smaller, since networks never overlap in part", () => {
    fc.assert(
      fc.property(anyTwoNets, ([a, b]) => {
        expect(overlap(textOf(a), textOf(b))).toBe(holds(a, b) || holds(b, a));
      }),
      runs,
    );
  });

  it("is found in a network file for exactly those of a location that have an address in common with one before them", () => {
    const property = fc.property(fc.array(anyTwoNets, { minLength: 1, maxLength: 3 }), (pairs) => {
      const nets = pairs.flat();
      const networks = JSON.stringify(nets.map(textOf));
      const mistakes = mistakesOf(
        `{ version: 1, links: { l: { locations: { a: { networks: ${networks}, hosts: { h: {} } } } } } }`,
      );
      const told = mistakes.flatMap((line) => /networks\[(\d+)\].*(?:overlaps|stands twice)/.exec(line)?.[1] ?? []);
      const later = nets.flatMap((net, at) => (nets.slice(0, at).some((before) => meet(before, net)) ? [at] : []));
      expect([...new Set(told.map(Number))].sort((x, y) => x - y)).toEqual(later);
    });
    fc.assert(property, { numRuns: 60, seed: 5_002 });
  });
});

describe("addresses, against a model of whole numbers", () => {
  it("are of one family: that of their text", () => {
    fc.assert(
      fc.property(anyNet, anyHostBits, ({ family }, host) => {
        const text = addressText(
          family,
          netOf(family, host % (1n << (family === 4 ? 32n : 128n)), family === 4 ? 32 : 128).base,
        );
        expect([isIpv4(text), isIpv6(text)]).toEqual([family === 4, family === 6]);
      }),
      runs,
    );
  });
});
