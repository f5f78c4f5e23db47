import { ExportError } from "./export-error.ts";

export type Encryption =
  | { readonly kind: "cbc"; readonly bits: 128 | 192 | 256 }
  | { readonly kind: "gcm"; readonly bits: 128 | 192 | 256; readonly icvBits: 64 | 96 | 128 }
  | { readonly kind: "chacha20poly1305" };
export type Hash = "md5" | "sha1" | "sha256" | "sha384" | "sha512";

/** One proposal in its parts, for devices that ask for each by itself. `group` is the number that IANA gave it. */
export type Proposal = {
  readonly encryption: Encryption;
  readonly integrity: Hash | undefined;
  readonly prf: Hash | undefined;
  readonly group: number | undefined;
};

const hashes: Readonly<Record<string, Hash>> = {
  md5: "md5",
  sha: "sha1",
  sha1: "sha1",
  sha256: "sha256",
  sha2_256: "sha256",
  sha384: "sha384",
  sha2_384: "sha384",
  sha512: "sha512",
  sha2_512: "sha512",
};

const groups: Readonly<Record<string, number>> = {
  modp768: 1,
  modp1024: 2,
  modp1536: 5,
  modp2048: 14,
  modp3072: 15,
  modp4096: 16,
  modp6144: 17,
  modp8192: 18,
  ecp256: 19,
  ecp384: 20,
  ecp521: 21,
  modp1024s160: 22,
  modp2048s224: 23,
  modp2048s256: 24,
  ecp192: 25,
  ecp224: 26,
  ecp224bp: 27,
  ecp256bp: 28,
  ecp384bp: 29,
  ecp512bp: 30,
  x25519: 31,
  curve25519: 31,
  x448: 32,
  curve448: 32,
};

/**
 * Reads one strongSwan proposal. Source of the keywords and numbers:
 * https://docs.strongswan.org/docs/latest/config/proposals.html
 * Throws `ExportError` for a keyword that is not known here, and for more than one algorithm of a kind.
 */
export function parseProposal(text: string): Proposal {
  const found: { encryption?: Encryption; integrity?: Hash; prf?: Hash; group?: number } = {};
  for (const word of text.split("-")) {
    const part = partOf(word);
    if (part === undefined) throw unsupported(text, `"${word}" is not a keyword that this export knows`);
    const [kind] = Object.keys(part);
    if (kind !== undefined && kind in found) throw unsupported(text, `"${word}" is a second ${kind}`);
    Object.assign(found, part);
  }
  const { encryption, integrity, prf, group } = found;
  if (encryption === undefined) throw unsupported(text, "it has no encryption");
  if (encryption.kind === "cbc" && integrity === undefined) throw unsupported(text, "it has no hash");
  return { encryption, integrity, prf, group };
}

function partOf(word: string): Partial<Proposal> | undefined {
  const encryption = encryptionOf(word);
  if (encryption !== undefined) return { encryption };
  const integrity = own(hashes, word);
  if (integrity !== undefined) return { integrity };
  const prf = word.startsWith("prf") ? own(hashes, word.slice(3)) : undefined;
  if (prf !== undefined) return { prf };
  const group = own(groups, word);
  return group === undefined ? undefined : { group };
}

function own<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

function encryptionOf(word: string): Encryption | undefined {
  if (word === "chacha20poly1305") return { kind: "chacha20poly1305" };
  const match = /^aes(128|192|256)?(?:(gcm)(8|12|16|64|96|128)?)?$/.exec(word);
  if (match === null) return undefined;
  const [, bitsText, mode, icv] = match;
  const bits = bitsText === "192" ? 192 : bitsText === "256" ? 256 : 128;
  if (mode === undefined) return { kind: "cbc", bits };
  const icvBits = icv === "8" || icv === "64" ? 64 : icv === "12" || icv === "96" ? 96 : 128;
  return { kind: "gcm", bits, icvBits };
}

function unsupported(text: string, why: string): ExportError {
  return new ExportError(
    "cipher-unsupported",
    `the proposal ${text} cannot be written in this format: ${why}`,
    "give the link one algorithm of each kind, such as aes128-sha256-ecp256, or take --format swanctl or ipsec.conf, which pass proposals on as they are",
  );
}
