import { afterEach, describe, expect, it } from "vitest";
import { createCloudTasksEmulator } from "../../dev/emulators/cloud-tasks/emulator.ts";
import { type EmulatorServer, serveEmulator } from "../../dev/emulators/common/http-server.ts";
import { type TestClock, testClock } from "../../dev/test-clock.ts";
import { googleExamineQueue, googleSwapQueue, googleTickQueue } from "../../shared/platform/google-tasks.ts";
import type { Tick, Wake } from "../../shared/ports/queues.ts";

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

const name = "projects/acme/locations/europe-west1/queues/pointsman-swaps";
const account = "tasks@acme.iam.gserviceaccount.com";
const queue = { name, url: "https://routes.example.com", account };
const retry = { maxAttempts: 3, minBackoffMs: 1_000, maxBackoffMs: 10_000 };
const wake = (locationId: string): Wake => ({ linkId: "l1", locationId, cause: "decision", round: 0 });

async function cloudTasks() {
  const clock = testClock();
  const emulator = createCloudTasksEmulator({
    clock,
    queues: { [name]: retry },
    send: async () => ({ status: 200 }),
  });
  const server: EmulatorServer = await serveEmulator((request) => emulator.handle(request));
  endings.push(
    () => emulator.stop(),
    () => server.close(),
  );
  let tokens = 0;
  let token = "token-0";
  const access = {
    get: async () => token,
    forget() {
      tokens += 1;
      token = `token-${tokens}`;
    },
  };
  const deps = { clock, access, endpoint: server.url };
  const waiting = () =>
    emulator.control.waiting().map(({ http, atMs, deadlineMs }) => ({
      message: JSON.parse(Buffer.from(http.body, "base64").toString("utf8")) as unknown,
      delayMs: atMs - clock.nowMs(),
      deadlineMs,
      http,
    }));
  /** Tasks that wait, and those that were delivered since. */
  const taken = () => emulator.control.waiting().length + emulator.control.attempts.length;
  return { clock, deps, waiting, taken, control: emulator.control, tokenCount: () => tokens };
}

/** Lets the pauses between attempts pass, but no task's time. */
async function through(clock: TestClock, work: Promise<void>): Promise<void> {
  let isDone = false;
  void work.then(
    () => (isDone = true),
    () => (isDone = true),
  );
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(50);
  }
  return work;
}

describe("wakes over Cloud Tasks", () => {
  it("go to the function at once, with a token of the tasks' account for it", async () => {
    const { deps, waiting } = await cloudTasks();

    await googleSwapQueue(queue, deps).wake([wake("a"), wake("b")]);

    const sent = waiting();
    expect(sent.map(({ message, delayMs }) => ({ message, delayMs }))).toEqual([
      { message: wake("a"), delayMs: 0 },
      { message: wake("b"), delayMs: 0 },
    ]);
    expect(sent[0]?.http).toMatchObject({
      url: queue.url,
      httpMethod: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      oidcToken: { serviceAccountEmail: account, audience: queue.url },
    });
    expect(sent[0]?.deadlineMs).toBe(35_000);
  });

  it("that say the same are each a task", async () => {
    const { deps, waiting } = await cloudTasks();
    const swaps = googleSwapQueue(queue, deps);

    await swaps.wake([wake("a")]);
    await swaps.wake([wake("a")]);

    expect(waiting()).toHaveLength(2);
  });

  it("and requests for examinations share the queue", async () => {
    const { deps, waiting } = await cloudTasks();
    const request = { kind: "examine", linkId: "l1", locationId: "a", examinationId: "e1", untilMs: 5 } as const;

    await googleExamineQueue(queue, deps).examine([request]);

    expect(waiting()[0]?.message).toEqual(request);
  });
});

describe("ticks over Cloud Tasks", () => {
  it("are delayed by whole seconds, as every queue does it", async () => {
    const { clock, deps, waiting } = await cloudTasks();
    const nowMs = clock.nowMs();
    const place = { linkId: "l1", locationId: "a" };
    const ticks: readonly Tick[] = [
      { kind: "sweep", dueMs: nowMs + 5_000 },
      { kind: "sweep", dueMs: nowMs - 5_000 },
      { kind: "moment", dueMs: nowMs + 3_700, ...place },
      { kind: "wake", dueMs: nowMs + 3_200, cause: "reconcile", round: 1, ...place },
    ];

    await googleTickQueue(queue, deps).send(ticks);

    expect(waiting().map(({ message, delayMs }) => [message, delayMs])).toEqual([
      [ticks[0], 5_000],
      [ticks[1], 0],
      [ticks[2], 3_000],
      [ticks[3], 4_000],
    ]);
  });
});

describe("a task that Cloud Tasks does not take", () => {
  it("is sent again when it was throttled, out of order or its answer was lost", async () => {
    const { clock, control, deps, taken } = await cloudTasks();
    control.refuse(1, 429);
    control.refuse(1, 503);
    await through(clock, googleSwapQueue(queue, deps).wake([wake("a")]));
    expect(taken()).toBe(1);

    control.loseAnswer();
    await through(clock, googleSwapQueue(queue, deps).wake([wake("b")]));
    expect(taken()).toBe(3);
  });

  it("is sent again with another token when the token was refused", async () => {
    const { clock, control, deps, tokenCount, taken } = await cloudTasks();
    control.refuse(1, 401, "UNAUTHENTICATED");

    await through(clock, googleSwapQueue(queue, deps).wake([wake("a")]));

    expect(taken()).toBe(1);
    expect(tokenCount()).toBe(1);
  });

  it.each([
    [403, "PERMISSION_DENIED", "roles/cloudtasks.enqueuer"],
    [400, "INVALID_ARGUMENT", "POINTSMAN_ROUTES_URL"],
  ])("with %i is not, and the error says what to do", async (status, code, next) => {
    const { control, deps, waiting } = await cloudTasks();
    control.refuse(1, status, code);

    const sending = googleSwapQueue(queue, deps).wake([wake("a")]);

    await expect(sending).rejects.toThrow(code);
    await expect(sending).rejects.toThrow(next);
    expect(waiting()).toEqual([]);
  });

  it("for want of the queue says so", async () => {
    const { deps } = await cloudTasks();
    const missing = { ...queue, name: `${name}-old` };

    await expect(googleSwapQueue(missing, deps).wake([wake("a")])).rejects.toThrow(
      /1 of 1 tasks were not taken by .*-old: NOT_FOUND: Queue does not exist\.: make the queue/,
    );
  });

  it("keeps no other from being sent", async () => {
    const { control, deps, waiting } = await cloudTasks();
    control.refuse(1, 403, "PERMISSION_DENIED");

    const sending = googleSwapQueue(queue, deps).wake([wake("a"), wake("b"), wake("c")]);

    await expect(sending).rejects.toThrow("1 of 3 tasks");
    expect(waiting()).toHaveLength(2);
  });

  it("after three attempts is given up", async () => {
    const { clock, control, deps } = await cloudTasks();
    control.refuse(9, 503);

    await expect(through(clock, googleSwapQueue(queue, deps).wake([wake("a")]))).rejects.toThrow(
      "UNAVAILABLE: refused on purpose: it is sent again by the next sweep",
    );
  });

  it("in time is given up", async () => {
    const clock = testClock();
    const access = { get: () => new Promise<string>(() => undefined), forget: () => undefined };
    const deps = { clock, access, endpoint: "http://127.0.0.1:1" };

    await expect(through(clock, googleSwapQueue(queue, deps).wake([wake("a")]))).rejects.toThrow(
      "no answer within 3000 ms",
    );
  });
});
