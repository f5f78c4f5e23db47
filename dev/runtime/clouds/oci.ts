import { generateKeyPairSync } from "node:crypto";
import { familyOf } from "../../../shared/domain/cidr.ts";
import type { OciCloud } from "../../../shared/domain/clouds/oci.ts";
import type { Host, Location, Network } from "../../../shared/domain/network.ts";
import type { Clock } from "../../../shared/ports/clock.ts";
import { createOciEmulator, type OciEmulator } from "../../emulators/oci/emulator.ts";
import { serveOci } from "../../emulators/oci/server.ts";
import { primaryOf } from "../../emulators/oci/state.ts";
import type { World, WorldSeed } from "../../emulators/oci/world.ts";
import { localAddress } from "../pretended-hosts.ts";
import type { LocalCloud } from "./local-cloud.ts";

type OciPlace = { readonly location: Location; readonly cloud: OciCloud };
type ApiKey = { readonly keyId: string; readonly publicKey: string; readonly secret: string };

/** Oracle Cloud as the local runtime has it. `secret`: the API key that it takes, as the secret of every location holds it. */
export type LocalOci = LocalCloud & { readonly emulator: OciEmulator; readonly secret: string };

/** The OCI emulator behind HTTP on a loopback port; port 0, and a port that is taken, stand for any free one. */
export async function startLocalOci(options: { readonly clock: Clock; readonly port: number }): Promise<LocalOci> {
  const key = apiKey();
  const emulator = createOciEmulator({ clock: options.clock, world: { apiKeys: { [key.keyId]: key.publicKey } } });
  const server = await serveOci(emulator, options.port).catch(() => serveOci(emulator, 0));
  const { control } = emulator;
  return {
    provider: "oci",
    url: server.url,
    emulator,
    secret: key.secret,
    seed: (network) => emulator.seed(missingFrom(emulator.dump(), worldOf(network))),
    async standing(location) {
      return ociPlace(location).flatMap((place) =>
        tablesOf(place).flatMap((table) =>
          control.edit
            .rules(table)
            .filter(({ routeType }) => routeType !== "LOCAL")
            .map(({ destination = "", networkEntityId }) => ({
              table,
              destination,
              target: whereTo(emulator, place.cloud, networkEntityId),
            })),
        ),
      );
    },
    targetOf: (location, host) =>
      ociPlace(location).map(({ cloud }) => (cloud.floatingIp === undefined ? privateIpOf(host) : vnicOf(host)))[0] ??
      "",
    changingCalls: () => control.calls().length,
    gaps: control.gaps,
    stop: () => server.close(),
  };
}

/** The VNIC that a floating address is on: what the rules at it come to. */
function whereTo(emulator: OciEmulator, cloud: OciCloud, target: string): string {
  return target === cloud.floatingIp ? (emulator.control.edit.vnicOf(target) ?? target) : target;
}

function ociPlace(location: Location): readonly OciPlace[] {
  const { cloud } = location;
  return cloud?.provider === "oci" ? [{ location, cloud }] : [];
}

/** The route tables of a location as they are seeded. */
function tablesOf({ location, cloud }: OciPlace): readonly string[] {
  const { routeTables } = cloud;
  return routeTables.by === "id" ? routeTables.ids : [`ocid1.routetable.oc1.local.${location.id.toLowerCase()}`];
}

function vnicOf(host: Host): string {
  const target = host.target ?? "auto";
  return target.startsWith("ocid1.vnic.") ? target : `ocid1.vnic.oc1.local.${host.id.toLowerCase()}`;
}

function privateIpOf(host: Host): string {
  const target = host.target ?? "auto";
  return target.startsWith("ocid1.privateip.") ? target : primaryOf(vnicOf(host));
}

function worldOf(network: Network): WorldSeed {
  const places = network.links.flatMap((link) => link.locations).flatMap(ociPlace);
  const subnetOf = ({ location }: OciPlace) => `ocid1.subnet.oc1.local.${location.id.toLowerCase()}`;
  return {
    vcns: places.map((place) => ({ id: place.cloud.vcn, compartment: place.cloud.compartment, cidrs: cidrsOf(place) })),
    subnets: places.map((place) => {
      const { vcn, compartment } = place.cloud;
      const securityLists = [listOf(vcn)];
      return { id: subnetOf(place), vcn, compartment, cidr: cidrsOf(place)[0] ?? "", securityLists };
    }),
    securityLists: places.map(({ cloud: { vcn, compartment } }) => {
      return { id: listOf(vcn), vcn, compartment, ingress: [{ source: "0.0.0.0/0" }] };
    }),
    vnics: places.flatMap((place) =>
      place.location.hosts.flatMap((host, at) => (host.static ? [] : [vnicSeed(place, subnetOf(place), host, at)])),
    ),
    secondaryIps: places.flatMap((place) => {
      const { floatingIp: id, compartment } = place.cloud;
      if (id === undefined) return [];
      const address = localAddress(place.location, place.location.hosts.length);
      // On no VNIC yet: the first swap puts it on the active host, and it is Pointsman's from then on.
      return [{ id, subnet: subnetOf(place), compartment, address, vnic: null }];
    }),
    routeTables: places.flatMap((place) =>
      tablesOf(place).map((id) => {
        const { vcn, compartment, routeTables: by } = place.cloud;
        return { id, vcn, compartment, freeformTags: by.by === "tag" ? { [by.key]: by.value } : {} };
      }),
    ),
  };
}

/** The security list of a VCN's subnets, open to everything. */
const listOf = (vcn: string): string => vcn.replace(/^ocid1\.vcn\./, "ocid1.securitylist.");

function cidrsOf({ location }: OciPlace): string[] {
  const cidrs = location.networks.filter((cidr) => familyOf(cidr) === 4);
  return cidrs.length > 0 ? cidrs : ["192.0.2.0/24"];
}

function vnicSeed({ location, cloud }: OciPlace, subnet: string, host: Host, at: number) {
  return {
    id: vnicOf(host),
    subnet,
    compartment: cloud.compartment,
    address: localAddress(location, at),
    privateIp: privateIpOf(host),
    freeformTags: { Name: host.name, "pointsman-host": host.id },
  };
}

/** What a seed names and the world does not have yet: what stands, with its rules, is left as it is. */
function missingFrom(world: World, seed: WorldSeed): WorldSeed {
  const lacking = <T extends { readonly id: string }>(
    known: readonly { readonly id: string }[],
    items: readonly T[] = [],
  ) => items.filter(({ id }) => !known.some((other) => other.id === id));
  return {
    vcns: lacking(world.vcns, seed.vcns),
    subnets: lacking(world.subnets, seed.subnets),
    securityLists: lacking(world.securityLists, seed.securityLists),
    vnics: lacking(world.vnics, seed.vnics),
    secondaryIps: lacking(world.secondaryIps, seed.secondaryIps),
    routeTables: lacking(world.routeTables, seed.routeTables),
  };
}

function apiKey(): ApiKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const [tenancy, user] = ["ocid1.tenancy.oc1..local", "ocid1.user.oc1..pointsman"];
  const fingerprint = Array.from({ length: 16 }, () => "10").join(":");
  const secret = JSON.stringify({ tenancy, user, fingerprint, privateKey });
  return { keyId: `${tenancy}/${user}/${fingerprint}`, publicKey, secret };
}
