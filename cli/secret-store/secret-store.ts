import { createHash } from "node:crypto";
import type { Random } from "../../shared/ports/clock.ts";

/** Where `init` and `rotate token` put secrets: the platform's secret store, written with the platform's credentials. */
export interface SecretStore {
  readonly masterKeyPlace: string;
  readonly tokenPlace: string;
  /** Writes the master key (base64 of 32 bytes). False, and nothing written, when there is one: never overwrites. */
  putMasterKey(key: string): Promise<boolean>;
  /** Writes the first admin token. False, and nothing written, when there is one. */
  putToken(token: string): Promise<boolean>;
  /** Writes an admin token in the place of the one before. */
  replaceToken(token: string): Promise<void>;
}

/** A new master key: base64 of 32 random bytes. */
export function newMasterKey(random: Random): string {
  return Buffer.from(random.bytes(32)).toString("base64");
}

/** A new admin token: `pm_` and 43 characters, 256 bits. */
export function newToken(random: Random): string {
  return `pm_${Buffer.from(random.bytes(32)).toString("base64url")}`;
}

/** What a deployment keeps of a token: its SHA-256, lower-case hex. */
export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
