import { describe, expect, it } from "vitest";
import { executorLimits } from "../../shared/executor/limits.ts";
import { header, type RequestParts, signAnswer, signRequest } from "../../shared/executor/sign.ts";
import type { PlainAnswer } from "../../shared/platform/plain-http.ts";
import { cloudHere, createRig, keyOf, planted, type Rig, routeCalls, table } from "./rig.ts";

type Sent = {
  readonly operation?: RequestParts["operation"];
  readonly message?: object;
  readonly body?: string;
  readonly expiresMs?: number;
  readonly nonce?: string;
  readonly key?: Uint8Array;
  readonly executorId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly method?: string;
};

const where = { cloud: cloudHere, locationId: "here" };
let drawn = 0;

/** Sends a request that is signed as it should be, but for what a test says. */
function ask(rig: Rig, sent: Sent = {}): Promise<PlainAnswer> {
  const { operation = "survey", message = where, key = keyOf("key-a"), executorId = "a" } = sent;
  const nonce = sent.nonce ?? `nonce-${String(++drawn).padStart(12, "0")}`;
  const expires = String(sent.expiresMs ?? rig.clock.nowMs() + 30_000);
  const signed = JSON.stringify(message);
  const headers: Record<string, string> = {
    [header.executor]: executorId,
    [header.nonce]: nonce,
    [header.expires]: expires,
    [header.signature]: signRequest(key, { operation, executorId, nonce, expires }, signed),
    ...sent.headers,
  };
  const path = sent.path ?? `/executor/v1/${operation}`;
  const request = {
    method: sent.method ?? "POST",
    path,
    headers: { get: (name: string) => headers[name] },
    body: sent.body ?? signed,
  };
  return rig.drive(rig.handlerOf("a")(request));
}

type Told = { readonly kind?: string; readonly why?: string; readonly value?: { readonly challenge?: string } };
const told = ({ body }: PlainAnswer): Told => JSON.parse(body) as Told;
const isSigned = (answer: PlainAnswer): boolean => answer.headers[header.signature] !== undefined;

async function challengeOf(rig: Rig): Promise<string> {
  return told(await ask(rig, { operation: "challenge" })).value?.challenge ?? "";
}

const writeOf = (rig: Rig, challenge: string) => ({
  run: "run-1",
  locationId: "here",
  epoch: 7,
  cloud: cloudHere,
  challenge,
  tables: [table],
  changes: planted(rig, 1).map(({ table: _, ...change }) => ({ t: 0, ...change })),
});

describe("a request to an executor", () => {
  it("is carried out when it is signed rightly, and answered with a signature for just this request", async () => {
    const rig = createRig();

    const answer = await ask(rig, { nonce: "nonce-of-this-request" });

    expect(told(answer).kind).toBe("done");
    const parts = { operation: "survey", executorId: "a", nonce: "nonce-of-this-request" } as const;
    expect(answer.headers[header.signature]).toBe(signAnswer(keyOf("key-a"), parts, 200, answer.body));
  });

  it.each<[string, Sent]>([
    ["a signature of another key", { key: keyOf("key-b") }],
    ["a changed body", { body: JSON.stringify({ ...where, locationId: "there" }) }],
    ["a body with one space more", { body: `${JSON.stringify(where)} ` }],
    ["another operation than was signed", { path: "/executor/v1/targets" }],
    ["the id of another executor", { executorId: "b" }],
    ["an id that is put in later", { headers: { [header.executor]: "b" } }],
    ["a nonce that is put in later", { headers: { [header.nonce]: "nonce-of-somebody-else" } }],
    ["an expiry that is put in later", { headers: { [header.expires]: "99999999999999" } }],
    ["an expiry that is no number", { headers: { [header.expires]: "soon" } }],
    ["a nonce that is too short", { nonce: "short" }],
    ["no signature", { headers: { [header.signature]: "" } }],
    ["half a signature", { headers: { [header.signature]: "aGFsZg" } }],
  ])("is refused with 401, without a word and unread: %s", async (_name, sent) => {
    const rig = createRig();

    const answer = await ask(rig, sent);

    expect([answer.status, answer.body, isSigned(answer)]).toEqual([401, "{}", false]);
    expect(rig.cloud.calls).toEqual([]);
  });

  it("is refused before its signature is looked at: another path 404, another method 405, a large body 413", async () => {
    const rig = createRig();

    const statuses = await Promise.all([
      ask(rig, { path: "/executor/v1/orders" }),
      ask(rig, { path: "/" }),
      ask(rig, { method: "GET" }),
      ask(rig, { body: "x".repeat(executorLimits.requestBytes + 1) }),
    ]);

    expect(statuses.map(({ status, body }) => [status, body])).toEqual([
      [404, "{}"],
      [404, "{}"],
      [405, "{}"],
      [413, "{}"],
    ]);
  });

  it("is taken once: sent again it is refused, until it has expired, when it is refused for that", async () => {
    const rig = createRig();
    const same = { nonce: "nonce-that-comes-twice", expiresMs: rig.clock.nowMs() + 30_000 };

    expect(told(await ask(rig, same)).kind).toBe("done");
    expect(told(await ask(rig, same)).why).toBe("replayed");
    await rig.clock.advance(29_999);
    expect(told(await ask(rig, same)).why).toBe("replayed");
    await rig.clock.advance(1);
    expect(told(await ask(rig, same)).why).toBe("expired");
  });

  it("may not be good for longer than a minute, by the executor's clock", async () => {
    const rig = createRig();
    const inMs = (ms: number) => ask(rig, { expiresMs: rig.clock.nowMs() + ms }).then(told);

    expect((await inMs(0)).why).toBe("expired");
    expect((await inMs(60_000)).kind).toBe("done");
    expect((await inMs(60_001)).why).toBe("expires-late");
  });

  it("is refused as busy when more are on record than can be kept, and taken again once these have expired", async () => {
    const rig = createRig();
    const message = { junk: true };
    for (let count = 0; count < executorLimits.nonces; count++)
      void rig.handlerOf("a")(signedJunk(rig, count, message));

    expect(told(await ask(rig)).why).toBe("busy");
    await rig.clock.advance(30_001);
    expect(told(await ask(rig)).kind).toBe("done");
  });

  it.each([
    ["a cloud that is none", { ...where, cloud: { provider: "aws" } }],
    [
      "a cloud with executors of its own",
      { ...where, cloud: { ...cloudHere, executors: [{ url: "https://c.example", id: "c", key: "k" }] } },
    ],
    ["a location id that is none", { ...where, locationId: "../x" }],
    ["a key that nobody knows", { ...where, more: 1 }],
    ["nothing", null],
  ])("is refused as invalid, signed, with nothing done: %s", async (_name, message) => {
    const rig = createRig();

    const answer = await ask(rig, { message: message as object });

    expect([told(answer).why, isSigned(answer)]).toEqual(["invalid", true]);
    expect(rig.cloud.calls).toEqual([]);
  });

  it("is refused for a cloud that the executor does not run in", async () => {
    const rig = createRig();
    const cloud = {
      provider: "gcp",
      project: "acme-network",
      network: "main",
      priority: 900,
      routeTables: { by: "network" },
    };

    expect(told(await ask(rig, { message: { ...where, cloud } })).why).toBe("not-served");
  });
});

describe("a permit", () => {
  it("lets a write begin within a second of its challenge, to the millisecond", async () => {
    for (const [ms, kind] of [
      [1_000, "done"],
      [1_001, "refused"],
    ] as const) {
      const rig = createRig();
      const message = writeOf(rig, await challengeOf(rig));
      await rig.clock.advance(ms);

      expect(told(await ask(rig, { operation: "write", message })).kind).toBe(kind);
      expect(routeCalls(rig)).toHaveLength(kind === "done" ? 1 : 0);
    }
  });

  it.each([
    ["made up", "1.AAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"],
    ["of no form", "x"],
    ["without a seal", "99999999.AAAA."],
  ])("starts nothing by a challenge that is %s, and a new one comes with the refusal", async (_name, challenge) => {
    const rig = createRig();

    const answer = await ask(rig, { operation: "write", message: writeOf(rig, challenge) });

    expect(told(answer)).toMatchObject({ kind: "refused", why: "permit-foreign", challenge: expect.any(String) });
    expect(routeCalls(rig)).toEqual([]);
  });

  it("starts nothing by a challenge of the same executor's other process, or one whose time was changed", async () => {
    const rig = createRig();
    const old = await challengeOf(rig);
    rig.restart("a");

    for (const challenge of [old, (await challengeOf(rig)).replace(/^\d+/, "99999999")]) {
      const answer = await ask(rig, { operation: "write", message: writeOf(rig, challenge) });
      expect(told(answer).why).toBe("permit-foreign");
    }
    expect(routeCalls(rig)).toEqual([]);
  });

  it("renews no write of another run, location or epoch, nor by a challenge that is not its process's own", async () => {
    const rig = createRig({ renews: true });
    rig.cloud.faults.landMs = () => 900;
    const message = {
      ...writeOf(rig, await challengeOf(rig)),
      changes: planted(rig, 3).map(({ table: _, ...change }) => ({ t: 0, ...change })),
    };
    const writing = ask(rig, { operation: "write", message });
    const turn = { run: "run-1", locationId: "here", epoch: 7 };
    const here = async (more: object) =>
      (told(await ask(rig, { operation: "permit", message: { ...turn, ...more } })).value as { isHere: boolean })
        .isHere;

    expect(await here({ run: "run-2" })).toBe(false);
    expect(await here({ locationId: "there" })).toBe(false);
    expect(await here({ epoch: 8 })).toBe(false);
    expect(await here({ challenge: "99999999.AAAA.BBBB" })).toBe(true);
    await writing;

    // The second call began within the first second, the third would have begun after it.
    expect(routeCalls(rig)).toHaveLength(2);
  });
});

function signedJunk(rig: Rig, count: number, message: object) {
  const nonce = `junk-${String(count).padStart(16, "0")}`;
  const expires = String(rig.clock.nowMs() + 30_000);
  const body = JSON.stringify(message);
  const parts = { operation: "survey", executorId: "a", nonce, expires } as const;
  const headers: Record<string, string> = {
    [header.executor]: "a",
    [header.nonce]: nonce,
    [header.expires]: expires,
    [header.signature]: signRequest(keyOf("key-a"), parts, body),
  };
  return { method: "POST", path: "/executor/v1/survey", headers: { get: (name: string) => headers[name] }, body };
}
