import { InputError } from "../../shared/domain/errors.ts";
import type { Id } from "../../shared/domain/ids.ts";
import { emptyNetwork, type Network } from "../../shared/domain/network.ts";
import { compileNetwork } from "../../shared/network-file/compile.ts";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";

/** A file of one link, `backbone`, with two regions and an office. */
export const sample = `version: 1
links:
  backbone:
    ciphers: { ike: aes128-sha256-x25519, esp: aes128gcm128-x25519, force: true }
    locations:
      us-east:
        networks: [10.0.0.0/16]
        cloud: { provider: aws, region: us-east-1, vpc: vpc-0a1, routeTables: [rtb-0a1, rtb-0a2] }
        hosts:
          a1: { priority: 20, timeout: 30s, backoff: 60s, target: eni-0a1 }
          a2: { priority: 10, target: eni-0a2 }
      eu-west:
        networks: [10.1.0.0/16, "fd00:1::/64"]
        cloud: { provider: aws, region: eu-west-1, vpc: vpc-0b1, routeTables: all }
        hosts: { b1: { priority: 20 }, b2: {} }
      office:
        networks: [192.168.0.0/16]
        hosts: { router: { static: true, publicAddress: 203.0.113.9 } }
`;

/** The sample with one text in it replaced; throws when it is not in it. */
export function sampleWith(replaced: string, by: string): string {
  if (!sample.includes(replaced)) throw new Error(`the sample does not hold ${replaced}`);
  return sample.replace(replaced, by);
}

/** Ids in order: `id1`, `id2`, … */
export function counter(prefix = "id"): () => Id {
  let last = 0;
  return () => {
    last += 1;
    return `${prefix}${last}`;
  };
}

/** Compiles texts one after the other, each on top of the one before; returns every network. */
export function compiled(...texts: readonly string[]): readonly Network[] {
  const newId = counter();
  const networks: Network[] = [];
  for (const text of texts) {
    networks.push(compileNetwork(parseNetworkFile(text), networks.at(-1) ?? emptyNetwork, newId));
  }
  return networks;
}

/** The mistakes of a text as lines; empty when it is right. Lets any other error through. */
export function mistakesOf(text: string): readonly string[] {
  try {
    parseNetworkFile(text);
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message.split("\n");
  }
}
