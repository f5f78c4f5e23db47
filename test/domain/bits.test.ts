import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitsOf, hasBit, intersectBits, membersOf, noBits, sameBits, unionBits } from "../../shared/domain/bits.ts";

const anySet = fc.uniqueArray(fc.nat({ max: 900 }), { maxLength: 40 });
const sorted = (members: Iterable<number>) => [...members].sort((a, b) => a - b);

describe("sets of ordinals as bytes", () => {
  it("are sets", () => {
    const property = fc.property(anySet, anySet, fc.nat({ max: 1_000 }), (a, b, member) => {
      const [bitsA, bitsB] = [bitsOf(a), bitsOf(b)];
      expect(membersOf(bitsA)).toEqual(sorted(a));
      expect(hasBit(bitsA, member)).toBe(a.includes(member));
      expect(membersOf(unionBits(bitsA, bitsB))).toEqual(sorted(new Set([...a, ...b])));
      expect(membersOf(intersectBits(bitsA, bitsB))).toEqual(sorted(a.filter((one) => b.includes(one))));
      expect(sameBits(bitsA, bitsB)).toBe(sorted(a).join() === sorted(b).join());
      expect(bitsOf([...a].reverse())).toEqual(bitsA);
    });
    fc.assert(property, { seed: 41, numRuns: 300 });
  });

  it("are the same whatever empty bytes they end in, and take a byte for eight", () => {
    expect(sameBits(new Uint8Array([5]), new Uint8Array([5, 0, 0]))).toBe(true);
    expect(sameBits(noBits, new Uint8Array([0]))).toBe(true);
    expect(bitsOf([7]).length).toBe(1);
    expect(bitsOf([8]).length).toBe(2);
    expect(bitsOf([]).length).toBe(0);
    expect(bitsOf([3, 3, 3])).toEqual(bitsOf([3]));
  });
});
