import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arePeers, offeredNetworks, peersOf, reachedNetworks } from "../../shared/domain/topology.ts";
import { link, location } from "../fixtures/network.ts";

const names = ["a", "b", "c", "d", "e", "f"];
const anyMesh = fc
  .array(fc.record({ excludes: fc.subarray(names), transits: fc.subarray(names) }), { minLength: 2, maxLength: 6 })
  .map((drawn) => {
    const written = drawn.map(({ excludes, transits }, at) =>
      location(names[at] ?? "", [`${names[at]}h`], { excludes, transits }),
    );
    return link("l1", written);
  });

describe("tunnels of a mesh", () => {
  it("are mutual, never with oneself, and in order of id whatever the order of writing", () => {
    const property = fc.property(anyMesh, (mesh) => {
      const turned = { ...mesh, locations: [...mesh.locations].reverse() };
      for (const one of mesh.locations) {
        expect(arePeers(one, one)).toBe(false);
        for (const other of mesh.locations) expect(arePeers(one, other)).toBe(arePeers(other, one));
        const ids = peersOf(mesh, one).map((peer) => peer.id);
        expect(ids).toEqual([...ids].sort());
        expect(peersOf(turned, one).map((peer) => peer.id)).toEqual(ids);
        for (const peer of peersOf(mesh, one)) {
          expect(offeredNetworks(turned, one, peer)).toEqual(offeredNetworks(mesh, one, peer));
        }
      }
    });
    fc.assert(property, { seed: 51 });
  });

  it("carry to a location every network of its peers, no network of its own, and none twice", () => {
    const property = fc.property(anyMesh, (mesh) => {
      for (const one of mesh.locations) {
        const reached = reachedNetworks(mesh, one);
        expect(new Set(reached).size).toBe(reached.length);
        for (const network of one.networks) expect(reached).not.toContain(network);
        for (const peer of peersOf(mesh, one)) expect(reached).toEqual(expect.arrayContaining([...peer.networks]));
        const strangers = mesh.locations.filter((other) => other.id !== one.id && !arePeers(one, other));
        for (const stranger of strangers) {
          const isPassedOn = peersOf(mesh, one).some(
            (peer) => peer.transits.includes(stranger.id) && arePeers(peer, stranger),
          );
          expect(stranger.networks.every((network) => reached.includes(network))).toBe(isPassedOn);
        }
      }
    });
    fc.assert(property, { seed: 52 });
  });

  it("one side's exclusion is enough to part two", () => {
    expect(arePeers(location("a", ["x"], { excludes: ["b"] }), location("b", ["y"]))).toBe(false);
  });
});
