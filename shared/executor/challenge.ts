import { createHmac } from "node:crypto";
import type { Clock, Random } from "../ports/clock.ts";
import { executorLimits } from "./limits.ts";
import { isSameSignature } from "./sign.ts";

/** Whether a challenge is one of this process, and until when calls may be begun by it, by the monotonic clock, ms. */
export type Judged = { readonly kind: "ours"; readonly untilMs: number } | { readonly kind: "foreign" };

/** Issues challenges, and knows them again. */
export type Challenges = {
  issue(): string;
  judge(challenge: string): Judged;
};

/**
 * Challenges of this process: when each was issued, by its own monotonic clock, sealed with a key that never leaves the
 * process. No other process can tell how old one is, or make one.
 */
export function createChallenges(clock: Clock, random: Random): Challenges {
  const key = random.bytes(32);
  const seal = (text: string): string => createHmac("sha256", key).update(text).digest("base64url");
  return {
    issue() {
      const text = `${Math.floor(clock.monotonicMs())}.${Buffer.from(random.bytes(12)).toString("base64url")}`;
      return `${text}.${seal(text)}`;
    },
    judge(challenge) {
      const end = challenge.lastIndexOf(".");
      const text = challenge.slice(0, Math.max(0, end));
      if (!isSameSignature(seal(text), challenge.slice(end + 1))) return { kind: "foreign" };
      return { kind: "ours", untilMs: Number(text.split(".")[0]) + executorLimits.permitMs };
    },
  };
}
