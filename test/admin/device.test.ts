import { afterEach, describe, expect, it } from "vitest";
import type { DeviceDescription } from "../../shared/export/description.ts";
import { pairKey } from "../../shared/protocol/keys.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.expectNoSecrets());

/** Hub and spokes: west reaches the office through east only; the lab is another device. */
const file = `version: 1
links:
  backbone:
    ciphers: { ike: aes128-sha256-ecp256, esp: aes128gcm128-ecp256, force: true }
    locations:
      us-east:
        networks: [10.0.0.0/16, fd00:1::/64]
        transits: [us-west]
        cloud: { provider: aws, region: us-east-1, vpc: vpc-0a1, routeTables: [rtb-0a2, rtb-0a1] }
        hosts:
          a1: { priority: 20, target: eni-0a1, publicAddress: 198.51.100.1 }
          a2: { priority: 10, target: eni-0a2, publicAddress: 198.51.100.2 }
          a0: { priority: 10, target: eni-0a3, publicAddress: 198.51.100.2 }
      us-west:
        networks: [10.1.0.0/16]
        excludes: [office]
        hosts:
          b1: { publicAddress: 198.51.100.3 }
          b2: { publicAddress: 198.51.100.4 }
      office:
        networks: [192.168.0.0/16]
        hosts:
          router: { static: true, publicAddress: 203.0.113.9 }
      lab:
        networks: [192.0.2.0/24]
        hosts:
          box: { static: true, publicAddress: 203.0.113.10 }
`;
const router = "device/backbone/office/router";

async function applied(text = file): Promise<World> {
  const opened = openWorld();
  expect(await opened.post("apply", { file: text })).toMatchObject({ status: 200 });
  return opened;
}

const describeRouter = async (query = "") => (await world.get(`${router}${query}`)).body as DeviceDescription;
const operatorEvents = async () =>
  ((await world.get("events")).body as { events: { kind: string; message: string; by: string; host: string }[] }).events
    .filter(({ kind }) => kind === "operator")
    .map(({ message, by, host }) => ({ message, by, host }));

describe("the description of a device", () => {
  it("holds every host of every peer, with what is reached through it, transits and excludes included", async () => {
    world = await applied();

    expect(await describeRouter()).toEqual({
      link: "backbone",
      location: "office",
      host: "router",
      address: "203.0.113.9",
      ipv6: false,
      online: true,
      action: "restart",
      ciphers: { ike: "aes128-sha256-ecp256", esp: "aes128gcm128-ecp256", force: true },
      keyGeneration: 1,
      peers: [
        {
          location: "lab",
          static: true,
          secret: "backbone/lab+office",
          preSharedKey: null,
          localNetworks: ["192.168.0.0/16"],
          remoteNetworks: ["192.0.2.0/24"],
          hosts: [{ name: "box", address: "203.0.113.10" }],
        },
        {
          location: "us-east",
          static: false,
          secret: "backbone/office+us-east",
          preSharedKey: null,
          localNetworks: ["192.168.0.0/16"],
          remoteNetworks: ["10.0.0.0/16", "10.1.0.0/16", "fd00:1::/64"],
          hosts: [
            { name: "a1", address: "198.51.100.1" },
            { name: "a0+a2", address: "198.51.100.2" },
          ],
        },
      ],
    });
  });

  it("is the same however the network file is ordered, and takes addresses as they were last reported", async () => {
    world = await applied(file.replace("publicAddress: 198.51.100.1", "timeout: 40s"));
    const { link, location, host } = await world.place("backbone/us-east/a1");
    await world.beat("backbone/us-east/a1");
    const record = (await world.store.readLink(link.id, "strong")).value.locations.get(location.id)?.hosts.get(host.id);
    if (record === undefined) throw new Error("not heard");
    const moved = { ...record.value, publicAddress: "198.51.100.77" };
    await world.store.writeHost(link.id, location.id, moved, record.revision);

    const description = await describeRouter();

    expect(description.peers[1]?.hosts[0]).toEqual({ name: "a1", address: "198.51.100.77" });
    expect(JSON.stringify(await describeRouter())).toBe(JSON.stringify(description));
  });

  it("holds the keys that the agents are told, where they are asked for, and records who asked", async () => {
    world = await applied();
    expect(await operatorEvents()).toEqual([]);

    const response = await world.admin(
      new Request(`https://admin.test/admin/v1/${router}?secrets=true`, {
        headers: { authorization: `Bearer ${world.token}`, "pointsman-operator": "maria" },
      }),
    );

    expect(response.headers.get("cache-control")).toBe("no-store");
    const { peers } = (await response.json()) as DeviceDescription;
    const { link, location } = await world.place("backbone/office/router");
    const east = (await world.place("backbone/us-east/a1")).location;
    const key = pairKey(await world.deps.secrets.masterKey(), link.id, location.id, east.id, 1);
    expect(peers.find((peer) => peer.location === "us-east")?.preSharedKey).toBe(key);
    expect(new Set(peers.map((peer) => peer.preSharedKey)).size).toBe(2);
    expect(await operatorEvents()).toEqual([
      { message: "exported the keys of backbone/office/router", by: "operator maria", host: "router" },
    ]);
  });

  it("follows a rotation of the link's keys", async () => {
    world = await applied();
    await world.post("rotate/link/backbone");
    expect((await describeRouter()).keyGeneration).toBe(2);
  });
});

describe("the description of a device is refused", () => {
  it.each([
    ["for a host with an agent", "device/backbone/us-east/a1", 409, "host-not-static", "pointsman host uri"],
    ["for a host that is not there", "device/backbone/office/gone", 404, "unknown-host", "router"],
    ["for a location that is not there", "device/backbone/gone/router", 404, "unknown-location", "office"],
    ["for a question that is not understood", `${router}?secrets=yes`, 400, "invalid-request", "correct"],
    ["for a field that is not known", `${router}?keys=true`, 400, "invalid-request", "correct"],
  ])("%s", async (_case, path, status, code, next) => {
    world = await applied();
    const reply = await world.get(path);
    expect(reply).toMatchObject({ status, body: { error: { code } } });
    expect((reply.body as { error: { next: string } }).error.next).toContain(next);
  });

  it("in a WireGuard link", async () => {
    world = await applied(`version: 1
links:
  wire:
    protocol: wg
    locations:
      a: { networks: [10.0.0.0/16], hosts: { a1: {} } }
`);
    expect(await world.get("device/wire/a/a1")).toMatchObject({
      status: 409,
      body: { error: { code: "link-wireguard" } },
    });
  });

  it("while the address of a peer's host is not known, and names each", async () => {
    world = await applied(file.replace(/, publicAddress: 198\.51\.100\.[12]/g, ""));
    await world.beat("backbone/us-east/a1");

    expect(await world.get(router)).toMatchObject({
      status: 409,
      body: {
        error: {
          code: "address-unknown",
          message: "no public IPv4 address is known of backbone/us-east/a0, backbone/us-east/a2",
        },
      },
    });
    expect((await world.get(`${router}?secrets=true`)).status).toBe(409);
    expect(await operatorEvents()).toEqual([]);
  });

  it("where two peers are reached at one address", async () => {
    world = await applied(file.replace("publicAddress: 203.0.113.10", "publicAddress: 198.51.100.2"));
    expect(await world.get(router)).toMatchObject({ status: 409, body: { error: { code: "address-shared" } } });
  });
});

describe("the routes that are kept", () => {
  it("are what the network file and the ledger say, sorted", async () => {
    world = await applied();
    const { link, location } = await world.place("backbone/us-east/a1");
    const entry = {
      linkId: link.id,
      locationId: location.id,
      generation: 1,
      seen: "",
      epoch: 1,
      atMs: 1,
      by: "routes",
    };
    const cloud = location.cloud;
    if (cloud === undefined) throw new Error("no cloud");
    const table = "aws/us-east-1/rtb-0a2";
    await world.store.noteTable({ table, tableId: "rtb-0a2", cloud });
    for (const [destination, state] of [
      ["192.168.0.0/16", "owned"],
      ["192.0.2.0/24", "intended"],
      ["10.1.0.0/16", "foreign"],
    ] as const) {
      await world.store.writeLedger({ ...entry, table, destination, state }, undefined);
    }

    expect(await world.get("routes/backbone/us-east")).toMatchObject({
      status: 200,
      body: {
        link: "backbone",
        location: "us-east",
        provider: "aws",
        strategy: "routes",
        destinations: ["10.1.0.0/16", "192.0.2.0/24", "192.168.0.0/16"],
        tables: ["rtb-0a1", "rtb-0a2"],
        owned: [
          { table: "rtb-0a2", destination: "192.0.2.0/24" },
          { table: "rtb-0a2", destination: "192.168.0.0/16" },
        ],
      },
    });
  });

  it("are refused for a location without a cloud", async () => {
    world = await applied();
    expect(await world.get("routes/backbone/office")).toMatchObject({
      status: 409,
      body: { error: { code: "no-cloud" } },
    });
  });
});
