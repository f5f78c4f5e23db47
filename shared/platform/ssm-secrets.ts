import type { Clock } from "../ports/clock.ts";
import type { Secrets } from "../ports/secrets.ts";

/** How long a read admin token hash is taken: a rotated token goes on working in a warm container for this long. ms */
const tokenHashKeepMs = 5 * 60_000;
const masterKeyBytes = 32;

type Names = { readonly masterKey: string; readonly adminTokenHash: string };

/**
 * Secrets from parameters that `read` gives by name: the master key as base64 of 32 bytes, the admin token's SHA-256 as
 * lower-case hex. The master key never changes and is kept until the process ends; the hash is read anew after five
 * minutes. Callers at the same time share one read; a failed read is not kept. Throws what `read` throws, and
 * an Error that names the parameter when its value has another form.
 */
export function parameterSecrets(read: (name: string) => Promise<string>, names: Names, clock: Clock): Secrets {
  return {
    masterKey: kept(() => read(names.masterKey).then((text) => decodeKey(text, names.masterKey)), Infinity, clock),
    adminTokenHash: kept(
      () => read(names.adminTokenHash).then((text) => checkHash(text, names.adminTokenHash)),
      tokenHashKeepMs,
      clock,
    ),
  };
}

function kept<T>(load: () => Promise<T>, keepMs: number, clock: Clock): () => Promise<T> {
  let held: { readonly value: Promise<T>; readonly sinceMs: number } | undefined;
  return () => {
    const nowMs = clock.monotonicMs();
    if (held !== undefined && nowMs - held.sinceMs < keepMs) return held.value;
    const fresh = { value: load(), sinceMs: nowMs };
    held = fresh;
    fresh.value.catch(() => {
      if (held === fresh) held = undefined;
    });
    return fresh.value;
  };
}

function decodeKey(text: string, name: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== masterKeyBytes || bytes.toString("base64") !== text) {
    throw new Error(`secrets: ${name} is not base64 of ${masterKeyBytes} bytes: see \`pointsman init\``);
  }
  return new Uint8Array(bytes);
}

function checkHash(text: string, name: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new Error(`secrets: ${name} is not a SHA-256 in lower-case hex: see \`pointsman init\``);
  }
  return text;
}
