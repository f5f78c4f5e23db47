import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinkState } from "../../dev/link-host/wire.ts";
import type { Link } from "../../shared/domain/network.ts";
import { buildAnswer, type LinkView } from "../../shared/protocol/answer.ts";
import { pairKey } from "../../shared/protocol/keys.ts";
import { masterKey } from "../fixtures/heartbeat-world.ts";
import { host, link, location, placeOf, staticHost } from "../fixtures/network.ts";

type Contacts = Record<string, { ip?: string; ip6?: string; wg?: string }>;

/** What a container saw: who is active where, and what hosts reported. */
function view(active: Record<string, string>, contacts: Contacts = {}): LinkView {
  const seen = Object.entries(contacts).map(([id, { ip = "", ip6 = "", wg = "" }]) => {
    return [id, { publicAddress: ip, address6: ip6, wgPublicKey: wg }] as const;
  });
  return { active: new Map(Object.entries(active)), contacts: new Map(seen) };
}

const text = (of: Link, hostId: string, seen: LinkView, isActive = true) =>
  buildAnswer(placeOf(of, hostId), seen, isActive, masterKey);
const answer = (of: Link, hostId: string, seen: LinkView, isActive = true): LinkState =>
  LinkState.parse(JSON.parse(text(of, hostId, seen, isActive)));

const east = location("east", ["e1", "e2"]);
const west = location("west", ["w1", "w2"]);
const two = (more: Partial<Link> = {}) => link("l1", [east, west], more);
const seen = view(
  { east: "e1", west: "w1" },
  { e1: { ip: "192.0.2.1" }, e2: { ip: "192.0.2.2" }, w1: { ip: "192.0.2.3" } },
);

const sha = (value: object) => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);

describe("answer to a heartbeat", () => {
  it("has the fields of the protocol in one order, byte for byte", () => {
    const tunnel = {
      id: "west",
      static: false,
      pre_shared_key: pairKey(masterKey, "l1", "east", "west", 1),
      right: "192.0.2.3",
      wg_public_key: "",
      left_subnets: ["10.0.0.0/16"],
      right_subnets: ["10.1.0.0/16"],
    };
    const body = {
      id: "e1",
      protocol: "ipsec",
      wg_port: 0,
      ipv6: false,
      action: "restart",
      type: null,
      links: [{ ...tunnel, hash: sha(tunnel) }],
      hosts: { w1: "192.0.2.3" },
      preferred_ike: "aes128-sha256-x25519",
      preferred_esp: "aes128gcm128-x25519",
      force_preferred: true,
    };
    const ciphers = { ike: "aes128-sha256-x25519", esp: "aes128gcm128-x25519", force: true };

    expect(text(two({ hostCheck: true, ciphers }), "e1", seen)).toBe(JSON.stringify({ ...body, hash: sha(body) }));
  });

  it("tells a standby of no tunnels, and of the hosts to check all the same", () => {
    const state = answer(two({ hostCheck: true }), "e2", seen, false);

    expect(state.links).toEqual([]);
    expect(state.hosts).toEqual({ w1: "192.0.2.3" });
  });

  it("tells of no tunnels and no checks in a link that is offline", () => {
    expect(answer(two({ hostCheck: true, online: false }), "e1", seen)).toMatchObject({ links: [], hosts: {} });
  });

  it("tells of no hosts to check where checks are off", () => {
    expect(answer(two(), "e1", seen).hosts).toEqual({});
  });

  it("does not have a fixed device checked, which has no agent to answer", () => {
    const mixed = link("l1", [east, location("office", [staticHost("router", "203.0.113.9")])], { hostCheck: true });

    const state = answer(mixed, "e1", view({ east: "e1" }));

    expect(state.hosts).toEqual({});
    expect(state.links).toMatchObject([{ id: "office", static: true, right: "203.0.113.9" }]);
  });

  it.each([
    ["ipsec", { protocol: "ipsec", wgPort: 51820 } as const, { protocol: "ipsec", wg_port: 0 }],
    ["wg", { protocol: "wg", wgPort: 51820 } as const, { protocol: "wg", wg_port: 51820 }],
    ["hold", { action: "hold" } as const, { action: "hold" }],
    ["no ciphers", {}, { preferred_ike: null, preferred_esp: null, force_preferred: false }],
  ])("follows the settings of the link: %s", (_, settings, expected) => {
    expect(answer(two(settings), "e1", seen)).toMatchObject(expected);
  });

  it("leaves out a peer without an active host, without an address, or whose active host is not configured", () => {
    expect(answer(two(), "e1", view({ east: "e1" }, { w1: { ip: "192.0.2.3" } })).links).toEqual([]);
    expect(answer(two(), "e1", view({ east: "e1", west: "w1" })).links).toEqual([]);
    expect(answer(two(), "e1", view({ east: "e1", west: "gone" }, { gone: { ip: "192.0.2.3" } })).links).toEqual([]);
  });

  it("runs tunnels of an IPv6 link between IPv6 addresses, and has those checked", () => {
    const both = view({ east: "e1", west: "w1" }, { w1: { ip: "192.0.2.3", ip6: "2001:db8::3" } });

    const state = answer(two({ ipv6: true, hostCheck: true }), "e1", both);

    expect(state).toMatchObject({ ipv6: true, links: [{ right: "2001:db8::3" }], hosts: { w1: "2001:db8::3" } });
    expect(answer(two({ ipv6: true }), "e1", seen).links).toEqual([]);
  });

  it("gives each side of a WireGuard tunnel the other's key", () => {
    const key = `${"k".repeat(43)}=`;

    const state = answer(two({ protocol: "wg" }), "e1", view({ west: "w1" }, { w1: { ip: "192.0.2.3", wg: key } }));

    expect(state.links[0]?.wg_public_key).toBe(key);
  });

  it("keeps ids that are only digits apart, in one order", () => {
    const digits = link("7", [location("10", ["1", "02"]), location("9", ["3", "20", "100"])], { hostCheck: true });
    const contacts = { "3": { ip: "192.0.2.3" }, "20": { ip: "192.0.2.20" }, "100": { ip: "192.0.2.100" } };

    const state = answer(digits, "1", view({ "10": "1", "9": "20" }, contacts));

    expect(state.hosts).toEqual({ "3": "192.0.2.3", "20": "192.0.2.20", "100": "192.0.2.100" });
    expect(state.links).toMatchObject([{ id: "9", right: "192.0.2.20" }]);
  });
});

describe("promise 8: a host's unsigned words reach others only as what they are", () => {
  it("a pinned public address goes before what the body says", () => {
    const pinned = link("l1", [east, location("west", [host("w1", { publicAddress: "198.51.100.7" }), "w2"])], {
      hostCheck: true,
    });

    const state = answer(pinned, "e1", seen);

    expect(state.links[0]?.right).toBe("198.51.100.7");
    expect(state.hosts).toEqual({ w1: "198.51.100.7" });
  });

  it("a pinned address of the other family does not stand for one that the tunnels need", () => {
    const pinned = link("l1", [east, location("west", [host("w1", { publicAddress: "2001:db8::7" })])]);

    expect(answer(pinned, "e1", seen).links[0]?.right).toBe("192.0.2.3");
  });

  it.each([
    "example.com",
    "192.0.2.3:9790",
    "192.0.2",
    "1.2.3.4/24",
    " 192.0.2.3",
    "010.0.0.1",
    "2001:db8::3",
    "0x7f.1",
  ])("an address that is none is not passed on: %s", (ip) => {
    const state = answer(two({ hostCheck: true }), "e1", view({ west: "w1" }, { w1: { ip } }));

    expect(state).toMatchObject({ links: [], hosts: {} });
  });

  it.each(["k\nPrivateKey = x", "k k", "k;", "[Peer]", "ключ", "k=k"])(
    "a WireGuard key that is no base64 is not passed on: %j",
    (wg) => {
      const state = answer(two({ protocol: "wg" }), "e1", view({ west: "w1" }, { w1: { ip: "192.0.2.3", wg } }));

      expect(state.links[0]?.wg_public_key).toBe("");
    },
  );
});

describe("networks of a tunnel", () => {
  it("include those of a transited location for whom it has no tunnel with", () => {
    const hub = link("l1", [
      location("hub", ["h1"], { transits: ["spokea", "spokeb"] }),
      location("spokea", ["a1"], { excludes: ["spokeb"] }),
      location("spokeb", ["b1"], { excludes: ["spokea"] }),
      location("far", ["f1"]),
    ]);
    const all = view(
      { hub: "h1", spokea: "a1", spokeb: "b1", far: "f1" },
      { h1: { ip: "192.0.2.1" }, a1: { ip: "192.0.2.2" }, b1: { ip: "192.0.2.3" }, f1: { ip: "192.0.2.4" } },
    );
    const subnets = (hostId: string) =>
      Object.fromEntries(answer(hub, hostId, all).links.map((one) => [one.id, [one.left_subnets, one.right_subnets]]));

    expect(subnets("h1")).toEqual({
      far: [["10.0.0.0/16"], ["10.3.0.0/16"]],
      spokea: [["10.0.0.0/16", "10.2.0.0/16"], ["10.1.0.0/16"]],
      spokeb: [["10.0.0.0/16", "10.1.0.0/16"], ["10.2.0.0/16"]],
    });
    expect(subnets("a1")).toEqual({
      far: [["10.1.0.0/16"], ["10.3.0.0/16"]],
      hub: [["10.1.0.0/16"], ["10.0.0.0/16", "10.2.0.0/16"]],
    });
  });

  it("of one side are those of the other, mirrored, whatever is excluded and transited", () => {
    const property = fc.property(anyMesh, (mesh) => {
      const active = view(
        Object.fromEntries(mesh.locations.map((one) => [one.id, `${one.id}h`])),
        Object.fromEntries(mesh.locations.map((one, at) => [`${one.id}h`, { ip: `192.0.2.${at + 1}` }])),
      );
      const states = new Map(mesh.locations.map((one) => [one.id, answer(mesh, `${one.id}h`, active)]));
      for (const [id, state] of states) {
        for (const tunnel of state.links) {
          const back = states.get(tunnel.id)?.links.find((one) => one.id === id);
          expect(back?.left_subnets).toEqual(tunnel.right_subnets);
          expect(back?.right_subnets).toEqual(tunnel.left_subnets);
          expect(back?.pre_shared_key).toBe(tunnel.pre_shared_key);
        }
        const excluded = mesh.locations.filter((one) => !state.links.some((tunnel) => tunnel.id === one.id));
        for (const other of excluded) expect(states.get(other.id)?.links.some((one) => one.id === id)).toBe(false);
      }
      const keys = [...states.values()].flatMap((state) => state.links.map((one) => one.pre_shared_key));
      expect(new Set(keys).size * 2).toBe(keys.length);
    });
    fc.assert(property, { seed: 4 });
  });
});

const names = ["a", "b", "c", "d", "e"];
const someNames = fc.subarray(names);
/** Up to five locations of one host each, with any exclusions and transits, one-sided ones too. */
const anyMesh = fc
  .array(fc.record({ excludes: someNames, transits: someNames, more: fc.boolean() }), { minLength: 2, maxLength: 5 })
  .map((drawn) =>
    link(
      "l1",
      drawn.map(({ excludes, transits, more }, at) => {
        const name = names[at] ?? "";
        const networks = more ? [`10.${at}.0.0/16`, `fd00:${at}::/32`] : [`10.${at}.0.0/16`];
        return location(name, [`${name}h`], { networks, excludes: excludes.filter((one) => one !== name), transits });
      }),
    ),
  );

describe("hash of an answer", () => {
  const base = two({ hostCheck: true });
  const hashes = (of: Link, with_: LinkView = seen, isActive = true) => {
    const state = answer(of, "e1", with_, isActive);
    return { whole: state.hash, west: state.links[0]?.hash };
  };
  const wester = (more: Parameters<typeof location>[2]) =>
    link("l1", [east, location("west", ["w1", "w2"], more)], { hostCheck: true });

  it("is letters and digits, since an agent splits names that hold it", () => {
    expect(hashes(base).whole).toMatch(/^[0-9a-f]{32}$/);
    expect(hashes(base).west).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ["the protocol", two({ hostCheck: true, protocol: "wg" })],
    ["the action", two({ hostCheck: true, action: "hold" })],
    ["the ciphers", two({ hostCheck: true, ciphers: { ike: "a", esp: "b", force: false } })],
    ["host checks", two()],
  ])("changes with %s, while the tunnel's own stays", (_, changed) => {
    expect(hashes(changed).whole).not.toBe(hashes(base).whole);
    expect(hashes(changed).west).toBe(hashes(base).west);
  });

  it.each([
    ["the key generation", two({ hostCheck: true, keyGeneration: 2 })],
    ["a network of the other side", wester({ networks: ["10.9.0.0/16"] })],
    ["one more network there", wester({ networks: ["10.1.0.0/16", "10.9.0.0/16"] })],
  ])("changes with %s, and the tunnel's own too", (_, changed) => {
    expect(hashes(changed).whole).not.toBe(hashes(base).whole);
    expect(hashes(changed).west).not.toBe(hashes(base).west);
  });

  it("changes with the other side's active host, address, and with one's own part", () => {
    const moved = view({ east: "e1", west: "w2" }, { w1: { ip: "192.0.2.3" }, w2: { ip: "192.0.2.4" } });
    const readdressed = view({ east: "e1", west: "w1" }, { w1: { ip: "192.0.2.5" } });

    for (const other of [hashes(base, moved), hashes(base, readdressed), hashes(base, seen, false)]) {
      expect(other.whole).not.toBe(hashes(base).whole);
      expect(other.west).not.toBe(hashes(base).west);
    }
  });

  it.each([
    ["a name", two({ hostCheck: true, name: "renamed" })],
    ["the order of locations", { ...base, locations: [...base.locations].reverse() }],
    [
      "a time-out, a priority, a back-off",
      link("l1", [location("east", [host("e1", { priority: 99, timeoutMs: 7, backoffMs: 3 }), "e2"]), west], {
        hostCheck: true,
      }),
    ],
    ["the order of networks", wester({ networks: ["10.1.0.0/16"] })],
    ["a local address, a version, a latency, an epoch: nothing of that is in it", base],
    ["the generation of a location", wester({ generation: 5 })],
  ])("stays with %s", (_, changed) => {
    expect(hashes(changed)).toEqual(hashes(base));
  });

  it("does not depend on the order in which networks and transits are written", () => {
    const many = (networks: string[], transits: string[]) =>
      link("l1", [
        location("hub", ["h1"], { networks, transits }),
        location("a", ["a1"], { excludes: ["b", "c"] }),
        location("b", ["b1"], { excludes: ["a"] }),
        location("c", ["c1"], { excludes: ["a"] }),
      ]);
    const all = view({ hub: "h1", a: "a1" }, { h1: { ip: "192.0.2.1" }, a1: { ip: "192.0.2.2" } });
    const one = many(["10.0.0.0/16", "10.8.0.0/16"], ["b", "c"]);
    const other = many(["10.8.0.0/16", "10.0.0.0/16"], ["c", "b"]);

    expect(text(other, "h1", all)).toBe(text(one, "h1", all));
  });

  it("does not depend on the order in which hosts are known", () => {
    const shuffled: LinkView = {
      active: new Map([...seen.active].reverse()),
      contacts: new Map([...seen.contacts].reverse()),
    };

    expect(text(base, "e1", shuffled)).toBe(text(base, "e1", seen));
  });
});
