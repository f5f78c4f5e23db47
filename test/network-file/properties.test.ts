import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { InputError } from "../../shared/domain/errors.ts";
import { emptyNetwork, Network } from "../../shared/domain/network.ts";
import { arePeers, reachedNetworks } from "../../shared/domain/topology.ts";
import { compileNetwork } from "../../shared/network-file/compile.ts";
import { diffNetworks, isEmptyDiff } from "../../shared/network-file/diff.ts";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";
import { reachOf } from "../../shared/network-file/reach.ts";
import type { NetworkFile } from "../../shared/network-file/schema.ts";
import { viewLinks } from "../../shared/network-file/view.ts";
import { applyDiff } from "./apply-diff.ts";
import { type NetworkData, networkData, reversed } from "./arbitrary.ts";
import { counter } from "./files.ts";

const options = { seed: 20_240_511, numRuns: 100 };
const patienceMs = 120_000;

/** A text read; undefined when it has mistakes, since transits of `networkData` may contradict the rest. */
function readOf(data: unknown): NetworkFile | undefined {
  try {
    return parseNetworkFile(stringify(data));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Right network files, beside the data that they were read from. */
const right = networkData
  .map((data) => ({ data, file: readOf(data) }))
  .filter((one): one is { data: NetworkData; file: NetworkFile } => one.file !== undefined);
const file = right.map((one) => one.file);

/** Every link, location and host of a network by its path, with id and ordinal. */
function things(network: Network): ReadonlyMap<string, { id: string; ordinal: number; owner: string }> {
  const all = new Map<string, { id: string; ordinal: number; owner: string }>();
  for (const link of network.links) {
    all.set(link.name, { id: link.id, ordinal: -1, owner: "" });
    for (const { name, id, ordinal, hosts } of link.locations) {
      all.set(`${link.name}/${name}`, { id, ordinal, owner: `locations of ${link.id}` });
      for (const host of hosts) {
        all.set(`${link.name}/${name}/${host.name}`, {
          id: host.id,
          ordinal: host.ordinal,
          owner: `hosts of ${link.id}`,
        });
      }
    }
  }
  return all;
}

/** Compiles files one after the other, each on top of the one before. */
function sequence(...files: readonly NetworkFile[]): readonly Network[] {
  const newId = counter();
  const networks: Network[] = [];
  for (const one of files) networks.push(compileNetwork(one, networks.at(-1) ?? emptyNetwork, newId));
  return networks;
}

describe("network files of every kind", { timeout: patienceMs }, () => {
  it("compile to a configuration that the domain takes", () => {
    fc.assert(
      fc.property(file, (one) => {
        const [network] = sequence(one);
        expect(Network.parse(network)).toEqual(network);
      }),
      options,
    );
  });

  it("differ in nothing from themselves", () => {
    fc.assert(
      fc.property(file, file, (a, b) => {
        const [, before, after] = sequence(b, a, a);
        if (!before || !after) throw new Error("not compiled");
        expect({ ...after, version: before.version }).toEqual(before);
        expect(isEmptyDiff(diffNetworks(before, after))).toBe(true);
        expect(diffNetworks(before, after)).toEqual(diffNetworks(emptyNetwork, emptyNetwork));
      }),
      options,
    );
  });

  it("never give an ordinal of a link twice, nor an id, over any way back and forth", () => {
    fc.assert(
      fc.property(fc.array(file, { minLength: 2, maxLength: 4 }), (files) => {
        const owners = new Map<string, string>();
        const paths = new Map<string, string>();
        for (const network of sequence(...files, ...files.slice(0, 1))) {
          for (const [path, { id, ordinal, owner }] of things(network)) {
            const place = `${owner} ${ordinal} ${ordinal < 0 ? id : ""}`;
            expect(owners.get(place) ?? id).toBe(id);
            expect(paths.get(id) ?? path).toBe(path);
            owners.set(place, id);
            paths.set(id, path);
          }
        }
      }),
      options,
    );
  });

  it("keep id and ordinal of whatever keeps its path, and of nothing else", () => {
    fc.assert(
      fc.property(file, file, (a, b) => {
        const [before, after] = sequence(a, b).map(things);
        for (const [path, { id, ordinal }] of after ?? []) {
          const old = before?.get(path);
          if (old) expect({ id, ordinal }).toEqual({ id: old.id, ordinal: old.ordinal });
          else expect([...(before?.values() ?? [])].map((thing) => thing.id)).not.toContain(id);
        }
      }),
      options,
    );
  });

  it("mean the same whatever the order of keys and lists", () => {
    fc.assert(
      fc.property(right, right, (a, b) => {
        const turned = [a, b].map(({ data }) => readOf(reversed(data)) ?? expect.fail("refused in another order"));
        expect(sequence(...turned)).toEqual(sequence(a.file, b.file));
      }),
      options,
    );
  });

  it("are told from each other completely: what a difference adds and removes makes one of the other", () => {
    fc.assert(
      fc.property(file, file, (a, b) => {
        const [before, after] = sequence(a, b);
        if (!before || !after) throw new Error("not compiled");
        const diff = diffNetworks(before, after);
        const paths = new Set(things(before).keys());
        for (const { subject, action, path } of diff.changes) {
          if (subject === "network" || subject === "tunnel" || action === "changed") continue;
          if (action === "added") paths.add(path);
          else paths.delete(path);
        }
        expect([...paths].sort()).toEqual([...things(after).keys()].sort());
        expect(isEmptyDiff(diff)).toBe(JSON.stringify(before.links) === JSON.stringify(after.links));
      }),
      options,
    );
  });

  it("apply(diff(a, b), a) = b: what a difference lists makes the one configuration of the other, field by field", () => {
    fc.assert(
      fc.property(fc.option(file), file, fc.boolean(), (a, b, isJson) => {
        const before = a === null ? emptyNetwork : (sequence(b, a)[1] ?? emptyNetwork);
        const after = compileNetwork(b, before, counter("new"));
        const diff = diffNetworks(before, after);

        expect(applyDiff(isJson ? JSON.parse(JSON.stringify(diff)) : diff, before)).toEqual(after);
      }),
      options,
    );
  });

  it("lose exactly the destinations that a location with a cloud no longer reaches, where it does not move", () => {
    fc.assert(
      fc.property(file, file, (a, b) => {
        const [before, after] = sequence(a, b);
        if (!before || !after) throw new Error("not compiled");
        const diff = diffNetworks(before, after);
        for (const link of before.links) {
          for (const location of link.locations.filter(({ cloud }) => cloud)) {
            const path = `${link.name}/${location.name}`;
            const now = after.links.find(({ id }) => id === link.id);
            const place = now?.locations.find(({ id }) => id === location.id);
            if (place && place.generation !== location.generation) continue;
            const reached = now && place ? reachedNetworks(now, place) : [];
            const lost = reachedNetworks(link, location).filter((network) => !reached.includes(network));
            expect(
              diff.routesLost.filter((entry) => entry.path === path).flatMap(({ destinations }) => destinations),
            ).toEqual(lost);
          }
        }
      }),
      options,
    );
  });

  it("are judged by the same rules of peers and transits that the domain has", () => {
    fc.assert(
      fc.property(right, ({ data, file: one }) => {
        const [network] = sequence(one);
        for (const view of viewLinks(data) ?? []) {
          const reach = reachOf(view);
          const link = network?.links.find(({ name }) => name === view.name);
          if (!reach || !link) throw new Error("no reach");
          const byName = (at: number) => {
            const found = link.locations.find(({ name }) => name === reach.locations[at]?.name);
            if (!found) throw new Error("no location");
            return found;
          };
          for (const at of reach.locations.keys()) {
            const seen = [...reach.locations.keys()].filter((origin) => origin !== at && reach.sees(at, origin));
            expect(seen.flatMap((origin) => byName(origin).networks).sort()).toEqual(reachedNetworks(link, byName(at)));
            for (const other of reach.locations.keys()) {
              expect(reach.arePeers(at, other)).toBe(arePeers(byName(at), byName(other)));
            }
          }
        }
      }),
      options,
    );
  });
});
