import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { link, location, network } from "../fixtures/network.ts";
import { quietBody, signedHeaders } from "../fixtures/signed-host.ts";

const net = network([link("l1", [location("east", ["e1", "e2"]), location("west", ["w1"])], { hostCheck: true })]);

/** Header values that the web's Request takes at all. */
const anyHeaderValue = fc.oneof(
  fc.stringMatching(/^[\x21-\x7e]{0,80}$/),
  fc.constantFrom("", "0", "-1", "1e9", "null", "undefined", "[object Object]", "e1", "w1", "nobody", "__proto__"),
  fc.nat().map(String),
);
const headerNames = ["Auth-Token", "Auth-Timestamp", "Auth-Nonce", "Auth-Signature"] as const;
/** Up to four headers replaced, dropped or doubled; none for a request with the right signature. */
const anyHeaderChange = fc.array(
  fc.record({
    name: fc.constantFrom(...headerNames),
    how: fc.constantFrom("replace", "drop", "double"),
    value: anyHeaderValue,
  }),
  { maxLength: 4 },
);

const jsonValue = fc.oneof({ maxDepth: 3 }, fc.jsonValue(), fc.constantFrom(-0, 1e308, -1e308, 2 ** 53, "connected"));
const anyKey = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "e1", "west", "w1", "1", ""));
const anyMap = fc.dictionary(
  anyKey,
  fc.oneof(jsonValue, fc.record({ state: fc.boolean(), latency: fc.oneof(fc.double(), fc.integer()) })),
);
const fieldNames = Object.keys(quietBody) as (keyof typeof quietBody)[];
const anyBody = fc.oneof(
  jsonValue.map((value) => JSON.stringify(value)),
  fc.string({ unit: "binary", maxLength: 2_000 }),
  fc.tuple(fc.constantFrom(...fieldNames), fc.oneof(jsonValue, anyMap)).map(([name, value]) => {
    return JSON.stringify({ ...quietBody, [name]: value });
  }),
  fc.nat({ max: 70_000 }).map((length) => "x".repeat(length)),
  fc.nat({ max: 400 }).map((length) => JSON.stringify(quietBody).slice(0, length)),
);

const anyRequest = fc.record({
  method: fc.oneof(
    { weight: 4, arbitrary: fc.constant("PUT") },
    fc.constantFrom("DELETE", "POST", "PATCH", "put", "X"),
  ),
  path: fc.oneof({ weight: 6, arbitrary: fc.constant("/link/state") }, fc.webPath()),
  skewS: fc.oneof(fc.constant(0), fc.integer({ min: -1_700_000_000, max: 999_999_999_999 - 1_700_000_000 })),
  changes: anyHeaderChange,
  body: anyBody,
});
type Drawn = typeof anyRequest extends fc.Arbitrary<infer T> ? T : never;

function requestOf(world: World, drawn: Drawn, nonce: string): Request {
  const method = drawn.method === "DELETE" ? "DELETE" : "PUT";
  const timestamp = Math.floor(world.clock.nowMs() / 1000) + drawn.skewS;
  const right = signedHeaders({ hostId: "e1", secret: world.secret("e1"), method, timestamp, nonce });
  const headers = new Headers(right);
  for (const { name, how, value } of drawn.changes) {
    if (how === "drop") headers.delete(name);
    else if (how === "double") headers.append(name, value);
    else headers.set(name, value);
  }
  return new Request(`https://pointsman.test${drawn.path}`, { method: drawn.method, headers, body: drawn.body });
}

describe("whatever is sent to the endpoint", () => {
  it("never makes it fail, never shows its insides, and is written only where it is answered well", async () => {
    const world = await heartbeatWorld(net);
    await world.beat("w1");
    let count = 0;
    const statuses = new Map<number, number>();

    const property = fc.asyncProperty(anyRequest, async (drawn) => {
      world.clock.jump(700);
      const before = world.database.writes;
      const response = await world.first.receive(requestOf(world, drawn, `fuzz-${String(++count).padStart(8, "0")}`));
      const text = await response.text();

      expect([200, 400, 401, 404, 405, 413]).toContain(response.status);
      expect(text.length).toBeLessThan(2_000);
      if (response.status !== 200) {
        expect(text).not.toMatch(/\.ts:|node:|at .+:\d+|Error/);
        expect(world.database.writes).toBe(before);
      }
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    });
    await fc.assert(property, { numRuns: 3_000, seed: 5 });

    for (const status of [200, 400, 401, 404, 405, 413]) expect(statuses.get(status)).toBeGreaterThan(10);
    expect(world.logged.filter(({ level }) => level === "error")).toEqual([]);
  }, 120_000);
});
