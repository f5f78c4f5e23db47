import type { Id } from "../../shared/domain/ids.ts";
import type { Random } from "../../shared/ports/clock.ts";

const letters = "abcdefghijklmnopqrstuvwxyz234567";
const idChars = 16;

/** Makes ids of 16 letters and digits, 80 random bits. */
export function idMaker(random: Random): () => Id {
  return () => [...random.bytes(idChars)].map((byte) => letters[byte & 31]).join("");
}
