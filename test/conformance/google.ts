import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { vi } from "vitest";
import { createCloudTasksEmulator } from "../../dev/emulators/cloud-tasks/emulator.ts";
import { serveEmulator } from "../../dev/emulators/common/http-server.ts";
import { serveGoogleMetadata } from "../../dev/emulators/google-metadata/server.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import type { ConformanceAnswer, ConformanceRequest, Delivery, OpenPlatform, Sent } from "./platform.ts";

const queues = "projects/acme/locations/europe-west1/queues";
const retry = { maxAttempts: 1, minBackoffMs: 1_000, maxBackoffMs: 1_000 };

/** Cloud Tasks that takes tasks, and delivers them to nobody. */
async function startTasks() {
  const sent: Sent[] = [];
  const emulator = createCloudTasksEmulator({
    clock: systemClock,
    queues: { [`${queues}/pointsman-swaps`]: retry, [`${queues}/pointsman-ticks`]: retry },
    send: async () => ({ status: 200 }),
  });
  const server = await serveEmulator(async (request) => {
    const nowMs = systemClock.nowMs();
    const answer = await emulator.handle(request);
    if (answer !== "dropped" && answer.status === 200) sent.push(sentBy(request.path, request.body, nowMs));
    return answer;
  });
  return {
    url: server.url,
    take: () => sent.splice(0),
    async stop() {
      await emulator.stop();
      await server.close();
    },
  };
}

type TaskBody = { task: { scheduleTime?: string; httpRequest: { body: string } } };

function sentBy(path: string, text: string, nowMs: number): Sent {
  const { task } = JSON.parse(text) as TaskBody;
  const atMs = task.scheduleTime === undefined ? nowMs : Date.parse(task.scheduleTime);
  return {
    queue: path.includes("pointsman-swaps") ? "swaps" : "ticks",
    message: JSON.parse(Buffer.from(task.httpRequest.body, "base64").toString("utf8")) as unknown,
    // A time is sent, and not a delay: that of the schedule's ticks is exact, since the clock stands meanwhile.
    delayS: Math.max(0, Math.ceil((atMs - nowMs) / 1_000)),
  };
}

/** The framework's own server for a function that was registered. */
async function serve(name: string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = getTestServer(name);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

async function send(port: number, request: ConformanceRequest): Promise<ConformanceAnswer> {
  const { method, path, query, headers, body } = request;
  const target = query === undefined ? path : `${path}?${query}`;
  return new Promise((resolve, reject) => {
    // Node's client does not say by itself how long the body of a DELETE is.
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const all = { ...headers, ...length };
    const options = { host: "127.0.0.1", port, method, path: target, headers: all, agent: false };
    const call = httpRequest(options, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part as Buffer);
      resolve({
        status: response.statusCode ?? 0,
        headers: plainHeaders(response.headers),
        body: Buffer.concat(parts).toString("utf8"),
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}

function plainHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(entries);
}

const delivery = ({ status }: ConformanceAnswer): Delivery => (status >= 200 && status < 300 ? "done" : "again");

/** A task as Cloud Tasks delivers those that our queues send. */
const task = (body: string): ConformanceRequest => ({
  method: "POST",
  path: "/",
  headers: { "content-type": "application/octet-stream", "x-cloudtasks-taskname": "0001" },
  body,
});

/** Cloud Scheduler's message as Pub/Sub's trigger delivers it: a CloudEvent in binary mode. */
function scheduled(): ConformanceRequest {
  const publishTime = new Date().toISOString();
  return {
    method: "POST",
    path: "/",
    headers: {
      "content-type": "application/json",
      "ce-id": "1",
      "ce-source": "//pubsub.googleapis.com/projects/acme/topics/pointsman-sweep",
      "ce-specversion": "1.0",
      "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
      "ce-time": publishTime,
    },
    body: JSON.stringify({
      message: { data: Buffer.from("{}").toString("base64"), messageId: "1", publishTime },
      subscription: "projects/acme/subscriptions/sweep",
    }),
  };
}

/** Runs `work` while the wall clock stands still, and timers go on. */
async function atOneMoment<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}

/**
 * Google Cloud: the real functions-framework over HTTP, with stand-ins for the metadata server and Cloud Tasks. `load` imports
 * what registers the functions, once the environment is there.
 */
export const openGoogle =
  (load: () => Promise<unknown> = () => import("../../functions/google.ts")): OpenPlatform =>
  async () => {
    const metadata = await serveGoogleMetadata({ identity: (audience) => `identity-token-for-${audience}` });
    const tasks = await startTasks();
    Object.assign(process.env, {
      GCE_METADATA_HOST: new URL(metadata.url).host,
      POINTSMAN_TASKS_PROJECT: "acme",
      POINTSMAN_TASKS_LOCATION: "europe-west1",
      POINTSMAN_TASKS_ACCOUNT: "tasks@acme.iam.gserviceaccount.com",
      POINTSMAN_TASKS_ENDPOINT: tasks.url,
      POINTSMAN_FAILOVER_URL: "https://ticks.example.com",
      POINTSMAN_ROUTES_URL: "https://routes.example.com",
    });
    await load();
    const [heartbeat, admin, failover, ticks, routes] = await Promise.all([
      serve("heartbeat"),
      serve("admin"),
      serve("failover"),
      serve("ticks"),
      serve("routes"),
    ]);
    return {
      heartbeat: (request) => send(heartbeat.port, request),
      admin: (request) => send(admin.port, request),
      schedule: () => atOneMoment(async () => delivery(await send(failover.port, scheduled()))),
      tick: async (message) => delivery(await send(ticks.port, task(message))),
      swap: async (message) => delivery(await send(routes.port, task(message))),
      sent: () => tasks.take(),
      async stop() {
        for (const { server } of [heartbeat, admin, failover, ticks, routes]) {
          server.closeAllConnections();
          server.close();
        }
        await tasks.stop();
        await metadata.close();
      },
    };
  };
