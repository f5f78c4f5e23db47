import { isIPv4, isIPv6 } from "node:net";

/** Whether a text is an IPv4 address in the usual four-number form. */
export function isIpv4(text: string): boolean {
  return isIPv4(text);
}

/** Whether a text is an IPv6 address without a zone. */
export function isIpv6(text: string): boolean {
  return isIPv6(text) && !text.includes("%");
}
