import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeviceDescription, Peer } from "../../shared/export/description.ts";
import { ipsecConf } from "../../shared/export/ipsec-conf.ts";
import { type Pair, pairsOf } from "../../shared/export/pairs.ts";
import { swanctl } from "../../shared/export/swanctl.ts";
import { eventually, type Gateway, type Lab, openLab } from "./ipsec-lab.ts";

const key = "aKeyOfFortyThreeLettersAndDigits00000000000";
const device: DeviceDescription = {
  link: "backbone",
  location: "office",
  host: "router",
  address: "203.0.113.9",
  ipv6: false,
  online: true,
  action: "restart",
  ciphers: { ike: "aes128-sha256-x25519", esp: "aes128gcm128-x25519", force: true },
  keyGeneration: 1,
  peers: [
    {
      location: "us-east",
      static: false,
      secret: "backbone/office+us-east",
      preSharedKey: key,
      localNetworks: ["192.168.0.0/17", "192.168.128.0/17"],
      remoteNetworks: ["10.0.0.0/16", "10.8.0.0/16"],
      hosts: [
        { name: "a1", address: "203.0.113.1" },
        { name: "a2", address: "203.0.113.2" },
      ],
    },
  ],
};
const officeInside = ["192.168.0.1/32", "192.168.128.1/32"];
const eastInside = ["10.0.0.1/32", "10.8.0.1/32"];
const pairs = officeInside.flatMap((from) => eastInside.map((to) => [from.slice(0, -3), to.slice(0, -3)] as const));

/** What an active host's agent has, as far as a device sees it: one child with all networks, set up by itself. */
function agentConf(address: string): string {
  const { localNetworks = [], remoteNetworks = [] } = device.peers[0] ?? {};
  return `connections {
  office {
    version = 2
    local_addrs = ${address}
    remote_addrs = ${device.address}
    proposals = aes128-sha256-x25519
    local { 
      auth = psk
      id = ${address}
    }
    remote {
      auth = psk
      id = ${device.address}
    }
    children {
      office {
        local_ts = ${remoteNetworks.join(", ")}
        remote_ts = ${localNetworks.join(", ")}
        esp_proposals = aes128gcm128-x25519
        start_action = start
      }
    }
  }
}
secrets {
  ike-office {
    id-1 = ${address}
    id-2 = ${device.address}
    secret = "${key}"
  }
}
`;
}

/** A peer's host with a child for each of these pairs. */
function withChildren(of: (peer: Peer) => readonly Pair[]): string {
  const [peer] = device.peers;
  if (peer === undefined) throw new Error("no peer");
  const names = of(peer).map(({ local, remote }, at) => ({ name: `tunnel-${at + 1}`, local, remote }));
  const children = names.map(
    ({ name, local, remote }) => `      ${name} {
        local_ts = ${local}
        remote_ts = ${remote}
        esp_proposals = aes128gcm128-x25519
        start_action = start
      }`,
  );
  const one = swanctl({ ...device, peers: [{ ...peer, hosts: peer.hosts.slice(0, 1) }] });
  return one.replace(/(children \{\n)[\s\S]*?\n {4}\}/, (_found, start) => `${start}${children.join("\n")}\n    }`);
}

let lab: Lab;
beforeEach(() => {
  lab = openLab();
});
afterEach(() => lab.close());

const reachesAll = (office: Gateway) => pairs.every(([from, to]) => office.reaches(from, to));

describe("a device with the exported swanctl.conf", () => {
  it("has a tunnel with the active host alone, and keeps working when another takes over from it, dead", async () => {
    const a1 = await lab.gateway("a1", "203.0.113.1", eastInside);
    const a2 = await lab.gateway("a2", "203.0.113.2", eastInside);
    const office = await lab.gateway("office", device.address, officeInside);

    expect(office.load(swanctl(device))).toContain("successfully loaded 2 connections");
    expect(office.sas()).not.toContain("ESTABLISHED");

    a1.load(agentConf("203.0.113.1"));
    await eventually(() => reachesAll(office), "all pairs of networks by a1");
    expect(office.sas()).toContain("pointsman-backbone-us-east-a1: #");
    expect(office.sas()).not.toContain("us-east-a2");

    a1.die();
    a2.load(agentConf("203.0.113.2"));
    await eventually(() => reachesAll(office), "all pairs of networks by a2");
    // The dead tunnel may still stand: the newest carries the traffic.
    expect(office.sas()).toContain("pointsman-backbone-us-east-a2: #");
  });

  it("hands over from a host that leaves in order to the one that takes over", async () => {
    const a1 = await lab.gateway("a1", "203.0.113.1", eastInside);
    const a2 = await lab.gateway("a2", "203.0.113.2", eastInside);
    const office = await lab.gateway("office", device.address, officeInside);
    a1.load(agentConf("203.0.113.1"));
    office.load(swanctl(device));
    await eventually(() => reachesAll(office), "all pairs of networks by a1");

    a2.load(agentConf("203.0.113.2"));
    await eventually(() => office.sas().includes("us-east-a2"), "the tunnel of a2");
    expect(reachesAll(office)).toBe(true);

    a1.leave();

    await eventually(() => !office.sas().includes("us-east-a1"), "the end of the tunnel of a1");
    expect(reachesAll(office)).toBe(true);
  });
});

describe("a device with a child for each pair of networks, as how-tos for EdgeRouters have it", () => {
  it("gets one pair alone from an agent that asks for all, which is why the export for it covers them", async () => {
    const a1 = await lab.gateway("a1", "203.0.113.1", eastInside);
    const office = await lab.gateway("office", device.address, officeInside);
    office.load(withChildren(pairsOf));

    a1.load(agentConf("203.0.113.1"));

    await eventually(() => office.sas().includes("INSTALLED"), "a tunnel");
    expect(pairs.filter(([from, to]) => office.reaches(from, to))).toHaveLength(1);
  });
});

describe("a device with one child whose networks cover all, as the export for EdgeRouters has it", () => {
  it("gets all pairs back, since both ends narrow it to what the agent has", async () => {
    const a1 = await lab.gateway("a1", "203.0.113.1", eastInside);
    const office = await lab.gateway("office", device.address, officeInside);
    const cover = withChildren(() => [{ local: "192.168.0.0/16", remote: "10.0.0.0/12" }]);
    office.load(cover);

    a1.load(agentConf("203.0.113.1"));

    const narrow = /local {2}192.168.0.0\/17 192.168.128.0\/17\n +remote 10.0.0.0\/16 10.8.0.0\/16/;
    await eventually(() => reachesAll(office), "all pairs of networks, set up by the host");
    expect(office.sas()).toMatch(narrow);

    office.leave();
    await eventually(() => !reachesAll(office), "the end of the tunnel");
    office.load(cover);
    await eventually(() => reachesAll(office), "all pairs of networks, set up by the device");
    expect(office.sas()).toMatch(narrow);
  });
});

describe("a device with the exported ipsec.conf", () => {
  it("loads every connection with all networks, and the keys of the lines for ipsec.secrets", async () => {
    const conf = ipsecConf(device);
    const secrets = [...conf.matchAll(/^#> (.*)$/gm)].map(([, line]) => line).join("\n");
    const a2 = await lab.gateway("a2", "203.0.113.2", eastInside);
    a2.load(agentConf("203.0.113.2"));

    const office = await lab.starter("office", device.address, conf, `${secrets}\n`);

    await eventually(() => office.sas().includes("pointsman-backbone-us-east-a2: #"), "a tunnel with a2");
    const status = office.run("/usr/lib/ipsec/stroke", "statusall");
    for (const name of ["a1", "a2"]) {
      expect(status).toMatch(
        new RegExp(`us-east-${name}: +child: +192.168.0.0/17 192.168.128.0/17 === 10.0.0.0/16 10.8.0.0/16 TUNNEL`),
      );
    }
  });
});
