import { parse, stringify } from "yaml";
import { limits } from "../../shared/domain/limits.ts";
import { durationText } from "../../shared/network-file/duration.ts";

const title = "# The sample network of `npm start`: two AWS regions with two hosts each, and an office.";

/**
 * The sample network file. Host checks are on unless the time-out is shorter than they allow: one silent peer
 * stretches an agent's interval to 4 s.
 */
export function sampleNetwork(timeoutMs: number): string {
  const timeout = durationText(timeoutMs);
  const hostCheck = timeoutMs >= limits.networkFile.timeoutWithChecksMs;
  return `${title}
version: 1
links:
  backbone:
    hostCheck: ${hostCheck}
    ciphers: { ike: aes128-sha256-x25519, esp: aes128gcm128-x25519, force: true }
    locations:
      us-east:
        networks: [10.0.0.0/16, 10.2.0.0/16]
        cloud: { provider: aws, region: us-east-1, vpc: vpc-0a1, routeTables: [rtb-0a1, rtb-0a2] }
        hosts:
          a1: { priority: 20, timeout: ${timeout}, target: eni-0a1 }
          a2: { priority: 10, timeout: ${timeout}, target: eni-0a2 }
      eu-west:
        networks: [10.1.0.0/16]
        cloud: { provider: aws, region: eu-west-1, vpc: vpc-0b1, routeTables: [rtb-0b1, rtb-0b2] }
        hosts:
          b1: { priority: 20, timeout: ${timeout}, target: eni-0b1 }
          b2: { priority: 10, timeout: ${timeout}, target: auto }
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
