import type { Guard } from "../ports/route-provider.ts";
import { askExecutor } from "./call.ts";
import { executorLimits } from "./limits.ts";
import { Answered } from "./messages.ts";
import type { RemoteParts } from "./remote.ts";
import type { Held } from "./write.ts";

/**
 * Renews the permit of a write until `ended` aborts, where requests reach the process that it runs in: calls that take
 * seconds go on then, and what the next ones rest on was read already. Resolves to when the challenge of the last permit was
 * here, by the monotonic clock. Whatever goes wrong only ends the renewing: the write then ends with its permit.
 */
export async function renewWhile(
  parts: RemoteParts,
  { executor, heldMs }: Held,
  turn: { readonly run: string; readonly locationId: string; readonly epoch: number },
  guard: Guard,
  ended: AbortSignal,
): Promise<number> {
  const { clock } = parts;
  let lastMs = heldMs;
  let challenge: string | undefined;
  try {
    await clock.sleep(executorLimits.renewMs, ended);
    while (!ended.aborted) {
      const message = { ...turn, ...(challenge !== undefined && { challenge }) };
      const ask = {
        operation: "permit",
        message,
        schema: Answered.permit,
        waitMs: executorLimits.challengeMs,
        signal: ended,
      } as const;
      const heard = await askExecutor(parts, executor, ask);
      // Another process answered, or the write is over.
      if (heard.kind !== "done" || !heard.value.isHere) break;
      const hereMs = clock.monotonicMs();
      if (challenge !== undefined) await clock.sleep(executorLimits.renewMs, ended);
      if (ended.aborted) break;
      // Younger than the challenge, however long the pause was.
      await guard(hereMs);
      challenge = heard.value.challenge;
      lastMs = hereMs;
    }
  } catch {
    // The guard's refusal: the next permit of the write meets it too, and tells of it.
  }
  return lastMs;
}
