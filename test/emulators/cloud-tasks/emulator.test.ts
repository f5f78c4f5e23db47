import { afterEach, describe, expect, it } from "vitest";
import { createCloudTasksEmulator } from "../../../dev/emulators/cloud-tasks/emulator.ts";
import { testClock } from "../../../dev/test-clock.ts";
import { startMs } from "../../fixtures/network.ts";

const queue = "projects/acme/locations/europe-west1/queues/ticks";
const retry = { maxAttempts: 4, minBackoffMs: 1_000, maxBackoffMs: 3_000 };
const bearer = { authorization: "Bearer t" };

type Delivered = { readonly url: string; readonly atMs: number; readonly init: RequestInit };
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Cloud Tasks whose deliveries are answered with `statuses` in turn, and then 200; `null` for no answer. */
function cloudTasks(statuses: (number | null)[] = []) {
  const clock = testClock(startMs);
  const delivered: Delivered[] = [];
  const emulator = createCloudTasksEmulator({
    clock,
    queues: { [queue]: retry },
    async send(url, init) {
      delivered.push({ url, atMs: clock.nowMs() - startMs, init });
      const status = statuses.length === 0 ? 200 : statuses.shift();
      if (status == null) throw new Error("ECONNREFUSED");
      return { status };
    },
  });
  stops.push(() => emulator.stop());
  const create = async (task: object, headers: Record<string, string> = bearer, path = `/v2/${queue}/tasks`) => {
    const answer = await emulator.handle({ method: "POST", path, headers, body: JSON.stringify({ task }) });
    if (answer === "dropped") return { status: 0, body: {} };
    return { status: answer.status, body: JSON.parse(answer.body) as { name?: string; error?: { status: string } } };
  };
  return { clock, delivered, create, control: emulator.control, stop: () => emulator.stop() };
}

const at = (ms: number) => new Date(startMs + ms).toISOString();
const http = { url: "https://ticks.example.com/", body: Buffer.from("hello").toString("base64") };

describe("the Cloud Tasks emulator delivers", () => {
  it("at the time of the task, with what Cloud Tasks says of it", async () => {
    const { clock, delivered, create } = cloudTasks();
    const oidcToken = { serviceAccountEmail: "t@acme.iam.gserviceaccount.com", audience: "https://ticks.example.com" };

    const made = await create({ scheduleTime: at(5_000), httpRequest: { ...http, oidcToken } });
    await clock.advance(4_999);
    expect(delivered).toEqual([]);
    await clock.advance(1);

    expect(delivered[0]).toMatchObject({ url: http.url, atMs: 5_000, init: { method: "POST" } });
    const headers = new Headers(delivered[0]?.init.headers);
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("x-cloudtasks-queuename")).toBe("ticks");
    expect(made.body.name).toBe(`${queue}/tasks/${headers.get("x-cloudtasks-taskname")}`);
    expect(headers.get("x-cloudtasks-taskretrycount")).toBe("0");
    const claims = headers.get("authorization")?.split(".")[1] ?? "";
    expect(JSON.parse(Buffer.from(claims, "base64url").toString("utf8"))).toMatchObject({
      aud: "https://ticks.example.com",
      email: "t@acme.iam.gserviceaccount.com",
    });
    expect(String(delivered[0]?.init.body)).toBe("hello");
  });

  it("at once when the task names no time or one that is over", async () => {
    const { clock, delivered, create } = cloudTasks();

    await create({ httpRequest: http });
    await create({ scheduleTime: at(-60_000), httpRequest: http });
    await clock.advance(0);

    expect(delivered.map(({ atMs }) => atMs)).toEqual([0, 0]);
  });

  it("again after anything but a 2xx, in pauses that double up to the longest", async () => {
    const { clock, delivered, create, control } = cloudTasks([500, null, 302, 204]);

    await create({ httpRequest: http });
    await clock.advance(60_000);

    expect(delivered.map(({ atMs }) => atMs)).toEqual([0, 1_000, 3_000, 6_000]);
    expect(control.attempts.map(({ status }) => status)).toEqual([500, null, 302, 204]);
    expect(control.givenUp).toEqual([]);
    expect(control.waiting()).toEqual([]);
  });

  it("not for ever", async () => {
    const { clock, delivered, create, control } = cloudTasks(Array.from({ length: 9 }, () => 503));

    await create({ httpRequest: http });
    await clock.advance(60_000);

    expect(delivered).toHaveLength(4);
    expect(control.givenUp).toHaveLength(1);
  });

  it("nothing once it is stopped", async () => {
    const { clock, delivered, create, stop } = cloudTasks();
    await create({ scheduleTime: at(5_000), httpRequest: http });

    await stop();
    await clock.advance(10_000);

    expect(delivered).toEqual([]);
  });
});

describe("the Cloud Tasks emulator takes no task", () => {
  it.each([
    ["without a target", {}],
    ["with a field that it does not know", { httpRequest: http, delaySeconds: 5 }],
    ["with a target that is no address", { httpRequest: { url: "ticks" } }],
    ["with a body that is not base64", { httpRequest: { ...http, body: "{}" } }],
    ["at a time that is none", { httpRequest: http, scheduleTime: "soon" }],
    ["more than 30 days ahead", { httpRequest: http, scheduleTime: at(31 * 24 * 3_600_000) }],
    ["with a deadline of less than 15 s", { httpRequest: http, dispatchDeadline: "5s" }],
    ["with a name of another queue", { httpRequest: http, name: `${queue}-2/tasks/a` }],
    ["that is larger than 100 KB", { httpRequest: { ...http, body: "aaaa".repeat(30_000) } }],
  ])("%s", async (_name, task) => {
    const { create } = cloudTasks();

    expect(await create(task)).toMatchObject({ status: 400, body: { error: { status: "INVALID_ARGUMENT" } } });
  });

  it("of somebody without a token, nor for a queue or a path that is not there", async () => {
    const { create } = cloudTasks();
    const task = { httpRequest: http };

    expect((await create(task, {})).status).toBe(401);
    expect((await create(task, bearer, `/v2/${queue}2/tasks`)).status).toBe(404);
    expect((await create(task, bearer, `/v1/${queue}/tasks`)).status).toBe(404);
  });

  it("whose name was used within the hour", async () => {
    const { clock, create } = cloudTasks();
    const task = { httpRequest: http, name: `${queue}/tasks/a` };
    expect((await create(task)).status).toBe(200);
    expect((await create(task)).body.error?.status).toBe("ALREADY_EXISTS");
    await clock.advance(3_599_999);
    expect((await create(task)).status).toBe(409);

    await clock.advance(1);
    expect((await create(task)).status).toBe(200);
  });

  it("while it is told to refuse, and loses an answer but not its task", async () => {
    const { create, control } = cloudTasks();
    control.refuse(1, 429);
    expect((await create({ httpRequest: http })).body.error?.status).toBe("RESOURCE_EXHAUSTED");
    expect(control.waiting()).toEqual([]);

    control.loseAnswer();
    expect((await create({ httpRequest: http })).status).toBe(0);
    expect(control.waiting()).toHaveLength(1);
  });
});
