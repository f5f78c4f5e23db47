import { createDecipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authHeaders, openAnswer } from "../../dev/link-host/wire.ts";
import { hostSecret, pairKey } from "../../shared/protocol/keys.ts";
import { seal } from "../../shared/protocol/seal.ts";
import { isSigned, sign, statePath } from "../../shared/protocol/signature.ts";
import { masterKey } from "../fixtures/heartbeat-world.ts";

/** What an agent does with an answer, by the letter of the protocol. */
function opened(secret: string, body: string, iv: string): Buffer {
  const key = createHash("sha256").update(secret, "utf8").digest();
  const decipher = createDecipheriv("aes-256-cbc", key, Buffer.from(iv, "base64"));
  decipher.setAutoPadding(false);
  return Buffer.concat([decipher.update(Buffer.from(body, "base64")), decipher.final()]);
}

const iv = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
const anySecret = fc.string({ minLength: 1, maxLength: 64 });

describe("signature of a request", () => {
  const parts = { hostId: "h1", timestamp: "1700000000", nonce: "n".repeat(32), method: "PUT" } as const;

  it("is what was computed by hand for one request", () => {
    const message = "h1&1700000000&nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn&PUT&/link/state";

    expect(sign(parts, "s3cret")).toBe(createHmac("sha512", "s3cret").update(message).digest("base64"));
    expect(statePath).toBe("/link/state");
  });

  it("is accepted as an agent makes it, for both methods", () => {
    const property = fc.property(
      anySecret,
      fc.constantFrom("PUT" as const, "DELETE" as const),
      fc.nat(),
      (secret, method, timestampS) => {
        const headers = authHeaders({ hostId: "h1", secret }, { method, timestampS, nonce: parts.nonce });
        const signed = { ...parts, method, timestamp: String(timestampS) };
        expect(isSigned(signed, secret, headers["Auth-Signature"] ?? "")).toBe(true);
      },
    );
    fc.assert(property, { seed: 1 });
  });

  it.each([
    ["another host", { ...parts, hostId: "h2" }],
    ["another time", { ...parts, timestamp: "1700000001" }],
    ["the same time written otherwise", { ...parts, timestamp: "01700000000" }],
    ["another nonce", { ...parts, nonce: "m".repeat(32) }],
    ["another method", { ...parts, method: "DELETE" as const }],
  ])("is wrong for %s", (_, other) => {
    expect(isSigned(other, "s3cret", sign(parts, "s3cret"))).toBe(false);
  });

  it("is wrong under another secret, cut, lengthened, empty, or of another alphabet", () => {
    const right = sign(parts, "s3cret");
    const wrong = [sign(parts, "other"), right.slice(0, -1), `${right}=`, "", "ä".repeat(44), right.toLowerCase()];

    for (const signature of wrong) expect(isSigned(parts, "s3cret", signature)).toBe(false);
  });
});

describe("sealing of an answer", () => {
  it("opens to the text and NUL bytes up to a multiple of 16, and no more", () => {
    const property = fc.property(anySecret, fc.string({ unit: "binary", maxLength: 300 }), (secret, text) => {
      const sealed = seal(text, secret, iv);
      const plain = opened(secret, sealed.body, sealed.iv);
      const bytes = Buffer.from(text, "utf8");

      expect(plain.subarray(0, bytes.length)).toEqual(bytes);
      expect(plain.length).toBe(Math.ceil(bytes.length / 16) * 16);
      expect([...plain.subarray(bytes.length)].every((byte) => byte === 0)).toBe(true);
    });
    fc.assert(property, { seed: 2 });
  });

  it.each([1, 15, 16, 17, 31, 32, 33])("pads a text of %i bytes to the next multiple of 16 only", (length) => {
    const sealed = seal("x".repeat(length), "s3cret", iv);

    expect(Buffer.from(sealed.body, "base64")).toHaveLength(Math.ceil(length / 16) * 16);
  });

  it("signs the base64 text, and gives iv and signature as base64", () => {
    const sealed = seal("{}", "s3cret", iv);

    expect(sealed.iv).toBe(Buffer.from(iv).toString("base64"));
    expect(sealed.signature).toBe(createHmac("sha512", "s3cret").update(sealed.body).digest("base64"));
    expect(sealed.body).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
  });

  it("is opened by the link host that was written apart from it, and by no other secret", () => {
    const state = {
      id: "h1",
      protocol: "ipsec",
      wg_port: 0,
      ipv6: false,
      action: "restart",
      type: null,
      links: [],
      hosts: {},
      preferred_ike: null,
      preferred_esp: null,
      force_preferred: false,
      hash: "0",
    };
    const sealed = seal(JSON.stringify(state), "s3cret", iv);

    expect(openAnswer("s3cret", sealed)).toEqual(state);
    expect(() => openAnswer("other", sealed)).toThrow("bad signature");
  });
});

describe("secrets from the master key", () => {
  const expected = (purpose: string) =>
    Buffer.from(hkdfSync("sha256", masterKey, "pointsman v1", purpose, 32))
      .toString("base64url")
      .replaceAll("-", "A")
      .replaceAll("_", "B");

  it("are HKDF-SHA256 of what they are for, so that a release cannot change them unnoticed", () => {
    expect(hostSecret(masterKey, "h1", 1)).toBe(expected("host/h1/1"));
    expect(pairKey(masterKey, "l1", "b", "a", 3)).toBe(expected("pair/l1/a/b/3"));
    expect(hostSecret(masterKey, "h1", 1)).toBe("BpwUTnxYy90UqZAfsRV3Jh7DMthYARXtLbZARieqCfI");
    expect(pairKey(masterKey, "l1", "b", "a", 3)).toBe("ouBSaz7OkgXwCxf8R0zkSBim3zYTMLs12uCRB2K4qS4");
  });

  it("are 43 letters and digits, fit for a URI", () => {
    const property = fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(), (key, generation) => {
      expect(hostSecret(key, "h1", generation)).toMatch(/^[A-Za-z0-9]{43}$/);
    });
    fc.assert(property, { seed: 3 });
  });

  it("differ for every host, pair, link, generation and master key, and are the same from both sides of a pair", () => {
    const other = Uint8Array.from(masterKey).fill(7, 0, 1);
    const all = [
      hostSecret(masterKey, "h1", 1),
      hostSecret(masterKey, "h1", 2),
      hostSecret(masterKey, "h11", 1),
      hostSecret(masterKey, "h1", 11),
      hostSecret(other, "h1", 1),
      pairKey(masterKey, "l1", "a", "b", 1),
      pairKey(masterKey, "l1", "a", "b", 2),
      pairKey(masterKey, "l1", "a", "c", 1),
      pairKey(masterKey, "l2", "a", "b", 1),
      pairKey(masterKey, "l", "1a", "b", 1),
      pairKey(other, "l1", "a", "b", 1),
    ];

    expect(new Set(all).size).toBe(all.length);
    expect(pairKey(masterKey, "l1", "b", "a", 1)).toBe(pairKey(masterKey, "l1", "a", "b", 1));
  });
});
