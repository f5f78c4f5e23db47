import { parseCidr } from "../../domain/cidr.ts";
import type { FirewallRule } from "../../domain/firewall.ts";

const PROTOCOLS: Readonly<Record<string, string>> = { all: "any", "6": "tcp", "17": "udp" };

/** One rule a range of ports, such as `500` or `8000-8080`; one in all where none is named. */
export function onPorts(
  rule: Omit<FirewallRule, "protocol" | "ports">,
  protocol: string,
  ports: readonly string[],
): readonly FirewallRule[] {
  const plain: FirewallRule = { ...rule, protocol: PROTOCOLS[protocol] ?? protocol };
  if (ports.length === 0) return [plain];
  return ports.map((range) => {
    const [first = "0", last = first] = range.split("-");
    return { ...plain, ports: [Number(first), Number(last)] as const };
  });
}

/** A range as Google writes it, which may be an address alone; nothing where it cannot be read. */
export function cidrOf(range: string): readonly string[] {
  const read = parseCidr(range.includes("/") ? range : `${range}/${range.includes(":") ? 128 : 32}`);
  const canonical = "cidr" in read ? read.cidr : read.canonical;
  return canonical === undefined ? [] : [canonical];
}
