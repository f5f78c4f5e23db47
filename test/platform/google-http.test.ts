import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { cloudEvent, http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { testClock } from "../../dev/test-clock.ts";
import { googleSchedule, googleTask } from "../../shared/platform/google-events.ts";
import { googlePlain, googleWeb } from "../../shared/platform/google-http.ts";
import { jsonAnswer, type PlainRequest } from "../../shared/platform/plain-http.ts";
import { recordingLog } from "./recording-log.ts";

type Asked = { readonly path?: string; readonly method?: string; readonly headers?: Record<string, string> };

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** Serves a registered function by the framework, and asks it. */
async function serving(name: string) {
  const server = getTestServer(name).listen(0, "127.0.0.1");
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return async (asked: Asked = {}, body?: string | Uint8Array) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const { path = "/link/state", method = "POST", headers = {} } = asked;
      const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const options = { host: "127.0.0.1", port, path, method, headers: { ...headers, ...length }, agent: false };
      const call = httpRequest(options, async (response) => {
        let text = "";
        for await (const part of response.setEncoding("utf8")) text += String(part);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
      call.on("error", reject).end(body);
    });
}

async function plain(maxBodyBytes = 100) {
  const seen: (Omit<PlainRequest, "headers"> & { readonly header: (name: string) => unknown })[] = [];
  const log = recordingLog();
  http(
    "plain",
    googlePlain(
      async ({ method, path, headers, body }) => {
        if (path === "/link/throw") throw new Error("a fault with password=hunter2hunter2");
        seen.push({ method, path, body, header: (name) => headers.get(name) });
        return jsonAnswer(200, { ok: true }, { "X-Ours": "1" });
      },
      { maxBodyBytes, log },
    ),
  );
  return { seen, log, ask: await serving("plain") };
}

describe("a plain core in the framework of Google Cloud", () => {
  it("sees method, path, headers and the body as it came", async () => {
    const { seen, ask } = await plain();

    const answer = await ask({ path: "/link/a%20b?x=1#y", headers: { "Auth-Token": "Abc" } }, "größe");

    expect(seen[0]).toMatchObject({ method: "POST", path: "/link/a%20b", body: "größe" });
    expect(seen[0]?.header("auth-token")).toBe("Abc");
    expect(seen[0]?.header("nothing")).toBeUndefined();
    expect(answer).toMatchObject({ status: 200, body: '{"ok":true}' });
    expect(answer.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-ours": "1",
    });
    expect(Object.keys(answer.headers)).not.toContain("x-powered-by");
    expect(Object.keys(answer.headers)).not.toContain("etag");
  });

  it.each([
    "application/json",
    "application/cloudevents+json",
    "application/x-www-form-urlencoded",
    "text/plain; charset=nonsense",
  ])("reads the body itself, whatever it calls itself: %s", async (type) => {
    const { seen, ask } = await plain();

    expect((await ask({ headers: { "content-type": type } }, "{no JSON")).status).toBe(200);
    expect(seen[0]).toMatchObject({ body: "{no JSON" });
    expect(seen[0]?.header("content-type")).toBe(type);
  });

  it("inflates nothing", async () => {
    const { seen, ask } = await plain(2_000);

    await ask({ headers: { "content-encoding": "gzip" } }, gzipSync("x".repeat(1_000_000)));

    expect(seen[0]?.body?.length).toBeLessThan(2_000);
    expect(seen[0]?.header("content-encoding")).toBe("gzip");
  });

  it("sees no body that is larger than it takes, by bytes", async () => {
    const { seen, ask } = await plain(4);

    await ask({}, "éé");
    await ask({}, "ééx");
    await ask({ method: "GET" });

    expect(seen.map(({ body }) => body)).toEqual(["éé", undefined, ""]);
  });

  it("that throws is logged and answered without a word of it", async () => {
    const { log, ask } = await plain();

    const answer = await ask({ path: "/link/throw" });

    expect(answer).toMatchObject({ status: 500, body: "{}" });
    expect(log.lines).toMatchObject([{ level: "error", message: "the function failed" }]);
  });
});

async function web(maxBodyBytes = 100) {
  const seen: { readonly url: string; readonly headers: Headers; readonly body: string }[] = [];
  http(
    "web",
    googleWeb(
      async (request) => {
        seen.push({ url: request.url, headers: request.headers, body: await request.text() });
        return new Response(new Uint8Array([0xff, 0x00]), { status: 201, headers: { "content-type": "image/x" } });
      },
      { maxBodyBytes, log: recordingLog() },
    ),
  );
  return { seen, ask: await serving("web") };
}

describe("a core of the web's Request and Response in the framework of Google Cloud", () => {
  it("sees the whole address and the body, and answers bytes", async () => {
    const { seen, ask } = await web();

    const answer = await ask({ path: "/admin/v1/a%20b?x=%C3%A9", headers: { host: "acme.run.app" } }, "größe");

    expect(seen[0]).toMatchObject({ url: "https://acme.run.app/admin/v1/a%20b?x=%C3%A9", body: "größe" });
    expect(answer).toMatchObject({ status: 201, headers: { "content-type": "image/x", "content-length": "2" } });
  });

  it("is not asked about a body that is too large, nor about what no Request can hold", async () => {
    const { seen, ask } = await web(4);

    expect(await ask({ path: "/admin/v1/a" }, "ééx")).toMatchObject({ status: 413, body: "{}" });
    expect(await ask({ path: "/admin/v1/a", method: "TRACE" })).toMatchObject({ status: 400, body: "{}" });
    expect(seen).toEqual([]);
  });
});

describe("a task of Cloud Tasks", () => {
  const bytes = { path: "/", headers: { "content-type": "application/octet-stream", "x-cloudtasks-taskname": "17" } };
  const Message = z.strictObject({ n: z.number() });

  async function task() {
    const taken: number[] = [];
    const log = recordingLog();
    const take = async ({ n }: { readonly n: number }) => {
      if (n < 0) throw new Error("not now");
      taken.push(n);
    };
    http("task", googleTask(Message, take, log));
    return { taken, log, ask: await serving("task") };
  }

  it("is taken once, and is done", async () => {
    const { taken, ask } = await task();

    expect((await ask(bytes, '{"n":1}')).status).toBe(200);
    expect(taken).toEqual([1]);
  });

  it("that fails is logged and comes again", async () => {
    const { log, ask } = await task();

    expect(await ask(bytes, '{"n":-1}')).toMatchObject({ status: 500, body: "{}" });
    expect(log.lines).toMatchObject([
      {
        level: "error",
        message: "a message was not worked off and comes again",
        messageId: "17",
        error: "Error: not now",
      },
    ]);
  });

  it("that is not understood is logged without its text, and dropped", async () => {
    const { taken, log, ask } = await task();

    for (const body of ["", "{", '{"n":"1"}', '{"n":1,"secret":"hunter2"}']) {
      expect((await ask(bytes, body)).status).toBe(200);
    }
    expect(taken).toEqual([]);
    expect(log.lines).toHaveLength(4);
    expect(JSON.stringify(log.lines)).not.toContain("hunter2");
  });

  it("is nothing but a POST", async () => {
    const { taken, ask } = await task();

    expect((await ask({ ...bytes, method: "GET" })).status).toBe(405);
    expect(taken).toEqual([]);
  });
});

describe("the schedule over Pub/Sub", () => {
  async function schedule(outcome: () => Promise<void> = async () => undefined) {
    const clock = testClock(Date.parse("2026-01-01T00:10:00Z"));
    const log = recordingLog();
    let runs = 0;
    const run = async () => {
      runs += 1;
      await outcome();
    };
    cloudEvent("schedule", googleSchedule(run, { clock, log }));
    const ask = await serving("schedule");
    const event = (time: string) =>
      ask(
        {
          path: "/",
          headers: {
            "content-type": "application/json",
            "ce-id": "1",
            "ce-source": "//pubsub",
            "ce-specversion": "1.0",
            "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
            ...(time !== "" && { "ce-time": time }),
          },
        },
        '{"message":{"data":""}}',
      );
    return { event, log, runs: () => runs };
  }

  it("runs for each event", async () => {
    const { event, runs } = await schedule();

    expect((await event("2026-01-01T00:09:30Z")).status).toBe(204);
    expect((await event("")).status).toBe(204);
    expect(runs()).toBe(2);
  });

  it("drops an event that the next one has overtaken", async () => {
    const { event, log, runs } = await schedule();

    expect((await event("2026-01-01T00:08:59Z")).status).toBe(204);
    expect(runs()).toBe(0);
    expect(log.lines).toMatchObject([{ level: "warn", ageMs: 61_000 }]);
  });

  it("that fails is counted by the platform", async () => {
    const { event, log } = await schedule(async () => {
      throw new Error("no table");
    });

    expect((await event("2026-01-01T00:09:30Z")).status).toBe(500);
    expect(log.lines).toMatchObject([{ level: "error", message: "the function failed" }]);
  });
});
