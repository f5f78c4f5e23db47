import * as z from "zod/mini";
import { parseCidr } from "../domain/cidr.ts";
import { Name } from "../domain/ids.ts";
import { networkFileLimits } from "../domain/limits.ts";
import { IpAddress } from "../domain/network.ts";
import { durationMs, durationPattern, durationText } from "./duration.ts";
import { wrong } from "./wording.ts";

/** `true` or `false`; `yes` and `on` are texts in YAML 1.2. */
export const flag = () => z.boolean(wrong("neither true nor false", "true or false"));

/** One of a few words. */
export const oneOf = <const T extends readonly string[]>(options: T) =>
  z.enum(options, wrong("not one of the choices", options.join(" or ")));

/** A whole number between two bounds, both included. */
export function wholeNumber(what: string, least: number, most: number) {
  const wording = wrong(what, `a whole number from ${least} to ${most}`);
  return z.int(wording).check(z.minimum(least, wording), z.maximum(most, wording));
}

/** A duration between two bounds in milliseconds, both included; stays the text that stands in the file. */
export function duration(leastMs: number, mostMs: number, example: string) {
  const shape = wrong("not a duration", `a whole number with ms, s or m, such as ${example}`);
  return z.string(shape).check(
    z.regex(durationPattern, { ...shape, abort: true }),
    z.refine((text) => durationMs(text) >= leastMs, wrong("too short", `${durationText(leastMs)} or more`)),
    z.refine((text) => durationMs(text) <= mostMs, wrong("too long", `${durationText(mostMs)} or less`)),
  );
}

/** A list of names of locations of the same link. */
export const nameList = () =>
  z.array(Name, wrong("not a list", "a list of location names in brackets, such as [us-east, office]"));

const network = wrong("not a network", "one in CIDR form, such as 10.0.0.0/16 or fd00:1::/64");

function networkReason(text: string): string | undefined {
  if (text.length > 64) return network.error({ input: text });
  if (/^(?:\d+\.)*0\d/.test(text)) {
    return "a number with a leading zero, which some read as octal: write plain decimal numbers, such as 10.0.0.0/16";
  }
  const result = parseCidr(text);
  if ("cidr" in result) return undefined;
  if (result.canonical === undefined) return network.error({ input: text });
  return `not the canonical form of a network: write ${result.canonical}`;
}

/** A network in canonical CIDR form. */
export const networkText = () =>
  z
    .string(network)
    .check(
      z.refine((text) => networkReason(text) === undefined, { error: (issue) => networkReason(String(issue.input)) }),
    );

/** An IPv4 or IPv6 address. */
export function addressText() {
  const wording = wrong("not an IP address", "one such as 203.0.113.9 or 2001:db8::9");
  return z.string(wording).check(z.refine((text) => text.length <= 45 && IpAddress.safeParse(text).success, wording));
}

/** What the routes of a location point at while a host is active, in the words of its cloud. */
export function targetText() {
  const wording = wrong("not a route target", "an interface, a machine or an address of the location's cloud, or auto");
  return z.string(wording).check(z.regex(/^[\x21-\x7e]{1,512}$/, wording));
}

/** One strongSwan proposal: keywords joined by `-`. Only its shape is checked: hosts differ in what they know. */
function proposalText(example: string) {
  const wording = wrong(
    "not a proposal",
    `one proposal of algorithms in lower case joined by '-', such as ${example}; in place of '!' write force: true`,
  );
  return z.string(wording).check(z.refine((text) => isProposal(text), { ...wording, abort: true }));
}

function isProposal(text: string): boolean {
  const words = text.split("-", networkFileLimits.proposalWords + 1);
  return (
    words.length <= networkFileLimits.proposalWords && words.every((word) => /^(?=\d*[a-z])[a-z0-9_]{2,32}$/.test(word))
  );
}

/** Keywords of key exchange methods; IKE cannot do without one. Source: strongSwan, "Algorithm Proposals". */
const keyExchange =
  /(?:^|-)(?:(?:x|curve)(?:25519|448)|modp(?:null|\d+(?:s\d+)?)|ecp\d+(?:bp)?|(?:ke\d_)?mlkem\d+|ntru\d+)(?:-|$)/;

/** A proposal for IKE. */
export const ikeProposal = () =>
  proposalText("aes128-sha256-x25519").check(
    z.refine(
      (text) => keyExchange.test(text),
      wrong("an IKE proposal without a key exchange", "one with it, such as aes128-sha256-x25519"),
    ),
  );

/** A proposal for ESP. */
export const espProposal = () => proposalText("aes128gcm128-x25519");
