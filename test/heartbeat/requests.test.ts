import { beforeEach, describe, expect, it } from "vitest";
import { heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { link, location, network } from "../fixtures/network.ts";
import { quietBody, signedHeaders, stateUrl } from "../fixtures/signed-host.ts";

const net = network([link("l1", [location("east", ["e1", "e2"]), location("west", ["w1"])], { hostCheck: true })]);

let world: World;
beforeEach(async () => {
  world = await heartbeatWorld(net);
});

type Sent = {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string | undefined> | ((right: Record<string, string>) => [string, string][]);
  readonly body?: RequestInit["body"];
};

/** Sends a request that is right but for what is given, and says what it cost. */
async function send({ method = "PUT", url = stateUrl, headers = {}, body = JSON.stringify(quietBody) }: Sent) {
  const { database, clock } = world;
  const timestamp = Math.floor(clock.nowMs() / 1000);
  const secret = world.secret("e1");
  const verb = method === "DELETE" ? "DELETE" : "PUT";
  const right = signedHeaders({ hostId: "e1", secret, method: verb, timestamp, nonce: "n".repeat(32) });
  const given =
    typeof headers === "function"
      ? headers(right)
      : Object.entries({ ...right, ...headers }).flatMap(([name, value]): [string, string][] =>
          value === undefined ? [] : [[name, value]],
        );
  const before = { writes: database.writes, reads: database.reads };
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(url, {
    method,
    headers: given,
    ...(hasBody ? { body } : {}),
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  });
  const response = await world.first.receive(request);
  const text = await response.text();
  return {
    status: response.status,
    text,
    headers: response.headers,
    writes: database.writes - before.writes,
    reads: database.reads - before.reads,
  };
}

/** Puts the configuration into the container's cache, which a heartbeat of another host does. */
const warmUp = async () => {
  await world.beat("w1");
  await world.clock.advance(5_000);
};

const body = (more: object) => JSON.stringify({ ...quietBody, ...more });
const mapOf = <T>(count: number, value: T) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`x${n}`, value]));
const check = { state: true, latency: 900 };

describe("a request that is right", () => {
  it("is answered 200, sealed, not to be cached", async () => {
    const answer = await send({});

    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/base64");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.text).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
  });

  it.each([
    [
      "a header's name in other case",
      { headers: (right) => Object.entries(right).map(([n, v]) => [n.toUpperCase(), v]) },
    ],
    ["a content type of any kind", { headers: { "Content-Type": "text/plain" } }],
    ["a query, which nobody reads", { url: `${stateUrl}?a=b` }],
    ["maps that are null", { body: body({ status: null, hosts: null, errors: null }) }],
    ["maps that are empty", { body: body({ status: {}, hosts: {}, errors: [] }) }],
    ["no errors at all", { body: body({ errors: undefined }) }],
    ["fields that an agent may add one day", { body: body({ more: { deep: [1, { er: null }] } }) }],
    ["maps of 1,000 entries of unknown ids", { body: body({ hosts: mapOf(1_000, check) }) }],
    ["1,000 tunnels", { body: body({ status: mapOf(1_000, "connected") }) }],
    [
      "keys that are names of JavaScript",
      {
        body: `${body({ hosts: { constructor: check, toString: check } }).replace('"status":{}', '"status":{"__proto__":"connected","constructor":"connected"}')}`,
      },
    ],
    [
      "a negative, a broken and a huge latency",
      {
        body: body({
          hosts: {
            w1: { state: true, latency: -5 },
            x: { state: true, latency: 0.5 },
            y: { state: true, latency: 1e300 },
          },
        }),
      },
    ],
    ["texts as long as may be", { body: body({ version: "v".repeat(256), public_address: "x".repeat(256) }) }],
    ["a body in another time than the header", { body: body({ timestamp: -1 }) }],
    ["bytes that are no UTF-8 within a text", { body: Buffer.from(body({ version: "\u00ff" }), "latin1") }],
    ["a body in pieces, without a length", { body: new Blob([body({})]).stream() }],
  ] as [string, Sent][])("may have %s", async (_, sent) => {
    expect((await send(sent)).status).toBe(200);
  });

  it("does not pollute what others see by keys that are names of JavaScript", async () => {
    await send({
      body: body({}).replace('"hosts":{}', '"hosts":{"__proto__":{"state":true,"latency":1,"polluted":true}}'),
    });

    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(await world.record("e1")).toMatchObject({ reach: [] });
  });
});

describe("a request to somewhere else", () => {
  it.each([
    ["/", 404],
    ["/link/state/", 404],
    ["//link/state", 404],
    ["/Link/State", 404],
    ["/link/states", 404],
    ["/base/link/state", 404],
    ["/link/%73tate", 404],
    ["/link%2Fstate", 404],
  ])("is answered for %s with %i, without a look at the database", async (path, status) => {
    const answer = await send({ url: `https://pointsman.test${path}` });

    expect(answer).toMatchObject({ status, writes: 0, reads: 0 });
  });

  it.each(["GET", "HEAD", "POST", "PATCH", "OPTIONS"])(
    "is answered 405 for %s, with what is allowed",
    async (method) => {
      const answer = await send({ method });

      expect(answer).toMatchObject({ status: 405, writes: 0, reads: 0 });
      expect(answer.headers.get("allow")).toBe("PUT, DELETE");
    },
  );
});

const names = ["Auth-Token", "Auth-Timestamp", "Auth-Nonce", "Auth-Signature"] as const;

describe("a request without a right signature", () => {
  beforeEach(warmUp);

  const missing = names.map((name): [string, Sent] => [`${name} missing`, { headers: { [name]: undefined } }]);
  const empty = names.map((name): [string, Sent] => [`${name} empty`, { headers: { [name]: "" } }]);
  const long = names.map((name): [string, Sent] => [
    `${name} of 5,000 characters`,
    { headers: { [name]: "1".repeat(5_000) } },
  ]);
  const twice = names.map((name): [string, Sent] => [
    `${name} given twice`,
    { headers: (right) => [...Object.entries(right), [name, right[name] ?? ""]] },
  ]);

  it.each([
    ...missing,
    ...empty,
    ...long,
    ...twice,
    ["a host id with a sign in it", { headers: { "Auth-Token": "e-1" } }],
    ["a host id of 41 characters", { headers: { "Auth-Token": "e".repeat(41) } }],
    ["a time with a point", { headers: { "Auth-Timestamp": "1700000000.5" } }],
    ["a negative time", { headers: { "Auth-Timestamp": "-1700000000" } }],
    ["a time in hexadecimal", { headers: { "Auth-Timestamp": "0x6553f100" } }],
    ["a time of 13 digits", { headers: { "Auth-Timestamp": "1700000000000" } }],
    ["a time with an exponent", { headers: { "Auth-Timestamp": "17e8" } }],
    ["a nonce of 7 characters", { headers: { "Auth-Nonce": "n".repeat(7) } }],
    ["a nonce of 65 characters", { headers: { "Auth-Nonce": "n".repeat(65) } }],
    ["a nonce with a blank", { headers: { "Auth-Nonce": "nnnnnnnn nnnnnnn" } }],
    [
      "a signature in lower case",
      {
        headers: (right) =>
          Object.entries({ ...right, "Auth-Signature": right["Auth-Signature"]?.toLowerCase() ?? "" }),
      },
    ],
    ["a signature in base64url", { headers: { "Auth-Signature": `${"-".repeat(86)}==` } }],
    [
      "a signature without its padding",
      {
        headers: (right) => Object.entries({ ...right, "Auth-Signature": right["Auth-Signature"]?.slice(0, 86) ?? "" }),
      },
    ],
    ["another host's id", { headers: { "Auth-Token": "e2" } }],
    ["an unknown host's id", { headers: { "Auth-Token": "nosuchhost" } }],
    ["another time", { headers: { "Auth-Timestamp": "1700000009" } }],
    ["another nonce", { headers: { "Auth-Nonce": "m".repeat(32) } }],
    [
      "the signature of a leave",
      {
        method: "PUT",
        headers: () =>
          Object.entries(
            signedHeaders({
              hostId: "e1",
              secret: world.secret("e1"),
              method: "DELETE",
              timestamp: 1_700_000_005,
              nonce: "n".repeat(32),
            }),
          ),
      },
    ],
    [
      "the secret of another host",
      {
        headers: () =>
          Object.entries(
            signedHeaders({
              hostId: "e1",
              secret: world.secret("e2"),
              timestamp: 1_700_000_005,
              nonce: "n".repeat(32),
            }),
          ),
      },
    ],
  ] as [string, Sent][])("is refused with 401, at most one read and no write: %s", async (_, sent) => {
    const answer = await send(sent);

    expect(answer).toMatchObject({ status: 401, writes: 0 });
    expect(answer.reads).toBeLessThanOrEqual(1);
    expect(JSON.parse(answer.text)).toEqual({ error: "unknown host or wrong signature" });
  });

  it("is answered the same for an unknown host as for a wrong signature, at the same cost", async () => {
    const wrong = await send({ headers: { "Auth-Nonce": "m".repeat(32) } });
    await world.clock.advance(5_000);
    const unknown = await send({ headers: { "Auth-Token": "nosuchhost" } });

    expect(unknown).toEqual({ ...wrong, headers: unknown.headers });
    expect([...unknown.headers]).toEqual([...wrong.headers]);
  });

  it("reads the configuration at most once a second, however many come", async () => {
    const { reads } = world.database;

    await Promise.all(Array.from({ length: 50 }, () => send({ headers: { "Auth-Token": "nosuchhost" } })));

    expect(world.database.reads - reads).toBe(1);
  });

  it("is refused before its body is looked at", async () => {
    expect(await send({ headers: { "Auth-Token": "nosuchhost" }, body: "{" })).toMatchObject({ status: 401 });
  });
});

describe("promise 8: a host that has no secret, or one that was taken from it, speaks for nobody", () => {
  it("a static host cannot heartbeat, even with the secret that would be its own", async () => {
    const { staticHost } = await import("../fixtures/network.ts");
    world = await heartbeatWorld(
      network([link("l1", [location("east", ["e1"]), location("office", [staticHost("router", "203.0.113.9")])])]),
    );

    const answer = await world.beat("router");

    expect(answer.status).toBe(401);
    expect(await world.record("router")).toBeUndefined();
  });
});

describe("a body that cannot be taken", () => {
  beforeEach(warmUp);
  const limit = 64 * 1024;
  const padded = (bytes: number) => `${body({})}${" ".repeat(bytes - body({}).length)}`;

  it("is taken at 64 KiB", async () => {
    expect((await send({ body: padded(limit) })).status).toBe(200);
  });

  it.each([
    ["one byte more", { body: padded(limit + 1) }],
    ["one byte more in pieces, without a length", { body: new Blob([padded(limit + 1)]).stream() }],
    ["a length that says so, whatever comes", { headers: { "Content-Length": String(limit + 1) }, body: body({}) }],
    ["characters of several bytes", { body: padded(limit - 10).replace("1.0.3594", "1.0.3594ééééééé") }],
    ["a leave with a long body", { method: "DELETE", body: "x".repeat(limit + 1) }],
  ] as [string, Sent][])("is refused with 413, unread: %s", async (_, sent) => {
    expect(await send(sent)).toMatchObject({ status: 413, writes: 0, reads: 0 });
  });

  it("does not read on once it is too long", async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(1024));
      },
    });

    expect((await send({ body: endless })).status).toBe(413);
    expect(pulled).toBeLessThan(80);
  });

  const fields = ["timestamp", "version", "public_address", "local_address", "address6", "wg_public_key"];
  const texts = fields.slice(1);
  it.each([
    ...[...fields, "status", "hosts"].map((name) => [`${name} missing`, body({ [name]: undefined })]),
    ...fields.map((name) => [`${name} null`, body({ [name]: null })]),
    ...texts.map((name) => [`${name} a number`, body({ [name]: 1 })]),
    ...texts.map((name) => [`${name} of 257 characters`, body({ [name]: "x".repeat(257) })]),
    ["timestamp a text", body({ timestamp: "1700000000" })],
    ["timestamp broken", body({ timestamp: 1.5 })],
    ["timestamp beyond whole numbers", body({}).replace('"timestamp":0', '"timestamp":1e30')],
    ["status a list", body({ status: [] })],
    ["status a text", body({ status: "connected" })],
    ["status of a kind that does not exist", body({ status: { west: "up" } })],
    ["status in other case", body({ status: { west: "Connected" } })],
    ["status of a number", body({ status: { west: 1 } })],
    ["status of a key of 41 characters", body({ status: { ["w".repeat(41)]: "connected" } })],
    ["status of 1,001 entries", body({ status: mapOf(1_001, "connected") })],
    ["hosts a list", body({ hosts: [check] })],
    ["hosts of 1,001 entries", body({ hosts: mapOf(1_001, check) })],
    ["hosts without a state", body({ hosts: { w1: { latency: 1 } } })],
    ["hosts with a state of a text", body({ hosts: { w1: { state: "true", latency: 1 } } })],
    ["hosts without a latency", body({ hosts: { w1: { state: true } } })],
    ["hosts with a latency of a text", body({ hosts: { w1: { state: true, latency: "1" } } })],
    [
      "hosts with a latency beyond numbers",
      body({ hosts: { w1: { state: true, latency: 0 } } }).replace('"latency":0', '"latency":1e999'),
    ],
    ["hosts of null", body({ hosts: { w1: null } })],
    ["errors a text", body({ errors: "none" })],
    ["errors of numbers", body({ errors: [1] })],
    ["1,001 errors", body({ errors: Array(1_001).fill("x") })],
    ["an error of 257 characters", body({ errors: ["x".repeat(257)] })],
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["a text", '"body"'],
    ["half a body", body({}).slice(0, -1)],
    ["two bodies", `${body({})}${body({})}`],
    ["a mark of byte order before it", `\ufeff${body({})}`],
    ["a NUL byte after it", `${body({})}\u0000`],
    ["sixty thousand brackets", "[".repeat(60_000)],
    ["sixty thousand brackets in a field", `{"status":${"[".repeat(60_000)}`],
  ] as [string, string][])("is refused with 400, nothing written: %s", async (_, text) => {
    const answer = await send({ body: text });

    expect(answer).toMatchObject({ status: 400, writes: 0 });
    expect(answer.text.length).toBeLessThan(400);
    expect(answer.text).not.toMatch(/\bat \S+\.ts|node:/);
  });

  it("is refused with 400 for bytes that are no JSON in any encoding", async () => {
    const answer = await send({ body: new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]) });

    expect(answer).toMatchObject({ status: 400, writes: 0 });
  });

  it("is told by its field and never by its value", async () => {
    const answer = await send({ body: body({ status: { west: "S3CRET" } }) });

    expect(answer.text).toContain("status.west");
    expect(answer.text).not.toContain("S3CRET");
  });

  it("does not keep the next heartbeat from being taken", async () => {
    await send({ body: "{" });

    expect((await world.beat("e1")).status).toBe(200);
  });
});
