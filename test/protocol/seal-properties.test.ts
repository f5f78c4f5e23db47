import { createDecipheriv, createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authHeaders, type LinkState, openAnswer } from "../../dev/link-host/wire.ts";
import { hostSecret, pairKey } from "../../shared/protocol/keys.ts";
import { parseAuthHeaders } from "../../shared/protocol/request.ts";
import { seal } from "../../shared/protocol/seal.ts";
import { isSigned, type SignedParts, sign } from "../../shared/protocol/signature.ts";

const runs = { numRuns: 250, seed: 7_001 };

/** Any code points, half surrogates among them; fast-check's own units cost seconds to build. */
const anyPoints = (most: number, least = 0) =>
  fc
    .array(fc.oneof(fc.nat({ max: 0x7f }), fc.nat({ max: 0xffff }), fc.nat({ max: 0x10ffff })), {
      minLength: least,
      maxLength: most,
    })
    .map((points) => String.fromCodePoint(...points));
const text = fc.oneof(
  anyPoints(60),
  fc.string({ unit: fc.constantFrom("\0", "\ud800", "\udc00", "é", "🚂", "\u2028", '"', "\\"), maxLength: 20 }),
);
const anyState: fc.Arbitrary<LinkState> = fc.record({
  id: text,
  protocol: fc.constantFrom("ipsec", "wg"),
  wg_port: fc.nat({ max: 65_535 }),
  ipv6: fc.boolean(),
  action: fc.constantFrom("restart", "hold"),
  type: fc.option(text),
  links: fc.array(
    fc.record({
      id: text,
      static: fc.boolean(),
      pre_shared_key: text,
      right: text,
      wg_public_key: text,
      left_subnets: fc.array(text, { maxLength: 3 }),
      right_subnets: fc.array(text, { maxLength: 3 }),
      hash: text,
    }),
    { maxLength: 6 },
  ),
  hosts: fc.dictionary(text, text, { maxKeys: 5, noNullPrototype: true }),
  preferred_ike: fc.option(text),
  preferred_esp: fc.option(text),
  force_preferred: fc.boolean(),
  hash: text,
});
const anySecret = fc.oneof(fc.string({ minLength: 1, maxLength: 64 }), anyPoints(10, 1));
const anyIv = fc.uint8Array({ minLength: 16, maxLength: 16 });

const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** A text with one character changed to another. */
const changed = (of: string, at: number, by: number): string => {
  const place = at % of.length;
  const next = base64[(base64.indexOf(of[place] ?? "") + 1 + (by % 62)) % 64] ?? "A";
  return of.slice(0, place) + (next === of[place] ? "#" : next) + of.slice(place + 1);
};
const flipped = (bytes: Uint8Array, at: number, by: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  const place = at % copy.length;
  copy[place] = (copy[place] ?? 0) ^ (1 + (by % 255));
  return copy;
};

describe("a sealed answer", () => {
  it("opens to the same state in a decoder that was written apart, whatever text is in it, at any length", () => {
    const lengths = new Set<number>();
    fc.assert(
      fc.property(anyState, anySecret, anyIv, (state, secret, iv) => {
        const plaintext = JSON.stringify(state);
        lengths.add(Buffer.byteLength(plaintext) % 16);
        expect(openAnswer(secret, seal(plaintext, secret, iv))).toEqual(JSON.parse(plaintext));
      }),
      runs,
    );
    expect(lengths.size).toBe(16);
  });

  it("is refused when any character of body or signature is changed, lost or added", () => {
    fc.assert(
      fc.property(anyState, anySecret, anyIv, fc.nat(), fc.nat(), (state, secret, iv, at, by) => {
        const sealed = seal(JSON.stringify(state), secret, iv);
        const place = at % sealed.body.length;
        const bodies = [
          changed(sealed.body, at, by),
          sealed.body.slice(0, place) + sealed.body.slice(place + 1),
          `${sealed.body.slice(0, place)}A${sealed.body.slice(place)}`,
          `${sealed.body}\n`,
        ];
        for (const body of bodies) expect(() => openAnswer(secret, { ...sealed, body })).toThrow("bad signature");
        const bytes = Buffer.from(sealed.signature, "base64");
        const signatures = [flipped(bytes, at, by), bytes.subarray(1), bytes.subarray(0, 0)];
        for (const bad of signatures) {
          const signature = Buffer.from(bad).toString("base64");
          expect(() => openAnswer(secret, { ...sealed, signature })).toThrow("bad signature");
        }
      }),
      { ...runs, numRuns: 100 },
    );
  });

  it("is refused under any other secret, and with the signature of another answer", () => {
    fc.assert(
      fc.property(anyState, anySecret, anySecret, anyIv, (state, secret, other, iv) => {
        fc.pre(secret !== other);
        const sealed = seal(JSON.stringify(state), secret, iv);
        expect(() => openAnswer(other, sealed)).toThrow("bad signature");
        const { signature } = seal(`${JSON.stringify(state)} `.repeat(2), secret, iv);
        expect(() => openAnswer(secret, { ...sealed, signature })).toThrow("bad signature");
      }),
      { ...runs, numRuns: 100 },
    );
  });

  it("changes in its first 16 bytes only when the IV is changed, which the signature does not cover", () => {
    const opened = (secret: string, body: string, iv: Uint8Array) => {
      const key = createHash("sha256").update(secret).digest();
      const decipher = createDecipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
      return Buffer.concat([decipher.update(Buffer.from(body, "base64")), decipher.final()]);
    };
    const property = fc.property(anyState, anySecret, anyIv, fc.nat(), fc.nat(), (state, secret, iv, at, by) => {
      const sealed = seal(JSON.stringify(state), secret, iv);
      const bent = flipped(iv, at, by);
      const [right, wrong] = [opened(secret, sealed.body, iv), opened(secret, sealed.body, bent)];
      expect(wrong.subarray(16)).toEqual(right.subarray(16));
      const difference = Array.from({ length: 16 }, (_, place) => (right[place] ?? 0) ^ (wrong[place] ?? 0));
      expect(difference).toEqual(Array.from({ length: 16 }, (_, place) => (iv[place] ?? 0) ^ (bent[place] ?? 0)));
    });
    fc.assert(property, { ...runs, numRuns: 100 });
  });

  it("shows nothing of its text: the same text under another IV is another body from the first byte", () => {
    fc.assert(
      fc.property(anyState, anySecret, anyIv, fc.nat(), fc.nat(), (state, secret, iv, at, by) => {
        const plaintext = JSON.stringify(state);
        const [one, other] = [iv, flipped(iv, at, by)].map((each) => {
          const bytes = Buffer.from(seal(plaintext, secret, each).body, "base64");
          return Array.from({ length: bytes.length / 16 }, (_, block) =>
            bytes.toString("hex", block * 16, block * 16 + 16),
          );
        });
        expect(one?.filter((block) => other?.includes(block))).toEqual([]);
      }),
      { ...runs, numRuns: 100 },
    );
  });
});

describe("a signed request", () => {
  const anyParts: fc.Arbitrary<SignedParts> = fc.record({
    hostId: fc.stringMatching(/^[A-Za-z0-9]{1,40}$/),
    timestamp: fc.stringMatching(/^\d{1,12}$/),
    nonce: fc.oneof(
      fc.stringMatching(/^[\x21-\x7e]{8,64}$/),
      fc.string({ unit: fc.constantFrom("&", "P", "U", "T", "1", "/link/state"), minLength: 8, maxLength: 20 }),
    ),
    method: fc.constantFrom("PUT", "DELETE"),
  });
  const messageOf = ({ hostId, timestamp, nonce, method }: SignedParts) =>
    JSON.stringify([hostId, timestamp, nonce, method]);

  it("is right as the link host signs it, and its headers are read as they were sent", () => {
    fc.assert(
      fc.property(anyParts, anySecret, fc.nat({ max: 999_999_999_999 }), (parts, secret, timestampS) => {
        const headers = authHeaders({ hostId: parts.hostId, secret }, { ...parts, timestampS });
        const read = parseAuthHeaders(new Headers(headers));
        fc.pre(parts.nonce.length <= 64);
        expect(read).toEqual({
          hostId: parts.hostId,
          timestamp: String(timestampS),
          agentTimeS: timestampS,
          nonce: parts.nonce,
          signature: headers["Auth-Signature"],
        });
        expect(read && isSigned({ ...parts, timestamp: read.timestamp }, secret, read.signature)).toBe(true);
      }),
      runs,
    );
  });

  it("is wrong when any character of its signature or any of its parts is another", () => {
    fc.assert(
      fc.property(anyParts, anyParts, anySecret, fc.nat(), fc.nat(), (parts, others, secret, at, by) => {
        const signature = sign(parts, secret);
        expect(isSigned(parts, secret, changed(signature, at, by))).toBe(false);
        for (const part of ["hostId", "timestamp", "nonce", "method"] as const) {
          const other = { ...parts, [part]: others[part] };
          expect(isSigned(other, secret, signature)).toBe(other[part] === parts[part]);
        }
      }),
      runs,
    );
  });

  it("never means two things: parts that differ are never signed the same, though a nonce may hold what parts them", () => {
    const signed = new Map<string, string>();
    fc.assert(
      fc.property(fc.array(anyParts, { minLength: 2, maxLength: 2 }), fc.nat({ max: 63 }), (drawn, cut) => {
        const [one] = drawn;
        const moved = one && {
          ...one,
          timestamp: `${one.timestamp}&${one.nonce.slice(0, cut)}`,
          nonce: one.nonce.slice(cut + 1),
        };
        const isPossible = moved !== undefined && /^\d{1,12}$/.test(moved.timestamp);
        for (const parts of isPossible && moved ? [...drawn, moved] : drawn) {
          const signature = sign(parts, "s3cret");
          expect(signed.get(signature) ?? messageOf(parts)).toBe(messageOf(parts));
          signed.set(signature, messageOf(parts));
        }
      }),
      runs,
    );
  });
});

describe("secrets from the master key, for any ids and generations", () => {
  const id = fc.stringMatching(/^[A-Za-z0-9]{1,6}$/);
  const anyGeneration = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.nat());
  const anyOf = fc.record({ link: id, a: id, b: id, generation: anyGeneration });
  const key = Uint8Array.from({ length: 32 }, (_, at) => at * 7);

  it("are those of one host or one pair alone, the same from both sides, and of another alphabet for none", () => {
    const owners = new Map<string, string>();
    const claim = (secret: string, owner: string) => {
      expect(secret).toMatch(/^[A-Za-z0-9]{43}$/);
      expect(owners.get(secret) ?? owner).toBe(owner);
      owners.set(secret, owner);
    };
    fc.assert(
      fc.property(anyOf, ({ link, a, b, generation }) => {
        claim(hostSecret(key, a, generation), `host ${a} ${generation}`);
        const pair = [a, b].sort().join(" ");
        claim(pairKey(key, link, a, b, generation), `pair ${link} ${pair} ${generation}`);
        expect(pairKey(key, link, b, a, generation)).toBe(pairKey(key, link, a, b, generation));
        // The same letters, parted elsewhere.
        const whole = `${a}${b}`;
        for (let cut = 1; cut < whole.length; cut++) {
          const [one, other] = [whole.slice(0, cut), whole.slice(cut)];
          claim(
            pairKey(key, link, one, other, generation),
            `pair ${link} ${[one, other].sort().join(" ")} ${generation}`,
          );
        }
      }),
      runs,
    );
  });
});
