import { generateKeyPairSync } from "node:crypto";
import { createOciEmulator, OCI_BUCKETS, type OciEmulator } from "../dev/emulators/oci/emulator.ts";
import { serveOci } from "../dev/emulators/oci/server.ts";
import { DEFAULT_COMPARTMENT, type WorldSeed } from "../dev/emulators/oci/world.ts";
import type { OciCloud } from "../shared/domain/clouds/oci.ts";
import { systemClock } from "../shared/platform/clock.ts";
import type { CloudSecrets } from "../shared/ports/cloud-secrets.ts";
import { createProviderRegistry } from "../shared/providers/registry.ts";
import { type Bench, plainRow, type Row } from "./row.ts";
import { swapDestinations, timeSwap } from "./swap-run.ts";

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
  const networks = routes / tables;
  const emulator = createOciEmulator({
    clock: systemClock,
    world: worldOf(cloud, swapDestinations(networks), key.known),
  });
  emulator.control.latency("*", latencyMs);
  emulator.control.throttling(true);
  const server = await serveOci(emulator);
  const keyOf = (table: string) => `oci/${region}/${table}`;
  const privateIps = [ocid("privateip", "before"), ocid("privateip", "after")] as const;
  try {
    const verifiedMs = await timeSwap(
      {
        cloud,
        hostTargets: privateIps,
        targets: floats ? [ocid("vnic", "before"), ocid("vnic", "after")] : privateIps,
        tableKeys: tableIds(cloud).map(keyOf),
        others: floats ? [{ table: keyOf(floatingIp), destination: address }] : [],
        openProvider: createProviderRegistry({
          clock: systemClock,
          cloudSecrets: key.secrets,
          cloudEndpoints: { oci: server.url },
        }),
      },
      networks,
    );
    if (!isMoved(emulator, cloud)) throw new Error(`${routes} rules were not swapped`);
    const gaps = emulator.control.gaps(0);
    if (gaps.length > 0) throw new Error(`${gaps.length} destinations were without a route`);
    return { verifiedMs, calls: emulator.control.calls().length };
  } finally {
    await server.close();
  }
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
