import { afterEach, describe, expect, it } from "vitest";
import { DatabaseError } from "../../shared/domain/errors.ts";
import { limits } from "../../shared/domain/limits.ts";
import { openWorld, sampleWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.expectNoSecrets());

const everyRoute: readonly (readonly [string, string])[] = [
  ["GET", "network"],
  ["POST", "validate"],
  ["POST", "plan"],
  ["POST", "apply"],
  ["GET", "status"],
  ["GET", "explain/backbone/us-east"],
  ["GET", "events"],
  ["GET", "host-uri/backbone/us-east/a1"],
  ["POST", "switchover/backbone/us-east"],
  ["POST", "pin/backbone/us-east"],
  ["POST", "unpin/backbone/us-east"],
  ["POST", "drain/backbone/us-east"],
  ["GET", "drain/backbone/us-east/a1"],
  ["POST", "undrain/backbone/us-east"],
  ["POST", "pause"],
  ["POST", "resume"],
  ["POST", "rotate/host/backbone/us-east/a1"],
  ["POST", "rotate/link/backbone"],
  ["POST", "adopt/backbone/us-east"],
  ["GET", "orphans"],
  ["POST", "orphans/forget"],
];

describe("the token", () => {
  it.each(everyRoute)("is needed for %s %s, and without it nothing is read or written", async (method, path) => {
    world = openWorld();

    const reply = await world.ask(method, path, method === "POST" ? {} : undefined, { authorization: "" });

    expect(reply.status).toBe(401);
    expect(world.database.reads + world.database.writes).toBe(0);
  });

  it("is refused in the same words whether it is missing, wrong, of another scheme or for an unknown path", async () => {
    world = openWorld();
    const headers = ["", "Bearer", "Bearer ", "Bearer wrong", "Basic cG06cG0=", `Bearer ${"x".repeat(10_000)}`];

    const replies = await Promise.all(
      headers.map((authorization) => world.ask("GET", "status", undefined, { authorization })),
    );
    const unknown = await world.ask("GET", "nothing/here", undefined, { authorization: "Bearer wrong" });

    for (const reply of [...replies, unknown]) {
      expect(reply.status).toBe(401);
      expect(reply.body).toEqual(unknown.body);
    }
  });

  it("is refused with 429 after ten failures in a minute, and the right one passes all the same", async () => {
    world = openWorld();
    const wrong = () => world.ask("GET", "status", undefined, { authorization: "Bearer wrong" });
    for (let n = 0; n < limits.adminFailures; n++) expect((await wrong()).status).toBe(401);
    await world.clock.advance(20_000);

    const limited = await wrong();
    expect(limited.status).toBe(429);
    expect(limited.headers.get("retry-after")).toBe("40");
    expect((await world.get("status")).status).toBe(200);
    await world.clock.advance(40_000);
    expect((await wrong()).status).toBe(401);
  });

  it("cannot be judged while its hash cannot be read: 503 that says what to do, and a log line", async () => {
    world = openWorld({
      secrets: {
        masterKey: async () => new Uint8Array(32),
        adminTokenHash: async () => {
          throw new Error("no such parameter");
        },
      },
    });

    const reply = await world.get("status");

    expect(reply).toMatchObject({ status: 503, body: { error: { code: "not-set-up" } } });
    expect(world.logged).toHaveLength(1);
  });
});

describe("requests that cannot be taken", () => {
  it("are answered 404 for an unknown path and 405 with Allow for a wrong method", async () => {
    world = openWorld();

    for (const path of [
      "",
      "nothing",
      "status/",
      "explain/backbone",
      "explain/a/b/c",
      "explain/%E0%A4%A/x",
      "..%2fstatus",
    ]) {
      expect((await world.get(path)).status, path).toBe(404);
    }
    const wrong = await world.ask("DELETE", "network");
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET");
    expect((await world.get("drain/backbone/us-east")).headers.get("allow")).toBe("POST");
  });

  it("are answered 413 for a body over 1 MiB, whether its length is declared or not", async () => {
    world = openWorld();
    const big = JSON.stringify({ file: "x".repeat(limits.adminBodyBytes) });
    const streamed = new Request("https://admin.test/admin/v1/plan", {
      method: "POST",
      headers: { authorization: `Bearer ${world.token}` },
      body: new Blob([big]).stream(),
      duplex: "half",
    } as RequestInit);

    expect((await world.post("plan", big)).status).toBe(413);
    expect((await world.admin(streamed)).status).toBe(413);
    expect(world.database.reads).toBe(0);
  });

  it.each([
    ["not JSON", "{", "invalid-json"],
    ["an array", "[]", "invalid-request"],
    ["null", "null", "invalid-request"],
    ["a number for a text", '{"file": 7}', "invalid-request"],
    ["an unknown field", '{"file": "", "force": true}', "invalid-request"],
    ["a missing field", "{}", "invalid-request"],
    ["no body", undefined, "invalid-request"],
    ["a deep body", "[".repeat(50_000), "invalid-json"],
    ["a body deeper than the stack", "[".repeat(50_000) + "]".repeat(50_000), "invalid-request"],
    ["a field deeper than the stack", `{"file":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`, "invalid-request"],
  ])("are answered 400 for %s", async (_what, body, code) => {
    world = openWorld();

    const reply = await world.ask("POST", "plan", body);

    expect(reply).toMatchObject({ status: 400, body: { error: { code } } });
    expect(JSON.stringify(reply.body)).not.toMatch(/Invalid input|\.ts:| {4}at /);
  });

  it("name every mistake with its field and value", async () => {
    world = openWorld();

    const { body } = await world.post("apply", {
      file: 1,
      allowRemove: "yes",
      why: "y".repeat(501),
      expectVersion: -1,
    });

    const fields = (body as { error: { mistakes: { field: string }[] } }).error.mistakes.map(({ field }) => field);
    expect(fields.sort()).toEqual(["allowRemove", "expectVersion", "file", "why"]);
  });

  it("name no more mistakes, and no more of each, than an answer can hold", async () => {
    world = openWorld();
    const keys = Array.from({ length: 60_000 }, (_, at) => `"key-${at}":[]`);

    const { status, body } = await world.post("plan", `{"file":"",${keys.join(",")}}`);
    const long = await world.post("plan", { file: "", ["k".repeat(500_000)]: ["x".repeat(500_000)] });

    expect(status).toBe(400);
    expect((body as { error: { mistakes: object[] } }).error.mistakes).toHaveLength(limits.adminMistakes);
    expect(long.body).toMatchObject({
      error: { mistakes: [{ field: `${"k".repeat(60)}…`, reason: "unknown field" }] },
    });
    expect(JSON.stringify(long.body).length).toBeLessThan(1_000);
  });

  it("are answered 400 for bytes that are no UTF-8", async () => {
    world = openWorld();
    const request = new Request("https://admin.test/admin/v1/plan", {
      method: "POST",
      headers: { authorization: `Bearer ${world.token}` },
      body: new Uint8Array([0x7b, 0xff, 0x7d]),
    });

    expect((await world.admin(request)).status).toBe(400);
  });

  it("are answered 400 for an operator's name that is not fit for the record", async () => {
    world = openWorld();

    for (const name of ["<script>", "a".repeat(65), "-x", "x-"]) {
      expect((await world.ask("GET", "status", undefined, { "pointsman-operator": name })).status, name).toBe(400);
    }
    expect((await world.ask("GET", "status", undefined, { "pointsman-operator": "Anna Ek, jr" })).status).toBe(400);
    expect((await world.ask("GET", "status", undefined, { "pointsman-operator": "anna.ek@example.net" })).status).toBe(
      200,
    );
  });

  it.each([
    ["events?since=yesterday", 400],
    ["events?since=-1", 400],
    ["events?since=99999999999999", 200],
    ["events?cursor=..", 400],
    ["events?cursor=1.AAAA", 200],
    ["events?limit=7", 400],
  ])("GET %s is answered %i", async (path, expected) => {
    world = openWorld();
    expect((await world.get(path)).status).toBe(expected);
  });

  it("are answered 404 with the names there are for an unknown link, location or host", async () => {
    world = await sampleWorld();
    const cases: readonly (readonly [string, string, object | undefined, string])[] = [
      ["GET", "explain/nothing/us-east", undefined, "unknown-link"],
      ["GET", "explain/backbone/nothing", undefined, "unknown-location"],
      ["GET", "explain/backbone/__proto__", undefined, "unknown-location"],
      ["GET", "host-uri/backbone/us-east/nothing", undefined, "unknown-host"],
      ["GET", "drain/backbone/us-east/nothing", undefined, "unknown-host"],
      ["POST", "switchover/backbone/us-east", { host: "nothing" }, "unknown-host"],
      ["POST", "pin/backbone/us-east", { host: "b1" }, "unknown-host"],
      ["POST", "unpin/backbone/nothing", {}, "unknown-location"],
      ["POST", "drain/backbone/us-east", { host: "nothing" }, "unknown-host"],
      ["POST", "undrain/backbone/us-east", { host: "nothing" }, "unknown-host"],
      ["POST", "pause", { link: "nothing" }, "unknown-link"],
      ["POST", "resume", { link: "nothing" }, "unknown-link"],
      ["POST", "rotate/host/backbone/us-east/nothing", {}, "unknown-host"],
      ["POST", "rotate/link/nothing", {}, "unknown-link"],
      ["POST", "adopt/nothing/us-east", {}, "unknown-link"],
    ];
    const writes = world.database.writes;

    for (const [method, path, body, code] of cases) {
      const reply = await world.ask(method, path, body);
      expect(reply, path).toMatchObject({ status: 404, body: { error: { code } } });
      const next = (reply.body as { error: { next: string } }).error.next;
      expect(next).toMatch(/^the (links|locations|hosts) are: /);
    }
    expect(world.database.writes).toBe(writes);
  });
});

describe("what goes wrong inside", () => {
  it("is answered 503 with Retry-After when the database cannot be asked", async () => {
    world = openWorld();
    const store = {
      ...world.store,
      readNetwork: async () => {
        throw new DatabaseError("THROTTLED", "too much", { next: "wait" });
      },
    };
    world = openWorld({ store });

    const reply = await world.get("network");

    expect(reply).toMatchObject({ status: 503, body: { error: { code: "database-unavailable", next: "wait" } } });
    expect(reply.headers.get("retry-after")).toBe("2");
  });

  it("is answered 500 without a word of the error, which is logged by name alone", async () => {
    world = openWorld();
    const store = {
      ...world.store,
      readNetwork: async () => {
        throw new TypeError("the secret is 12345");
      },
    };
    world = openWorld({ store });

    const reply = await world.get("network");

    expect(reply).toMatchObject({ status: 500, body: { error: { code: "internal" } } });
    expect(JSON.stringify(reply.body) + world.logged.join()).not.toContain("12345");
    expect(world.logged.join()).toContain("TypeError");
  });

  it("never answers with a stack, and never lets an answer be cached", async () => {
    world = await sampleWorld();
    const reply = await world.get("status");
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect(reply.headers.get("content-type")).toBe("application/json; charset=utf-8");
  });
});
