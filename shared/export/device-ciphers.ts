import type { DeviceDescription } from "./description.ts";
import { ExportError } from "./export-error.ts";
import { type Encryption, type Hash, type Proposal, parseProposal } from "./proposal.ts";

/** What a device can be told, in its own words. */
export type DeviceAbilities = {
  readonly device: string;
  /** The device's own words for an encryption; undefined for one that it does not have. */
  readonly encryption: (encryption: Encryption) => string | undefined;
  readonly groups: ReadonlySet<number>;
  /** Whether a PRF can be told apart from the hash. */
  readonly hasPrf: boolean;
};

/** The link's proposals in parts that the device has. */
export type DeviceCiphers = {
  readonly ike: {
    readonly encryption: string;
    readonly hash: Hash;
    readonly prf: Hash | undefined;
    readonly group: number;
  };
  /** The hash stands beside an AEAD cipher too, where devices want one and ignore it. */
  readonly esp: { readonly encryption: string; readonly hash: Hash; readonly group: number | undefined };
};

/**
 * Takes the link's proposals apart for a device. Throws `ExportError` when the link leaves its ciphers to the agents,
 * since what they choose then is not known here, or when the device lacks one of them.
 */
export function deviceCiphers({ link, ciphers }: DeviceDescription, abilities: DeviceAbilities): DeviceCiphers {
  if (ciphers === null) {
    throw new ExportError(
      "ciphers-unset",
      `the link ${link} leaves its ciphers to the agents, and ${abilities.device} needs to be told them`,
      `set ciphers of ${link} in the network file, such as { ike: aes128-sha256-ecp256, esp: aes128gcm128-ecp256 }; or take --format swanctl or ipsec.conf, which offer the defaults of strongSwan`,
    );
  }
  const ike = parseProposal(ciphers.ike);
  const esp = parseProposal(ciphers.esp);
  const ikeHash = ike.integrity ?? ike.prf ?? "sha256";
  const isPrfPlain = ike.prf === undefined || ike.prf === ikeHash;
  if (!abilities.hasPrf && !isPrfPlain) throw lacks(abilities, ciphers.ike, "PRF apart from the hash");
  return {
    ike: {
      encryption: wordOf(abilities, ciphers.ike, ike),
      hash: ikeHash,
      prf: ike.prf,
      group: groupOf(abilities, ciphers.ike, ike) ?? 0,
    },
    esp: {
      encryption: wordOf(abilities, ciphers.esp, esp),
      hash: esp.integrity ?? "sha256",
      group: groupOf(abilities, ciphers.esp, esp),
    },
  };
}

function wordOf(abilities: DeviceAbilities, text: string, { encryption }: Proposal): string {
  const word = abilities.encryption(encryption);
  if (word === undefined) throw lacks(abilities, text, "that encryption");
  return word;
}

function groupOf(abilities: DeviceAbilities, text: string, { group }: Proposal): number | undefined {
  if (group === undefined || abilities.groups.has(group)) return group;
  throw lacks(abilities, text, `DH group ${group}`);
}

function lacks({ device }: DeviceAbilities, text: string, what: string): ExportError {
  return new ExportError(
    "cipher-unsupported",
    `${device} has no ${what.replace(/^that /, "such ")}, which the link's proposal ${text} asks for`,
    "give the link ciphers that all of its devices have, such as { ike: aes128-sha256-ecp256, esp: aes128gcm128-ecp256 }",
  );
}
