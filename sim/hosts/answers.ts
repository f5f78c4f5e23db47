import { createDecipheriv, createHash } from "node:crypto";
import { openAnswer } from "../../dev/link-host/wire.ts";
import type { Id } from "../../shared/domain/ids.ts";
import type { PlainAnswer } from "../../shared/platform/plain-http.ts";

/** A good answer, as far as an agent of this simulator acts on it. */
export type Told = {
  /** The tunnels to hold, by the location at the far end, each with its hash. */
  readonly links: ReadonlyMap<Id, string>;
  /** The hosts to check. */
  readonly checks: readonly Id[];
  readonly text: string;
  readonly tail: Buffer;
  /** Sealed texts that were seen to say it: the endpoint keeps what it sealed. Newest first. */
  readonly bodies: string[];
  /** How often it was given. */
  times: number;
};

/** Every process of the endpoint seals for itself. */
const keepBodies = 4;
/** One answer in so many that seem to say what is known is opened all the same. */
const sampleEvery = 64;
const block = 16;
/** The hash, what closes the text, and at most a block of padding are in the last four blocks. */
const tailBytes = 4 * block;
/** Base64 of the tail and of the block before it, that it is decrypted with: rounded up to whole groups. */
const tailChars = 4 * Math.ceil((tailBytes + block) / 3 + 1);

const keys = new Map<string, Buffer>();
/** Keys of the worlds of a process: forgotten now and then, which changes nothing. */
const keepKeys = 1_000;

function keyOf(secret: string): Buffer {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = createHash("sha256").update(secret).digest();
  if (keys.size >= keepKeys) keys.clear();
  keys.set(secret, key);
  return key;
}

/**
 * Reads a 200 answer. A text that was seen is known; and an answer's hash, at its end, changes if and only if the answer does: so only the end of an answer
 * is decrypted where it says what `known` says, and a sample of these is opened whole. Throws where an answer cannot be
 * opened, or has changed without its hash.
 */
export function readAnswer(secret: string, answer: PlainAnswer, known: Told | undefined): Told {
  const isSame = known?.bodies.includes(answer.body) === true;
  const tail = isSame ? known.tail : tailOf(secret, answer.body);
  const isKnown = isSame || known?.tail.equals(tail) === true;
  if (isKnown && !isSame) keep(known.bodies, answer.body);
  if (isKnown && ++known.times % sampleEvery !== 0) return known;
  const iv = answer.headers["Cipher-IV"];
  const state = openAnswer(secret, { body: answer.body, iv, signature: answer.headers["Cipher-Signature"] });
  const text = JSON.stringify(state);
  if (isKnown) {
    if (text !== known.text) throw new Error(`the answer to ${state.id} changed and its hash did not`);
    return known;
  }
  const links = new Map(state.links.map(({ id, hash }) => [id, hash]));
  return { links, checks: Object.keys(state.hosts), text, tail, bodies: [answer.body], times: 1 };
}

function keep(bodies: string[], body: string): void {
  bodies.unshift(body);
  if (bodies.length > keepBodies) bodies.pop();
}

function tailOf(secret: string, body: string): Buffer {
  const bytes = Buffer.from(body.slice(-tailChars), "base64");
  const iv = bytes.subarray(-tailBytes - block, -tailBytes);
  if (iv.length < block) throw new Error("an answer that is too short to be one");
  const decipher = createDecipheriv("aes-256-cbc", keyOf(secret), iv).setAutoPadding(false);
  return decipher.update(bytes.subarray(-tailBytes));
}
