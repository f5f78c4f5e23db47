import { parse, stringify } from "yaml";
import type { ProviderName } from "../../shared/domain/clouds/cloud.ts";
import { networkFileLimits } from "../../shared/domain/limits.ts";
import { durationText } from "../../shared/network-file/duration.ts";

const title = "# The sample network of `npm start`: two hosts in each cloud, and an office.";

/** The clouds of the sample, in the order in which they fail over. */
export const sampleClouds = ["aws", "azure", "gcp", "oci", "hetzner"] as const satisfies readonly ProviderName[];

const subscription = "0b1f6471-1bf0-4dda-aec3-cb9272f09590";

/** Each cloud's location, as lines of the file; `hosts` are told apart by a letter. */
const places: Readonly<
  Record<ProviderName, { readonly lines: readonly string[]; readonly targets: readonly string[] }>
> = {
  aws: {
    lines: [
      "us-east:",
      "  networks: [10.0.0.0/16, 10.2.0.0/16]",
      "  cloud: { provider: aws, region: us-east-1, vpc: vpc-0a1, routeTables: [rtb-0a1, rtb-0a2] }",
    ],
    targets: ["eni-0a1", "eni-0a2"],
  },
  azure: {
    lines: [
      "eu-west:",
      "  networks: [10.1.0.0/16]",
      `  cloud: { provider: azure, subscription: ${subscription}, resourceGroup: rg-network, virtualNetwork: vnet-west, routeTables: [rt-private] }`,
    ],
    targets: ["auto", "auto"],
  },
  gcp: {
    lines: [
      "eu-north:",
      "  networks: [10.3.0.0/16]",
      "  cloud: { provider: gcp, project: acme-network, network: vpc-main }",
    ],
    targets: ["auto", "auto"],
  },
  oci: {
    lines: [
      "phoenix:",
      "  networks: [10.4.0.0/16]",
      "  cloud:",
      "    provider: oci",
      "    region: us-phoenix-1",
      "    compartment: ocid1.compartment.oc1..sample",
      "    vcn: ocid1.vcn.oc1.phx.sample",
      "    routeTables: [ocid1.routetable.oc1.phx.sample]",
      "    identity: { secret: pointsman/oci }",
    ],
    targets: ["auto", "auto"],
  },
  hetzner: {
    lines: [
      "falkenstein:",
      "  networks: [10.5.0.0/16]",
      "  cloud: { provider: hetzner, network: 4711, token: pointsman/hetzner }",
    ],
    targets: ["auto", "auto"],
  },
};

/**
 * The sample network file, with a location in each of the clouds. Host checks are on unless the time-out is shorter
 * than they allow: one silent peer stretches an agent's interval to 4 s.
 */
export function sampleNetwork(timeoutMs: number, clouds: readonly ProviderName[] = sampleClouds): string {
  const timeout = durationText(timeoutMs);
  const hostCheck = timeoutMs >= networkFileLimits.timeoutWithChecksMs;
  const locations = clouds.flatMap((cloud) => {
    const letter = "abcde"[sampleClouds.indexOf(cloud)] ?? "x";
    const hosts = places[cloud].targets.map(
      (target, at) => `    ${letter}${at + 1}: { priority: ${20 - 10 * at}, timeout: ${timeout}, target: ${target} }`,
    );
    return [...places[cloud].lines, "  hosts:", ...hosts].map((line) => `      ${line}`);
  });
  return `${title}
version: 1
links:
  backbone:
    hostCheck: ${hostCheck}
    ciphers: { ike: aes128-sha256-x25519, esp: aes128gcm128-x25519, force: true }
    locations:
${locations.join("\n")}
      office:
        networks: [192.168.0.0/16]
        hosts:
          router: { static: true, publicAddress: 203.0.113.9 }
`;
}

/** Whether a network file is the sample, with whatever time-out. */
export function isSample(source: string): boolean {
  return source.startsWith(title);
}

/**
 * A network file with another time-out for every host that heartbeats. Comments are lost. A text that is no network file is
 * returned as it is, for the server to say what is wrong with it.
 */
export function withTimeout(source: string, timeoutMs: number): string {
  const file = readOr(source, undefined);
  for (const link of valuesOf(file, "links")) {
    for (const location of valuesOf(link, "locations")) {
      for (const host of valuesOf(location, "hosts")) {
        if (isMap(host) && host["static"] !== true) host["timeout"] = durationText(timeoutMs);
      }
    }
  }
  return file === undefined ? source : stringify(file);
}

type Plain = Record<string, unknown>;

function readOr(source: string, fallback: undefined): unknown {
  try {
    return parse(source);
  } catch {
    return fallback;
  }
}

function isMap(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valuesOf(parent: unknown, key: string): readonly unknown[] {
  const child = isMap(parent) ? parent[key] : undefined;
  return isMap(child) ? Object.values(child) : [];
}
