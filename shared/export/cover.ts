import ipaddr from "ipaddr.js";
import { familyOf } from "../domain/cidr.ts";

/** The smallest network that holds all of these, which are canonical and of one family. Throws for none. */
export function coverOf(networks: readonly string[]): string {
  const parsed = networks.map((network) => ipaddr.parseCIDR(network));
  const [first] = parsed;
  const [text] = networks;
  if (first === undefined || text === undefined) throw new Error("nothing to cover");
  const bits = Math.min(
    ...parsed.map(([, length]) => length),
    ...parsed.map(([address]) => commonBits(first[0].toByteArray(), address.toByteArray())),
  );
  const wide = `${first[0].toString()}/${bits}`;
  const network =
    familyOf(text) === 4 ? ipaddr.IPv4.networkAddressFromCIDR(wide) : ipaddr.IPv6.networkAddressFromCIDR(wide);
  return `${network.toString()}/${bits}`;
}

function commonBits(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  if (at === -1) return a.length * 8;
  return at * 8 + Math.clz32((a[at] ?? 0) ^ (b[at] ?? 0)) - 24;
}
