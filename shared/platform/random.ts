import { randomFillSync } from "node:crypto";
import type { Random } from "../ports/clock.ts";

/** Asking the operating system costs more than what little is asked for at a time. */
const poolBytes = 4_096;
const pool = Buffer.alloc(poolBytes);
let used = poolBytes;

/** Chance from the operating system. */
export const systemRandom: Random = {
  bytes(count) {
    if (count > poolBytes) return new Uint8Array(randomFillSync(Buffer.alloc(count)));
    if (used + count > poolBytes) {
      randomFillSync(pool);
      used = 0;
    }
    const bytes = new Uint8Array(pool.subarray(used, used + count));
    used += count;
    return bytes;
  },
};
