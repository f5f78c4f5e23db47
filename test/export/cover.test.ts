import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCidr } from "../../shared/domain/cidr.ts";
import { coverOf } from "../../shared/export/cover.ts";

describe("the cover of networks", () => {
  it.each([
    [["10.0.0.0/16"], "10.0.0.0/16"],
    [["10.0.0.0/16", "10.1.0.0/16"], "10.0.0.0/15"],
    [["10.0.0.0/16", "10.8.0.0/16", "10.15.255.0/24"], "10.0.0.0/12"],
    [["10.0.0.0/8", "10.1.0.0/16"], "10.0.0.0/8"],
    [["10.0.0.0/8", "192.168.0.0/16"], "0.0.0.0/0"],
    [["fd00:1::/64", "fd00:2::/64"], "fd00::/30"],
    [["fd00:1::/64", "fd00:1::/64"], "fd00:1::/64"],
  ])("of %j is %s", (networks, cover) => {
    expect(coverOf(networks)).toBe(cover);
  });

  it("holds each of them, is canonical, and no smaller one does", () => {
    const network = fc.tuple(fc.nat(0xffff_ffff), fc.integer({ min: 1, max: 32 })).map(([number, bits]) => {
      const masked = bits === 32 ? number : (number >>> (32 - bits)) * 2 ** (32 - bits);
      return `${[24, 16, 8, 0].map((shift) => Math.floor(masked / 2 ** shift) % 256).join(".")}/${bits}`;
    });
    fc.assert(
      fc.property(fc.array(network, { minLength: 1, maxLength: 5 }), (networks) => {
        const cover = coverOf(networks);
        expect(parseCidr(cover)).toEqual({ cidr: cover });
        const [address = "", bits = ""] = cover.split("/");
        expect(networks.every((one) => within(one, address, Number(bits)))).toBe(true);
        const smaller = Number(bits) + 1;
        const firstAddress = networks[0]?.split("/")[0] ?? "";
        if (smaller <= 32) expect(networks.every((one) => within(one, firstAddress, smaller))).toBe(false);
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

/** Whether a network lies in the one of so many bits around an address. */
function within(network: string, address: string, bits: number): boolean {
  const [inner = "", length = ""] = network.split("/");
  const list = new BlockList();
  list.addSubnet(address, bits);
  return Number(length) >= bits && list.check(inner);
}
