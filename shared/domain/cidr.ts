import ipaddr from "ipaddr.js";
import * as z from "zod/mini";

/** Why a text is not a network, and the canonical text that was probably meant, if there is one. */
export type CidrProblem = { readonly reason: string; readonly canonical?: string };

/**
 * Reads a network in CIDR form and returns its canonical text (`10.0.0.0/16`, `fd00::/64`), or the problem.
 * Host bits are a problem rather than masked silently: a route call of a cloud needs the exact network.
 */
export function parseCidr(text: string): { readonly cidr: string } | CidrProblem {
  let canonical: string;
  try {
    const [address, bits] = ipaddr.parseCIDR(text);
    const isV4 = address.kind() === "ipv4";
    if (isV4 && !/^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}$/.test(text)) {
      return { reason: "not four decimal numbers and a prefix length" };
    }
    if (text.includes("%")) return { reason: "a network has no zone" };
    const network = isV4 ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text);
    canonical = `${network.toString()}/${bits}`;
  } catch {
    return { reason: "not a network in CIDR form, such as 10.0.0.0/16 or fd00:1::/64" };
  }
  if (canonical !== text) return { reason: "not in canonical form", canonical };
  return { cidr: canonical };
}

export const Cidr = z.string().check(
  z.refine((text) => "cidr" in parseCidr(text), {
    error: (issue) => {
      const result = parseCidr(String(issue.input));
      if ("cidr" in result) return "a network";
      return result.canonical === undefined ? result.reason : `${result.reason}: write ${result.canonical}`;
    },
  }),
);
export type Cidr = z.infer<typeof Cidr>;

/** The address family of a canonical CIDR. */
export function familyOf(cidr: Cidr): 4 | 6 {
  return cidr.includes(":") ? 6 : 4;
}

/** Whether two canonical CIDRs have an address in common. */
export function overlap(a: Cidr, b: Cidr): boolean {
  if (familyOf(a) !== familyOf(b)) return false;
  const [addressA, bitsA] = ipaddr.parseCIDR(a);
  const [addressB, bitsB] = ipaddr.parseCIDR(b);
  const bits = Math.min(bitsA, bitsB);
  return addressA.match(addressB, bits);
}

/** Whether every address of `inner` is one of `outer`; both canonical. */
export function covers(outer: Cidr, inner: Cidr): boolean {
  return overlap(outer, inner) && prefixLength(outer) <= prefixLength(inner);
}

function prefixLength(cidr: Cidr): number {
  return Number(cidr.slice(cidr.indexOf("/") + 1));
}
