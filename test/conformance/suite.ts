import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { limits } from "../../shared/domain/limits.ts";
import { noteOutput } from "../leaks/watch.ts";
import type { ConformanceAnswer, OpenPlatform, Sent } from "./platform.ts";
import { openWorld, type World } from "./world.ts";

const json = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
/** Lines that the functions logged in this test. */
const logged: string[] = [];
const unknownSender = { error: "unknown host or wrong signature" };

/** What every platform has to answer and to do, in the same words. Each runs in a file of its own, since it reads the environment. */
export function conformance(name: string, open: OpenPlatform): void {
  let world: World;
  const write = process.stderr.write;
  beforeAll(async () => {
    process.stderr.write = (text) => {
      noteOutput("stderr", String(text));
      logged.push(String(text));
      return true;
    };
    world = await openWorld(open);
  });
  afterAll(async () => {
    process.stderr.write = write;
    await world.stop();
  });
  beforeEach(() => {
    world.standIn.isDatabaseDown = false;
    world.platform.sent();
    logged.length = 0;
  });
  describe(`the heartbeat endpoint on ${name}`, () => heartbeats(() => world));
  describe(`the admin API on ${name}`, () => admin(() => world));
  describe(`the schedule and the queues on ${name}`, () => messages(() => world));
}

function expectJson(answer: ConformanceAnswer, status: number, body: unknown): void {
  expect({ status: answer.status, body: JSON.parse(answer.body) }).toEqual({ status, body });
  expect(answer.headers).toMatchObject(json);
}

function heartbeats(world: () => World): void {
  it("answers a known host with what is sealed for it", async () => {
    const answer = await world().send(world().signed("us-east/a1"));

    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ "content-type": "application/base64", "cache-control": "no-store" });
    const { state } = await world().open("us-east/a1", answer);
    expect(state).toMatchObject({ id: expect.any(String), protocol: "ipsec", links: expect.any(Array) });
  });

  it("takes a body of any type of content, and header names of any case", async () => {
    const request = world().signed("us-east/a2");
    const upper = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key.toUpperCase(), value]));
    expect((await world().send({ ...request, headers: upper })).status).toBe(200);

    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", "nonsense"]) {
      const answer = await world().send(world().signed("us-east/a2", { headers: { "Content-Type": type } }));
      expect({ type, status: answer.status }).toEqual({ type, status: 200 });
    }
  });

  it("takes a body as it is, whatever is said of its encoding", async () => {
    for (const encoding of ["identity", "gzip", "nonsense"]) {
      const answer = await world().send(world().signed("us-east/a1", { headers: { "Content-Encoding": encoding } }));
      expect({ encoding, status: answer.status }).toEqual({ encoding, status: 200 });
    }
  });

  it("takes a body as bytes, and text beyond ASCII in it", async () => {
    const text = JSON.stringify({
      ...JSON.parse(String(world().signed("office/b1").body)),
      version: "1.0 Größe 中 😀",
    });

    expect((await world().send(world().signed("office/b1", { body: text }))).status).toBe(200);
    expect((await world().send(world().signed("office/b1", { body: Buffer.from(text) }))).status).toBe(200);
  });

  it("refuses a nonce that is on record", async () => {
    const request = world().signed("us-east/a1", { body: changed(world().signed("us-east/a1").body) });
    await world().send(request);

    expectJson(await world().send(request), 409, { error: "this nonce was used before" });
  });

  it("refuses a forged signature, an unknown host and a request that is not signed in the same words", async () => {
    const good = world().signed("us-east/a1");
    const answers = [
      await world().send(world().signed("us-east/a1", { isForged: true })),
      await world().send({ ...good, headers: { ...good.headers, "Auth-Token": "nobody" } }),
      await world().send({ ...good, headers: { ...good.headers, "Auth-Token": "Größe" } }),
      await world().send({ ...good, headers: { ...good.headers, "Auth-Token": "x".repeat(4_000) } }),
      await world().send({ ...good, headers: { ...good.headers, "Auth-Signature": "" } }),
      await world().send({ ...good, headers: {} }),
    ];

    for (const answer of answers) expectJson(answer, 401, unknownSender);
  });

  it("refuses a signature for another method", async () => {
    const request = world().signed("us-east/a1");

    expectJson(await world().send({ ...request, method: "DELETE" }), 401, unknownSender);
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["another shape", "[]"],
    ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x00, 0x80])],
  ])("refuses a body of %s", async (_name, body) => {
    const answer = await world().send(world().signed("us-east/a1", { body }));

    expectJson(answer, 400, { error: expect.stringMatching(/^\w+: /) });
  });

  it("takes a body of 64 KiB and not a byte more, in whatever characters", async () => {
    const { body } = world().signed("us-east/a1");
    const largest = String(body).padEnd(limits.bodyBytes, " ");
    const wide = `${String(body)}${"\u00e9".repeat(limits.bodyBytes / 2)}`;

    expect((await world().send(world().signed("us-east/a1", { body: largest }))).status).toBe(200);
    const tooLarge = { error: "the body is larger than 65536 bytes" };
    for (const one of [`${largest} `, wide, Buffer.from(`${largest} `), "x".repeat(2_000_000)]) {
      expectJson(await world().send(world().signed("us-east/a1", { body: one })), 413, tooLarge);
    }
  });

  it("is there for PUT and DELETE of its one path alone", async () => {
    const request = world().signed("us-east/a1");
    for (const method of ["GET", "POST", "PATCH"]) {
      const { body: _body, ...bare } = request;
      const answer = await world().send({ ...bare, method });
      expectJson(answer, 405, { error: "PUT or DELETE" });
      expect(answer.headers["allow"]).toBe("PUT, DELETE");
    }
    for (const path of ["/", "/link", "/link/state/", "/link/other", "/link%2Fstate"]) {
      const { status } = await world().send({ ...request, path });
      // An HTTP API decodes the path before we see it: there it is the one path, and the signature is good.
      expect({ path, is: status === 404 || (path.includes("%2F") && status === 200) }).toEqual({ path, is: true });
    }
  });

  it("takes no notice of a query", async () => {
    expect((await world().send({ ...world().signed("us-east/a1"), query: "a=1&b=%20" })).status).toBe(200);
  });

  it("records a leave", async () => {
    await world().send(world().signed("us-east/a2"));

    expectJson(await world().send(world().signed("us-east/a2", { method: "DELETE" })), 200, { outcome: "left" });
  });

  it("asks the host to try again while the database cannot be asked", async () => {
    world().standIn.isDatabaseDown = true;

    const answer = await world().send(world().signed("us-east/a1"));

    expectJson(answer, 503, { error: "the heartbeat could not be recorded: try again" });
  });
}

/** A report with news, so that it is put on record at once. */
function changed(body: string | Uint8Array | undefined): string {
  return JSON.stringify({ ...JSON.parse(String(body)), version: randomBytes(4).toString("hex") });
}

function admin(world: () => World): void {
  it("answers the operator in JSON that no cache keeps", async () => {
    const answer = await world().ask("GET", "status");

    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject(json);
    expect(JSON.parse(answer.body)).toMatchObject({ links: [{ name: "backbone" }] });
  });

  it("keeps what was written in any script", async () => {
    const answer = await world().ask("GET", "network");

    expect(JSON.parse(answer.body)).toMatchObject({ version: 1, why: "Größe 中" });
  });

  it("takes a body as bytes", async () => {
    const body = Buffer.from(JSON.stringify({ file: "version: 1\nlinks: {}\n" }));
    const answer = await world().ask("POST", "validate", { body, headers: { "content-type": "application/json" } });

    expect({ status: answer.status, body: JSON.parse(answer.body) }).toMatchObject({ status: 200, body: { links: 0 } });
  });

  it("reads the query and parts of the path, encoded or not", async () => {
    expect((await world().ask("GET", "events", { query: "since=0" })).status).toBe(200);
    expectRefusal(await world().ask("GET", "events", { query: "since=%C3%A9" }), 400, "invalid-request");
    const unknown = await world().ask("GET", "explain/gr%C3%B6%C3%9Fe/office");
    expectRefusal(unknown, 404, "unknown-link");
    expect(unknown.body).toContain("größe");
    expect((await world().ask("GET", "explain/back%2Fbone/office")).status).toBe(404);
  });

  it("refuses whoever has not the token, whatever the path", async () => {
    for (const [authorization, path] of [
      ["", "status"],
      ["Bearer wrong", "status"],
      ["Bearer Größe", "nothing/here"],
    ] as const) {
      const answer = await world().ask("GET", path, { headers: { authorization } });
      expectRefusal(answer, 401, "unauthorised");
      expect(answer.headers["www-authenticate"]).toBe("Bearer");
    }
  });

  it("is not at other paths, and says which methods a path takes", async () => {
    expectRefusal(await world().ask("GET", "nothing/here"), 404, "not-found");
    const answer = await world().ask("DELETE", "network");
    expectRefusal(answer, 405, "method-not-allowed");
    expect(answer.headers["allow"]).toBe("GET");
  });

  it("refuses a header that is no name, and bodies that are no JSON", async () => {
    const odd = await world().ask("GET", "status", { headers: { "pointsman-operator": "Größe" } });
    expectRefusal(odd, 400, "invalid-request");
    expectRefusal(await world().ask("POST", "plan", { body: "{" }), 400, "invalid-json");
    const bytes = new Uint8Array([0x7b, 0xff, 0x7d]);
    expectRefusal(await world().ask("POST", "plan", { body: bytes }), 400, "invalid-json");
  });

  it("takes a body of 1 MiB, and answers a byte more with 413 before it asks for the token", async () => {
    const largest = "{}".padEnd(limits.adminBodyBytes, " ");
    expectRefusal(await world().ask("POST", "plan", { body: largest }), 400, "invalid-request");

    const tooLarge = await world().ask("POST", "plan", { body: `${largest} `, headers: { authorization: "" } });
    expectJson(tooLarge, 413, {});
  });

  it("says when to try again while the database cannot be asked", async () => {
    world().standIn.isDatabaseDown = true;

    const answer = await world().ask("GET", "status");

    expectRefusal(answer, 503, "database-unavailable");
    expect(answer.headers["retry-after"]).toBe("2");
  });
}

function expectRefusal(answer: ConformanceAnswer, status: number, code: string): void {
  expect({ status: answer.status, body: JSON.parse(answer.body) }).toMatchObject({ status, body: { error: { code } } });
  expect(answer.headers).toMatchObject(json);
}

const bySentOrder = (a: Sent, b: Sent) => a.queue.localeCompare(b.queue) || a.delayS - b.delayS;

function messages(world: () => World): void {
  const wake = () => ({ ...world().place("office"), cause: "decision", round: 0 });

  it("sends eleven ticks five seconds apart on the schedule, and wakes the locations with routes", async () => {
    expect(await world().platform.schedule()).toBe("done");

    const sent = [...world().platform.sent()].sort(bySentOrder);
    const sweeps = sent.filter(({ message }) => (message as { kind?: string }).kind === "sweep");
    expect(sweeps.map(({ queue, delayS }) => [queue, delayS])).toEqual(
      Array.from({ length: limits.ticks }, (_, at) => ["ticks", ((at + 1) * limits.tickMs) / 1_000]),
    );
    expect(sent).toContainEqual({
      queue: "swaps",
      message: { ...world().place("us-east"), cause: "reconcile", round: 0 },
      delayS: 0,
    });
  });

  it("sweeps on a tick, decides on a moment, and sends a wake on when it is due", async () => {
    const dueMs = Date.now();
    expect(await world().platform.tick(JSON.stringify({ kind: "sweep", dueMs }))).toBe("done");
    expect(await world().platform.tick(JSON.stringify({ kind: "moment", dueMs, ...world().place("office") }))).toBe(
      "done",
    );
    world().platform.sent();

    expect(await world().platform.tick(JSON.stringify({ kind: "wake", dueMs, ...wake() }))).toBe("done");

    expect(world().platform.sent()).toEqual([{ queue: "swaps", message: wake(), delayS: 0 }]);
  });

  it("points the routes at the host that a heartbeat made the active one", async () => {
    expect((await world().send(world().signed("us-east/a1"))).status).toBe(200);
    expect(await world().platform.tick(JSON.stringify({ kind: "sweep", dueMs: Date.now() }))).toBe("done");

    const decided = { ...world().place("us-east"), cause: "decision", round: 0 };
    expect(await world().platform.swap(JSON.stringify(decided))).toBe("done");

    expect(world().routes()).toEqual({ "192.168.0.0/16": "eni-0a1" });
    const answer = await world().ask("GET", "explain/backbone/us-east");
    expect(JSON.parse(answer.body)).toMatchObject({ location: { swap: { state: "confirmed", routes: 1 } } });
  });

  it("works off a wake, and drops an examination that nobody waits for any more", async () => {
    const examine = { kind: "examine", ...world().place("office"), examinationId: "e1", untilMs: Date.now() - 1 };

    expect(await world().platform.swap(JSON.stringify(wake()))).toBe("done");
    expect(await world().platform.swap(JSON.stringify(examine))).toBe("done");
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["words", "Größe 中"],
    ["a number", "5"],
    ["nothing in JSON", "null"],
    ["a list", "[]"],
    ["another kind", '{"kind":"nap","dueMs":1}'],
    ["a field too many", '{"linkId":"l1","locationId":"a","cause":"decision","round":0,"secret":"x"}'],
    ["an id that is none", '{"linkId":"l1","locationId":"a/b","cause":"decision","round":0}'],
  ])("drops a message of %s, so that it does not come for ever", async (_name, message) => {
    expect(await world().platform.tick(message)).toBe("done");
    expect(await world().platform.swap(message)).toBe("done");
    expect(world().platform.sent()).toEqual([]);
    const lines = logged.map((line) => JSON.parse(line) as unknown);
    const dropped = { level: "ERROR", message: "dropped a message that is not understood" };
    expect(lines).toEqual([expect.objectContaining(dropped), expect.objectContaining(dropped)]);
  });

  it("lets what failed come again, and the schedule count it", async () => {
    world().standIn.isDatabaseDown = true;
    const moment = { kind: "moment", dueMs: Date.now(), ...world().place("office") };

    expect(await world().platform.tick(JSON.stringify(moment))).toBe("again");
    expect(await world().platform.swap(JSON.stringify(wake()))).toBe("again");
    expect(await world().platform.schedule()).toBe("again");
    const lines = logged.map((line) => JSON.parse(line) as { readonly level: string; readonly message: string });
    expect(lines.filter(({ level }) => level === "ERROR").map(({ message }) => message)).toEqual([
      "a message was not worked off and comes again",
      "a message was not worked off and comes again",
      "the function failed",
    ]);
  });
}
