import * as z from "zod/mini";
import { Id } from "../domain/ids.ts";
import type { Examine } from "../ports/examinations.ts";
import type { Tick, Wake } from "../ports/queues.ts";

/** What comes over the queues of a platform, as schemas: a message may have been sent by an older version, or by anybody. */

const Cause = z.enum(["decision", "reconcile", "continue", "verify"]);
const place = { linkId: Id, locationId: Id };
const round = z.int().check(z.nonnegative());
const dueMs = z.number();

/** A message on the swap queue. */
export const WakeMessage: z.ZodMiniType<Wake> = z.strictObject({ ...place, cause: Cause, round });

/** A message on the swap queue that asks for an examination. */
const ExamineMessage: z.ZodMiniType<Examine> = z.strictObject({
  kind: z.literal("examine"),
  ...place,
  examinationId: Id,
  untilMs: z.number(),
});

/** Everything that comes over the swap queue. */
export const SwapMessage: z.ZodMiniType<Wake | Examine> = z.union([WakeMessage, ExamineMessage]);

/** A message on the tick queue. */
export const TickMessage: z.ZodMiniType<Tick> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("sweep"), dueMs }),
  z.strictObject({ kind: z.literal("moment"), dueMs, ...place }),
  z.strictObject({ kind: z.literal("wake"), dueMs, ...place, cause: Cause, round }),
]);

/** A message of a queue from its JSON; undefined for one that is not as `schema` says. */
export function readMessage<M>(schema: z.ZodMiniType<M>, body: string): M | undefined {
  try {
    return z.parse(schema, JSON.parse(body));
  } catch {
    return undefined;
  }
}
