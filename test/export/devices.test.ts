import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeviceDescription } from "../../shared/export/description.ts";
import { deviceFormats } from "../../shared/export/formats.ts";
import { office, withKeys } from "./devices.ts";
import { readEdgerouter, readIpsecConf, readPfsense, readSwanctl, readVyos, type Tunnel } from "./read-back.ts";

const readers = new Map<string, (text: string) => readonly Tunnel[]>([
  ["edgerouter", readEdgerouter],
  ["vyos", readVyos],
  ["swanctl", readSwanctl],
  ["ipsec.conf", readIpsecConf],
  ["pfsense", readPfsense],
]);
const formats = [...deviceFormats.keys()];

function render(format: string, device: DeviceDescription): string {
  const renderer = deviceFormats.get(format);
  if (renderer === undefined) throw new Error(format);
  return renderer(device);
}

function readBack(format: string, device: DeviceDescription): readonly Tunnel[] {
  const tunnels = readers.get(format)?.(render(format, device)) ?? [];
  return format === "edgerouter" ? tunnels.map((tunnel) => narrowed(tunnel, device)) : tunnels;
}

/** A tunnel of EdgeOS may cover more than its pairs: what is left when the peer narrows it to what it has. */
function narrowed(tunnel: Tunnel, device: DeviceDescription): Tunnel {
  const wanted = expected(device).get(tunnel.remote)?.pairs ?? [];
  const holds = (pair: string) => tunnel.pairs.some((one) => isWithin(pair, one));
  expect(tunnel.pairs.filter((one) => !wanted.some((pair) => isWithin(pair, one)))).toEqual([]);
  return { ...tunnel, pairs: wanted.filter(holds) };
}

function isWithin(pair: string, cover: string): boolean {
  const networks = cover.split(" ");
  return pair.split(" ").every((network, at) => {
    const [address = "", bits = ""] = network.split("/");
    const [wideAddress = "", wideBits = ""] = (networks[at] ?? "").split("/");
    const family = (text: string) => (text.includes(":") ? "ipv6" : "ipv4");
    if (family(address) !== family(wideAddress)) return false;
    const list = new BlockList();
    list.addSubnet(wideAddress, Number(wideBits), family(wideAddress));
    return Number(bits) >= Number(wideBits) && list.check(address, family(address));
  });
}

/** What every format has to say of a device, by remote address. */
function expected(
  device: DeviceDescription,
): ReadonlyMap<string, Pick<Tunnel, "localId" | "remoteId" | "key" | "pairs">> {
  const isIpv6 = (text: string) => text.includes(":");
  return new Map(
    device.peers.flatMap((peer) => {
      const pairs = peer.localNetworks
        .flatMap((local) => peer.remoteNetworks.map((remote) => [local, remote] as const))
        .filter(([local, remote]) => isIpv6(local) === isIpv6(remote))
        .map((pair) => pair.join(" "))
        .sort();
      const key = peer.preSharedKey ?? `REPLACE-BY-KEY:${peer.secret}`;
      if (pairs.length === 0) return [];
      return peer.hosts.map(({ address }) => [address, { localId: device.address, remoteId: address, key, pairs }]);
    }),
  );
}

function said(tunnels: readonly Tunnel[]): ReturnType<typeof expected> {
  return new Map(
    tunnels.map(({ remote, localId, remoteId, key, pairs }) => [remote, { localId, remoteId, key, pairs }]),
  );
}

const cidr = fc.oneof(
  fc.nat(255).map((n) => `10.${n}.0.0/16`),
  fc.nat(9_999).map((n) => `fd00:${n}::/64`),
);
const name = fc.stringMatching(/^[a-z][a-z.-]{0,3}[a-z]$/);
const anyDevice = fc
  .array(
    fc.record({
      location: name,
      static: fc.boolean(),
      localNetworks: fc.uniqueArray(cidr, { minLength: 1, maxLength: 4 }),
      remoteNetworks: fc.uniqueArray(cidr, { minLength: 1, maxLength: 4 }),
      hosts: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((peers): DeviceDescription => {
    let count = 0;
    return {
      ...office,
      peers: peers.map((peer) => ({
        ...peer,
        location: peer.location,
        secret: `backbone/office+${peer.location}${peers.indexOf(peer)}`,
        preSharedKey: null,
        hosts: peer.hosts.map((host) => ({ name: host, address: `198.51.100.${++count}` })),
      })),
    };
  })
  .filter((device) => expected(device).size > 0);

describe.each(formats)("the configuration for %s", (format) => {
  it("is what it was, byte for byte", async () => {
    await expect(render(format, office)).toMatchFileSnapshot(`golden/office.${format}`);
  });

  it("names every host of every peer as an alternative, with every pair of networks of one family", () => {
    expect(said(readBack(format, office))).toEqual(expected(office));
    expect(expected(office).get("198.51.100.2")?.pairs).toHaveLength(3);
  });

  it("holds the keys where they were asked for, and a name in the place of each where not", () => {
    expect(render(format, office)).not.toContain("KEYof");
    expect(render(format, office)).toContain("REPLACE-BY-KEY:backbone/office+us-east");

    const keyed = render(format, withKeys(office));

    expect(keyed).toContain("KEYofus-east");
    expect(keyed).not.toContain("REPLACE-BY-KEY");
    expect(said(readBack(format, withKeys(office)))).toEqual(expected(withKeys(office)));
  });

  it("can be read back to the same tunnels, whatever the peers are called and have", () => {
    fc.assert(
      fc.property(anyDevice, (device) => {
        expect(said(readBack(format, device))).toEqual(expected(device));
        expect(render(format, structuredClone(device))).toBe(render(format, device));
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  it("is refused where no peer has a network of the same family", () => {
    const peers = office.peers.map((peer) => ({
      ...peer,
      localNetworks: ["192.168.0.0/16"],
      remoteNetworks: ["fd00::/64"],
    }));
    expect(() => render(format, { ...office, peers })).toThrow(/no peer with a network of the same family/);
    expect(() => render(format, { ...office, peers: [] })).toThrow(/no peer with a network of the same family/);
  });

  it("says so where the link is offline, and where its action lets a failover wait for traffic", () => {
    expect(render(format, { ...office, online: false })).toContain("The link backbone is offline");
    expect(render(format, { ...office, action: "hold" })).toContain("has action: hold");
    expect(render(format, office)).not.toMatch(/offline|action: hold/);
  });
});

describe("ciphers", () => {
  const ciphersOf = (format: string, ike: string, esp: string, force = true) => {
    const [first] = readBack(format, { ...office, ciphers: { ike, esp, force } });
    return [first?.ike, first?.esp];
  };

  it.each([
    ["edgerouter", "aes256-sha512-modp2048", "aes128gcm16", ["aes256 sha512 14", "aes128gcm128 sha256 disable"]],
    ["edgerouter", "aes128-sha256-ecp192", "aes128-sha1-ecp192", ["aes128 sha256 25", "aes128 sha1 dh-group25"]],
    ["vyos", "aes128-sha256-x25519", "aes256gcm128-x25519", ["aes128 sha256 31", "aes256gcm128 sha256 dh-group31"]],
    [
      "vyos",
      "chacha20poly1305-prfsha512-x25519",
      "chacha20poly1305-x25519",
      ["chacha20poly1305 sha512 31", "chacha20poly1305 sha256 dh-group31"],
    ],
    ["pfsense", "aes256-sha384-x448", "aes192gcm12-modp4096", ["aes/256 sha384 32", "aes192gcm/96 hmac_sha256 16"]],
    ["pfsense", "aes-sha256-x25519", "aes256-sha512", ["aes/128 sha256 31", "aes/256 hmac_sha512 0"]],
    ["swanctl", "aes128-sha256-x25519", "aes128gcm128-x25519", ["aes128-sha256-x25519", "aes128gcm128-x25519"]],
    ["ipsec.conf", "aes128-sha256-x25519", "aes128gcm128-x25519", ["aes128-sha256-x25519!", "aes128gcm128-x25519!"]],
  ])("are said in the words of %s: %s and %s", (format, ike, esp, words) => {
    expect(ciphersOf(format, ike, esp)).toEqual(words);
  });

  it("leave strongSwan's defaults in where the link does not force its own", () => {
    const [ike, esp] = ["aes128-sha256-x25519", "aes128gcm128-x25519"];
    expect(ciphersOf("swanctl", ike, esp, false)).toEqual([`${ike}, default`, `${esp}, default`]);
    expect(ciphersOf("ipsec.conf", ike, esp, false)).toEqual([ike, esp]);
    expect(readBack("swanctl", { ...office, ciphers: null })[0]).toMatchObject({ ike: "", esp: "" });
    expect(readBack("ipsec.conf", { ...office, ciphers: null })[0]).toMatchObject({ ike: "", esp: "" });
  });

  it.each(["edgerouter", "vyos", "pfsense"])("have to be set in the link for %s", (format) => {
    expect(() => render(format, { ...office, ciphers: null })).toThrow(/leaves its ciphers to the agents/);
  });

  it.each([
    ["edgerouter", "aes128-sha256-x25519", "aes128gcm128", /EdgeOS has no DH group 31/],
    ["edgerouter", "chacha20poly1305-prfsha256-ecp256", "aes128gcm128", /EdgeOS has no such encryption/],
    ["edgerouter", "aes192-sha256-ecp256", "aes128gcm128", /EdgeOS has no such encryption/],
    ["pfsense", "aes128-sha256-x25519", "chacha20poly1305", /pfSense has no such encryption/],
    ["pfsense", "aes128-sha256-prfsha512-x25519", "aes128gcm128", /pfSense has no PRF/],
    ["vyos", "aes128-aes256-sha256-x25519", "aes128gcm128", /"aes256" is a second encryption/],
    ["vyos", "aes128-sha256-x25519-ke1_mlkem768", "aes128gcm128", /"ke1_mlkem768" is not a keyword/],
    ["vyos", "aes128-x25519", "aes128gcm128", /it has no hash/],
    ["vyos", "sha256-x25519", "aes128gcm128", /it has no encryption/],
    ["vyos", "constructor-sha256-x25519", "aes128gcm128", /"constructor" is not a keyword/],
  ])("are refused where %s has none like it: %s and %s", (format, ike, esp, message) => {
    expect(() => render(format, { ...office, ciphers: { ike, esp, force: true } })).toThrow(message);
  });
});

describe("what a device cannot do", () => {
  const of = (localNetworks: string[], remoteNetworks: string[]): DeviceDescription => ({
    ...office,
    peers: office.peers.slice(1).map((peer) => ({ ...peer, localNetworks, remoteNetworks })),
  });

  it("is got round on an EdgeRouter by prefixes that cover several pairs of a family, which are listed", () => {
    const text = render("edgerouter", of(["192.168.0.0/16"], ["10.0.0.0/16", "10.8.0.0/16"]));
    expect(text).toContain("tunnel 1 local prefix 192.168.0.0/16\n");
    expect(text).toContain("tunnel 1 remote prefix 10.0.0.0/12\n");
    expect(text).not.toContain("tunnel 2");
    expect(text).toContain("#   us-east: 192.168.0.0/16 to 10.8.0.0/16");
    expect(text).not.toContain("CAUTION");
  });

  it("is no matter with another device, which asks for each pair by itself and narrows nothing", () => {
    const device = of(["192.168.0.0/16"], ["10.0.0.0/16", "10.8.0.0/16"]);
    const text = render("edgerouter", { ...device, peers: device.peers.map((peer) => ({ ...peer, static: true })) });
    expect(text).toContain("tunnel 1 remote prefix 10.0.0.0/16\n");
    expect(text).toContain("tunnel 2 remote prefix 10.8.0.0/16\n");
    expect(text).not.toMatch(/CAUTION|cover/);
  });

  it("is said where an EdgeRouter needs several tunnels: for both families, and where a cover would be too wide", () => {
    const both = render("edgerouter", of(["192.168.0.0/16", "fd00:1::/64"], ["10.0.0.0/16", "fd00:2::/64"]));
    const wide = render("edgerouter", of(["192.168.0.0/16"], ["10.0.0.0/16", "172.16.0.0/16"]));
    for (const text of [both, wide]) {
      expect(text).toContain("CAUTION: us-east: several tunnels");
      expect(text).toContain("pointsman export backbone/office/router --format ipsec.conf");
    }
    expect(wide).toContain("tunnel 2 remote prefix 172.16.0.0/16");
    expect(wide).not.toContain("0.0.0.0/0");
    expect(render("edgerouter", of(["192.168.0.0/16"], ["10.0.0.0/16"]))).not.toMatch(/CAUTION|cover/);
  });

  it("is refused for tunnels between IPv6 addresses on an EdgeRouter, and written by all others", () => {
    const device: DeviceDescription = {
      ...office,
      ipv6: true,
      address: "2001:db8::9",
      peers: office.peers.map((peer, at) => ({ ...peer, hosts: [{ name: "a", address: `2001:db8::${at + 1}` }] })),
    };
    expect(() => render("edgerouter", device)).toThrow(/run between IPv6 addresses/);
    for (const format of formats.filter((one) => one !== "edgerouter")) {
      expect(said(readBack(format, device))).toEqual(expected(device));
    }
    expect(render("pfsense", device)).toContain("<protocol>inet6</protocol>");
  });
});
