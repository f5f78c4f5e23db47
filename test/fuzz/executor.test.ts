import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { header, type Operation, operations, signRequest } from "../../shared/executor/sign.ts";
import type { PlainAnswer } from "../../shared/platform/plain-http.ts";
import { cloudHere, createRig, keyOf, planted, type Rig, routeCalls, table } from "../executor/rig.ts";
import { oddJson, oddMethod, oddText, oddValue } from "./arbitrary.ts";
import { cases, must, tally, timeoutMs } from "./cases.ts";
import { isPolluted, leakIn } from "./leaks.ts";

const where = { cloud: cloudHere, locationId: "here" };
const worldCases = 500;

/** What each operation is asked with when nothing is wrong. */
function wholeMessage(operation: Operation, challenge: string, count: number): Record<string, unknown> {
  const turn = { run: `run-${count}`, locationId: "here", epoch: 7, challenge };
  switch (operation) {
    case "challenge":
    case "survey":
      return { ...where };
    case "read":
      return { ...where, tables: [table] };
    case "targets":
      return { ...where, hosts: [{ hostId: "hosta", target: "auto", localAddress: "10.0.0.4" }] };
    case "write": {
      const change = { kind: "replace", t: 0, destination: "10.201.0.0/24", target: "eni-b", found: "eni-a" };
      return { ...turn, cloud: cloudHere, tables: [table], changes: [change] };
    }
    case "permit":
      return turn;
    default:
      return operation satisfies never;
  }
}

/** Puts something in place of one value, however deep it lies, or takes it away, or adds to what holds it. */
function spoilt(
  whole: unknown,
  path: readonly number[],
  odd: unknown,
  how: "put" | "take" | "add",
  key: string,
): unknown {
  const text = JSON.stringify(whole);
  const copy: unknown = JSON.parse(text);
  let holder: unknown;
  let at: string | undefined;
  let here: unknown = copy;
  for (const step of path) {
    if (typeof here !== "object" || here === null) break;
    const names = Object.keys(here);
    const name = names[step % Math.max(1, names.length)];
    if (name === undefined) break;
    holder = here;
    at = name;
    here = Reflect.get(here, name);
  }
  if (typeof holder !== "object" || holder === null || at === undefined) return odd;
  if (how === "put") Object.defineProperty(holder, at, { value: odd, enumerable: true, configurable: true });
  if (how === "take") Reflect.deleteProperty(holder, at);
  if (how === "add") Object.defineProperty(holder, key, { value: odd, enumerable: true, configurable: true });
  return copy;
}

/** Mostly nothing, else one of these. */
const seldom = <T>(one: fc.Arbitrary<T>, times: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: times, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: one });
const isSeldom = fc.integer({ min: 0, max: 12 }).map((drawn) => drawn === 0);

const paths = ["/", "/executor/v1/", "/executor/v1/write/", "/executor/v2/write", "/x/executor/v1/write"] as const;

const anyCase = fc.record({
  operation: fc.constantFrom(...operations),
  path: seldom(fc.constantFrom(...paths), 12),
  method: fc.oneof({ weight: 20, arbitrary: fc.constant("POST") }, { weight: 1, arbitrary: oddMethod }),
  signing: fc.constantFrom("right", "right", "right", "right", "wrong key", "changed", "none"),
  challenge: fc.constantFrom("ours", "old", "none", "odd"),
  way: fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }),
  spoil: fc.constantFrom(undefined, "put" as const, "take" as const, "add" as const),
  key: oddText,
  odd: fc.oneof(oddValue, oddText),
  body: seldom(oddJson, 12),
  header: seldom(fc.tuple(fc.constantFrom(...Object.values(header)), oddText), 12),
  expiresInMs: fc.constantFrom(...Array<number>(12).fill(30_000), 60_000, 60_001, 0, -1, 1e300),
  isAgain: isSeldom,
});
type Drawn = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

type Door = { readonly rig: Rig; readonly old: string; last: number };
type Told = { readonly kind?: string; readonly why?: string; readonly value?: { readonly challenge?: string } };

async function send(
  rig: Rig,
  path: string,
  method: string,
  headers: ReadonlyMap<string, string>,
  body: string,
): Promise<PlainAnswer> {
  const request = { method, path, headers: { get: (name: string) => headers.get(name) }, body };
  return rig.drive(rig.handlerOf("a")(request));
}

function headersOf(
  operation: Operation,
  key: Uint8Array,
  nonce: string,
  expires: string,
  body: string,
): Map<string, string> {
  const signature = signRequest(key, { operation, executorId: "a", nonce, expires }, body);
  return new Map([
    [header.executor, "a"],
    [header.nonce, nonce],
    [header.expires, expires],
    [header.signature, signature],
  ]);
}

async function openDoor(): Promise<Door> {
  const rig = createRig({ renews: true });
  planted(rig, 1);
  const old = await challengeOf(rig, 0);
  await rig.clock.advance(5_000);
  return { rig, old, last: 0 };
}

async function challengeOf(rig: Rig, count: number): Promise<string> {
  const body = JSON.stringify(where);
  const headers = headersOf(
    "challenge",
    keyOf("key-a"),
    `ask-${String(count).padStart(16, "0")}`,
    String(rig.clock.nowMs() + 30_000),
    body,
  );
  const answer = await send(rig, "/executor/v1/challenge", "POST", headers, body);
  return (JSON.parse(answer.body) as Told).value?.challenge ?? "";
}

async function ask(door: Door, drawn: Drawn, count: number): Promise<PlainAnswer> {
  const { rig } = door;
  const { operation } = drawn;
  const ours = drawn.challenge === "ours" ? await challengeOf(rig, count) : "";
  const challenge = { ours, old: door.old, none: "none", odd: `${drawn.key}.${drawn.key}` }[drawn.challenge];
  const whole = wholeMessage(operation, challenge, count);
  const message = drawn.spoil === undefined ? whole : spoilt(whole, drawn.way, drawn.odd, drawn.spoil, drawn.key);
  const body = drawn.body ?? JSON.stringify(message) ?? "";
  const nonce = `nonce-${String(drawn.isAgain ? door.last : count).padStart(16, "0")}`;
  door.last = count;
  const key = keyOf(drawn.signing === "wrong key" ? "key-b" : "key-a");
  const headers = headersOf(operation, key, nonce, String(rig.clock.nowMs() + drawn.expiresInMs), body);
  if (drawn.signing === "none") headers.delete(header.signature);
  if (drawn.header !== undefined) headers.set(...drawn.header);
  const path = drawn.path ?? `/executor/v1/${operation}`;
  return send(rig, path, drawn.method, headers, drawn.signing === "changed" ? `${body} ` : body);
}

/** Whether a case is one that may write: everything about it is as it should be. */
const mayWrite = ({ operation, signing, challenge, header: changed, expiresInMs }: Drawn): boolean =>
  operation === "write" &&
  signing === "right" &&
  challenge === "ours" &&
  changed === undefined &&
  expiresInMs > 0 &&
  expiresInMs <= 60_000;

describe("whatever is sent to an executor", () => {
  it(
    "never makes it fail, never shows its insides, and never writes a route without signature and permit",
    async () => {
      const met = { status: tally(), why: tally(), done: tally() };
      let door = await openDoor();
      let count = 0;

      const property = fc.asyncProperty(anyCase, async (drawn) => {
        if (++count % worldCases === 0) {
          must(door.rig.log.lines.length === 0, `it logged ${JSON.stringify(door.rig.log.lines[0])}`);
          door = await openDoor();
        }
        const before = routeCalls(door.rig).length;

        const answer = await ask(door, drawn, count);

        const told = JSON.parse(answer.body) as Told;
        const isSigned = answer.headers[header.signature] !== undefined;
        const isWritten = routeCalls(door.rig).length > before;
        must([200, 401, 404, 405, 413].includes(answer.status), `status ${answer.status}`);
        must(isSigned === (answer.status === 200), "signed what it turned away, or the other way round");
        must(isSigned || answer.body === "{}", `said something to somebody: ${answer.body}`);
        must(leakIn(answer.body) === undefined, `shows its insides: ${leakIn(answer.body)}`);
        must(drawn.signing === "right" || !isSigned, "answered what was not signed rightly");
        must(!isWritten || (mayWrite(drawn) && told.kind !== "refused"), "wrote what it was not permitted to");
        met.status.add(answer.status);
        met.why.add(told.why ?? "");
        if (told.kind === "done") met.done.add(drawn.operation);
      });
      await fc.assert(property, cases(10_000, 21));

      expect(isPolluted()).toBe(false);
      met.status.expectEach([200, 401, 404, 405], 0.005);
      met.why.expectEach(["expired", "expires-late", "replayed", "invalid", "permit-old", "permit-foreign"], 0.003);
      met.done.expectEach(operations, 0.02);
    },
    timeoutMs,
  );
});
