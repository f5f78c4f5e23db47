import { randomBytes } from "node:crypto";
import type { Random } from "../ports/clock.ts";

/** Chance from the operating system. */
export const systemRandom: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) };
