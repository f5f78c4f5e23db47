import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createOciEmulator, OCI_BUCKETS, type OciEmulator } from "../dev/emulators/oci/emulator.ts";
import { serveOci } from "../dev/emulators/oci/server.ts";
import { DEFAULT_COMPARTMENT, type WorldSeed } from "../dev/emulators/oci/world.ts";
import { memoryDatabase } from "../dev/memory-database.ts";
import { createSwapper } from "../functions/routes/swap.ts";
import type { OciCloud } from "../shared/domain/clouds/oci.ts";
import type { Network } from "../shared/domain/network.ts";
import type { Decision } from "../shared/domain/records.ts";
import { systemClock } from "../shared/platform/clock.ts";
import type { CloudSecrets } from "../shared/ports/cloud-secrets.ts";
import type { Wake } from "../shared/ports/queues.ts";
import { createProviderRegistry } from "../shared/providers/registry.ts";
import { openStore } from "../shared/store/store.ts";
import { makeMesh } from "./mesh.ts";
import { type Bench, plainRow, type Row } from "./row.ts";

const latencyMs = 50;
/** Nothing that OCI says forces a swap to take longer: one call a table, or one in all where an address floats. */
const mostMs = 2_000;
const region = "us-phoenix-1";
const ocid = (kind: string, name: string) => `ocid1.${kind}.oc1.phx.${name}`;
const floatingIp = ocid("privateip", "floating");
const address = "10.200.0.50/32";

/** `routes` in all, in so many tables: OCI takes 200 rules a table. */
type Size = { readonly routes: number; readonly tables: number };
const sizes: readonly Size[] = [
  { routes: 50, tables: 1 },
  { routes: 200, tables: 1 },
  { routes: 500, tables: 4 },
];

/** Swaps a location's rules through the real SDK over HTTP, with signatures that are checked, on the real clock. */
export const swapOci: Bench = {
  name: "swap.oci",
  async run(note) {
    const { size, perSecond } = OCI_BUCKETS.change;
    note(`OCI emulator with ${latencyMs} ms latency; Oracle documents no rates: assumed ${size} + ${perSecond}/s`);
    const rows: Row[] = [];
    for (const floats of [false, true]) {
      for (const size of sizes) {
        const { verifiedMs, calls } = await swapOnce(size, floats);
        note(`${size.routes} rules in ${size.tables} tables${floats ? " at a floating address" : ""}: ${calls} calls`);
        rows.push(
          plainRow(`swap.oci${floats ? ".floatingIp" : ""}.${size.routes}.verified`, verifiedMs, "ms", {
            most: mostMs,
          }),
        );
      }
    }
    return rows;
  },
};

/** Milliseconds from a decision to its verified swap, with every rule owned and leading to the host before. */
async function swapOnce({ routes, tables }: Size, floats: boolean) {
  const key = apiKey();
  const cloud = cloudOf(tables, floats);
  const network = officeMesh(routes / tables, cloud);
  const [link] = network.links;
  const location = link?.locations[0];
  const [before, after] = location?.hosts ?? [];
  if (link === undefined || location === undefined || before === undefined || after === undefined) {
    throw new Error("no location to swap");
  }
  const destinations = link.locations[1]?.networks ?? [];
  const emulator = createOciEmulator({ clock: systemClock, world: worldOf(cloud, destinations, key.known) });
  emulator.control.latency("*", latencyMs);
  emulator.control.throttling(true);
  const server = await serveOci(emulator);

  const store = openStore(memoryDatabase(systemClock));
  await store.commitNetwork({ network, atMs: Date.now(), by: "bench", why: "bench", source: "" });
  const place = { linkId: link.id, locationId: location.id, generation: location.generation };
  const owned = { state: "owned", seen: "", epoch: 1, atMs: Date.now(), by: "bench" } as const;
  const own = tableIds(cloud).flatMap((table) => destinations.map((destination) => ({ table, destination })));
  for (const { table, destination } of floats ? [...own, { table: floatingIp, destination: address }] : own) {
    await store.writeLedger({ table: `oci/${region}/${table}`, destination, ...place, ...owned }, undefined);
  }
  await store.writeTargets(location.id, [floats ? ocid("vnic", "before") : (before.target ?? "")], undefined);
  const decision: Decision = {
    ...place,
    epoch: 1,
    activeHostId: after.id,
    previousHostId: before.id,
    reason: "timed-out",
    decidedMs: Date.now(),
    by: "bench",
    networkVersion: network.version,
    evidence: "bench",
    demotedMs: {},
    tunnelMoveMs: 0,
    swap: { state: "pending" },
  };
  await store.commitDecision(decision, undefined, () => true);

  const openProvider = createProviderRegistry({
    clock: systemClock,
    cloudSecrets: key.secrets,
    cloudEndpoints: { oci: server.url },
  });
  const waiting: Wake[] = [{ linkId: link.id, locationId: location.id, cause: "decision", round: 0 }];
  const swap = createSwapper({
    store,
    clock: systemClock,
    random: { bytes: (count) => randomBytes(count) },
    log: { warn: () => undefined, error: () => undefined },
    openProvider,
    swapQueue: async () => ({ wake: async (wakes) => void waiting.push(...wakes) }),
    tickQueue: async () => ({ send: async () => undefined }),
  });
  // Loads the SDK and opens a connection, as a container that has run before has.
  await (await openProvider(cloud, location.id)).survey(AbortSignal.timeout(10_000));
  const startMs = performance.now();
  for (let wake = waiting.shift(); wake !== undefined; wake = waiting.shift()) await swap(wake);
  const verifiedMs = performance.now() - startMs;
  await server.close();
  const head = (await store.readHead(link.id, location.id)).value?.value;
  if (head?.swap.state !== "confirmed" || !isMoved(emulator, cloud))
    throw new Error(`${routes} rules were not swapped`);
  const gaps = emulator.control.gaps(0);
  if (gaps.length > 0) throw new Error(`${gaps.length} destinations were without a route`);
  return { verifiedMs, calls: emulator.control.calls().length };
}

function isMoved(emulator: OciEmulator, cloud: OciCloud): boolean {
  const { edit } = emulator.control;
  if (cloud.floatingIp !== undefined) return edit.vnicOf(floatingIp) === ocid("vnic", "after");
  return tableIds(cloud).every((id) =>
    edit.rules(id).every(({ networkEntityId }) => networkEntityId === ocid("privateip", "after")),
  );
}

function apiKey(): { readonly known: Record<string, string>; readonly secrets: CloudSecrets } {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const [tenancy, user] = ["ocid1.tenancy.oc1..bench", "ocid1.user.oc1..bench"];
  const fingerprint = Array.from({ length: 16 }, () => "0a").join(":");
  const text = JSON.stringify({ tenancy, user, fingerprint, privateKey });
  return {
    known: { [`${tenancy}/${user}/${fingerprint}`]: publicKey },
    secrets: { read: async () => text, forget: () => undefined },
  };
}

const tableIds = ({ routeTables }: OciCloud): readonly string[] => (routeTables.by === "id" ? routeTables.ids : []);

function cloudOf(tables: number, floats: boolean): OciCloud {
  const ids = Array.from({ length: tables }, (_, at) => ocid("routetable", `t${at}`));
  return {
    provider: "oci",
    region,
    compartment: DEFAULT_COMPARTMENT,
    vcn: ocid("vcn", "bench"),
    routeTables: { by: "id", ids },
    identity: { secret: "oci" },
    ...(floats && { floatingIp }),
  };
}

function worldOf(cloud: OciCloud, destinations: readonly string[], apiKeys: Record<string, string>): WorldSeed {
  const subnet = ocid("subnet", "bench");
  const target = cloud.floatingIp ?? ocid("privateip", "before");
  const rules = destinations.map((destination) => {
    return { destination, destinationType: "CIDR_BLOCK" as const, networkEntityId: target };
  });
  return {
    apiKeys,
    vcns: [{ id: cloud.vcn, cidrs: ["10.200.0.0/16"] }],
    subnets: [{ id: subnet, vcn: cloud.vcn, cidr: "10.200.0.0/24" }],
    vnics: ["before", "after"].map((name, at) => ({ id: ocid("vnic", name), subnet, address: `10.200.0.${at + 10}` })),
    secondaryIps: [{ id: floatingIp, subnet, address: "10.200.0.50", vnic: ocid("vnic", "before") }],
    routeTables: tableIds(cloud).map((id) => ({ id, vcn: cloud.vcn, rules })),
  };
}

/** A location with two hosts and an office with as many networks as a table is to have rules. */
function officeMesh(count: number, cloud: OciCloud): Network {
  const mesh = makeMesh({ locations: 2, hostsPerLocation: 2, timeoutMs: 30_000, hostCheck: false });
  const networks = Array.from({ length: count }, (_, at) => `10.${100 + (at >> 8)}.${at & 255}.0/24`);
  const [before, after] = ["before", "after"].map((name) => ocid("privateip", name));
  return {
    ...mesh,
    links: mesh.links.map((link) => ({
      ...link,
      locations: link.locations.map((location, at) => {
        if (at === 1) return { ...location, networks };
        const hosts = location.hosts.map((host, number) => ({
          ...host,
          target: (number === 0 ? before : after) ?? "",
        }));
        return { ...location, cloud, hosts };
      }),
    })),
  };
}
