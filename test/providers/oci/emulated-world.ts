import type { FaultRule } from "../../../dev/emulators/common/faults.ts";
import { createOciEmulator, type OciEmulator } from "../../../dev/emulators/oci/emulator.ts";
import { serveOci } from "../../../dev/emulators/oci/server.ts";
import { DEFAULT_COMPARTMENT, type WorldSeed } from "../../../dev/emulators/oci/world.ts";
import type { OciCloud } from "../../../shared/domain/clouds/oci.ts";
import type { RouteTables } from "../../../shared/domain/clouds/route-tables.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { ociClient } from "../../../shared/providers/oci/client.ts";
import { apiKeyIdentity } from "../../../shared/providers/oci/identity.ts";
import { ociProvider } from "../../../shared/providers/oci/provider.ts";
import type { ContractWorld, Mishap, Selection } from "../contract/world.ts";
import { heldSecrets, KEY } from "./api-key.ts";

export const REGION = "us-phoenix-1";
export const TAG = "pointsman-routes";

/** The OCID of something in these tests. */
export const ocid = (kind: string, name: string): string => `ocid1.${kind}.oc1.phx.${name}`;

const FAULTS: Readonly<Record<Mishap, FaultRule["fault"]>> = {
  throttled: { kind: "throttle" },
  denied: { kind: "deny" },
  "cloud fault": { kind: "internal-error" },
  "answer lost": { kind: "drop", written: true },
  "lost on its way": { kind: "drop", written: false },
};

/** The cloud settings of a location in a VCN. */
export function cloudOf(vcn: string, selection: Selection): OciCloud {
  return {
    provider: "oci",
    region: REGION,
    compartment: DEFAULT_COMPARTMENT,
    vcn,
    routeTables: routeTables(selection),
    identity: { secret: "oci" },
  };
}

function routeTables(selection: Selection): RouteTables {
  switch (selection.by) {
    case "id":
      return { by: "id", ids: [...selection.ids] };
    case "tag":
      return { by: "tag", key: TAG, value: selection.value };
    case "network":
      return selection;
    default:
      return selection satisfies never;
  }
}

/** The contract's world on the OCI emulator, behind HTTP and the real SDK, with signatures that are checked. */
export async function emulatedWorld(
  shape: { readonly tables: number },
  onClose: (emulator: OciEmulator) => void = () => undefined,
): Promise<ContractWorld> {
  const tables = Array.from({ length: shape.tables }, (_, at) => ocid("routetable", String(at).padStart(4, "0")));
  const emulator = createOciEmulator({ clock: systemClock, world: seedOf(tables) });
  const server = await serveOci(emulator);
  const client = ociClient(REGION, apiKeyIdentity(heldSecrets(KEY.secret), "oci"), server.url);
  const { edit } = emulator.control;
  const address = (name: string) => ocid("privateip", name);
  return {
    tables,
    tableElsewhere: ocid("routetable", "elsewhere"),
    tableMissing: ocid("routetable", "missing"),
    interfaces: {
      a: address("a"),
      b: address("b"),
      untagged: address("untagged"),
      elsewhere: address("elsewhere"),
    },
    interfaceMissing: address("missing"),
    mark: "pointsman-host",
    addresses: { a: "10.0.0.4", b: "10.0.0.5", untagged: "10.0.0.6", elsewhere: "10.99.0.4" },
    // An instance is reached by its VNIC, which names its primary private IP as an instance names its interface.
    instanceOfA: ocid("vnic", "a"),
    open: (selection) => ociProvider(cloudOf(ocid("vcn", "home"), selection), client, systemClock),
    plant: async (table, destination, target) =>
      edit.putRule(table, {
        destination,
        destinationType: "CIDR_BLOCK",
        networkEntityId: target === "gateway" ? ocid("natgateway", "1") : target,
      }),
    standing: async (table) => standing(emulator, table),
    changingCalls: () => emulator.control.calls().length,
    gaps: () => emulator.control.gaps(0),
    mishap: (mishap) => emulator.control.fail({ action: "UpdateRouteTable", fault: FAULTS[mishap] }),
    detachA() {
      edit.movePrivateIp(ocid("privateip", "a"), null);
      edit.removeVnic(ocid("vnic", "a"));
    },
    fillQuota: () => emulator.seed({ ruleQuota: 1 }),
    async close() {
      onClose(emulator);
      await server.close();
    },
  };
}

function standing(emulator: OciEmulator, table: string): ReadonlyMap<string, string> {
  const rules = emulator.control.edit.rules(table).filter(({ routeType }) => routeType !== "LOCAL");
  return new Map(rules.map((rule) => [rule.destination ?? "", rule.networkEntityId]));
}

export function seedOf(tables: readonly string[]): WorldSeed {
  const [home, elsewhere] = [ocid("vcn", "home"), ocid("vcn", "elsewhere")];
  const [near, far] = [ocid("subnet", "near"), ocid("subnet", "far")];
  const local = {
    destination: "10.0.0.0/16",
    destinationType: "CIDR_BLOCK",
    networkEntityId: home,
    routeType: "LOCAL",
  } as const;
  const vnic = (name: string, address: string, hostId?: string, subnet = near) => ({
    id: ocid("vnic", name),
    subnet,
    address,
    ...(hostId !== undefined && { freeformTags: { "pointsman-host": hostId } }),
  });
  return {
    apiKeys: { [KEY.keyId]: KEY.publicKey },
    vcns: [
      { id: home, cidrs: ["10.0.0.0/16"] },
      { id: elsewhere, cidrs: ["10.99.0.0/16"] },
    ],
    subnets: [
      { id: near, vcn: home, cidr: "10.0.0.0/24" },
      { id: far, vcn: elsewhere, cidr: "10.99.0.0/24" },
    ],
    vnics: [
      vnic("a", "10.0.0.4", "hosta"),
      vnic("b", "10.0.0.5", "hostb"),
      vnic("untagged", "10.0.0.6"),
      vnic("elsewhere", "10.99.0.4", "hostz", far),
    ],
    secondaryIps: [{ id: ocid("privateip", "second"), subnet: near, address: "10.0.0.40", vnic: ocid("vnic", "a") }],
    routeTables: [
      ...tables.map((id, at) => ({
        id,
        vcn: home,
        freeformTags: at < 2 ? { [TAG]: "yes" } : {},
        rules: [local],
      })),
      { id: ocid("routetable", "elsewhere"), vcn: elsewhere, freeformTags: { [TAG]: "yes" } },
    ],
  };
}
