import type { Clock } from "../ports/clock.ts";
import type { CloudSecrets } from "../ports/cloud-secrets.ts";

/** How long a secret is taken without being read anew: a rotated one is in force in a warm container after this. ms */
const keepMs = 5 * 60_000;
/** A secret that was refused is read anew at most this often, so that a wrong one does not cost a call each time. ms */
const refusedKeepMs = 10_000;

type Held = { readonly value: Promise<string>; readonly sinceMs: number; isRefused: boolean };

/** Keeps what `read` gives by reference for a few minutes. Callers at the same time share one read; a failed one is not kept. */
export function keptSecrets(read: (reference: string) => Promise<string>, clock: Clock): CloudSecrets {
  const held = new Map<string, Held>();
  return {
    read(reference) {
      const nowMs = clock.monotonicMs();
      const known = held.get(reference);
      const isGood = known !== undefined && nowMs - known.sinceMs < (known.isRefused ? refusedKeepMs : keepMs);
      if (isGood) return known.value;
      const fresh: Held = { value: read(reference), sinceMs: nowMs, isRefused: false };
      held.set(reference, fresh);
      fresh.value.catch(() => {
        if (held.get(reference) === fresh) held.delete(reference);
      });
      return fresh.value;
    },
    forget(reference) {
      const known = held.get(reference);
      if (known === undefined) return;
      if (clock.monotonicMs() - known.sinceMs >= refusedKeepMs) held.delete(reference);
      else known.isRefused = true;
    },
  };
}
