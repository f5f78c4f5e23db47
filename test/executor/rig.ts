import { type MemoryCloud, memoryCloud } from "../../dev/memory-cloud.ts";
import { settle, type TestClock, testClock } from "../../dev/test-clock.ts";
import type { AwsCloud } from "../../shared/domain/clouds/aws.ts";
import type { RouteChange, TableRef } from "../../shared/domain/routes.ts";
import { executorLimits } from "../../shared/executor/limits.ts";
import { remoteProvider } from "../../shared/executor/remote.ts";
import { createExecutor } from "../../shared/executor/server.ts";
import { type PlainHandler, webHandler } from "../../shared/platform/plain-http.ts";
import type { CloudSecrets } from "../../shared/ports/cloud-secrets.ts";
import type { Guard, RouteProvider } from "../../shared/ports/route-provider.ts";
import { recordingLog } from "../platform/recording-log.ts";

export const keys: Readonly<Record<string, string>> = { "key-a": "a1".repeat(32), "key-b": "b2".repeat(32) };
export const keyOf = (name: string): Uint8Array => new Uint8Array(Buffer.from(keys[name] ?? "", "hex"));
export const first = { url: "https://a.example", id: "a", key: "key-a" };
export const second = { url: "https://b.example/pointsman/", id: "b", key: "key-b" };
export const cloudHere: AwsCloud = {
  provider: "aws",
  region: "eu-west-1",
  vpc: "vpc-1",
  routeTables: { by: "network" },
};

/** A stretch of bytes that is another one each time. */
export function countedBytes(seed = 0): { bytes(count: number): Uint8Array } {
  let drawn = seed;
  return {
    bytes(count) {
      drawn += 1;
      return new Uint8Array(Buffer.from(String(drawn).padStart(count, "0").slice(-count)));
    },
  };
}

/** What the way between client and executors does to a request: hands it on by `go`, or answers in its place. */
export type Way = (request: Request, go: () => Promise<Response>) => Promise<Response>;

export type Rig = {
  readonly clock: TestClock;
  readonly cloud: MemoryCloud;
  readonly log: ReturnType<typeof recordingLog>;
  /** Requests that were sent, by `id operation`. */
  readonly sent: string[];
  readonly forgotten: string[];
  way: Way;
  /** Starts an executor anew, as another process of it. */
  restart(id: "a" | "b"): void;
  open(executors?: readonly (typeof first)[]): RouteProvider;
  handlerOf(id: "a" | "b"): PlainHandler;
  drive<T>(work: Promise<T>): Promise<T>;
};

/** Two executors of one memory cloud, with a table `rtb-1` and the interfaces `eni-a` and `eni-b`, and the way to them. */
export function createRig({ renews = false, parallel = 1 } = {}): Rig {
  const clock = testClock();
  const cloud = memoryCloud(clock, { parallel });
  cloud.addTable({ id: "rtb-1", vpc: "vpc-1" });
  for (const [id, address] of [
    ["eni-a", "10.0.0.4"],
    ["eni-b", "10.0.0.5"],
  ] as const) {
    cloud.addInterface({ id, address, vpc: "vpc-1", hostId: id === "eni-a" ? "hosta" : "hostb" });
  }
  const log = recordingLog();
  const sent: string[] = [];
  const forgotten: string[] = [];
  const running = new Map<string, PlainHandler>();
  let seed = 0;
  const start = (id: "a" | "b"): void => {
    seed += 100_000;
    const executor = createExecutor({
      id,
      keys: [keyOf(`key-${id}`)],
      serves: ["aws"],
      openProvider: (where) => cloud.open(id)(where),
      clock,
      random: countedBytes(seed),
      log,
      renews,
    });
    running.set(id, executor);
  };
  start("a");
  start("b");
  const cloudSecrets: CloudSecrets = {
    read: async (reference) => keys[reference] ?? "",
    forget: (reference) => void forgotten.push(reference),
  };
  const random = countedBytes();
  const handlerOf = (id: "a" | "b"): PlainHandler => {
    const handler = running.get(id);
    if (handler === undefined) throw new Error(`no executor ${id}`);
    return handler;
  };
  const rig: Rig = {
    clock,
    cloud,
    log,
    sent,
    forgotten,
    way: (_request, go) => go(),
    restart: start,
    handlerOf,
    open: (executors = [first]) =>
      remoteProvider(
        { clock, random, cloudSecrets, shunned: new Map(), fetch: travel },
        { executors, cloud: cloudHere, locationId: "here", isTable: ({ key }) => key.startsWith("memory/") },
      ),
    async drive(work) {
      let isOver = false;
      const over = () => {
        isOver = true;
      };
      work.then(over, over);
      for (await settle(); !isOver; await settle()) {
        const hasStepped = await clock.step();
        if (!hasStepped && !isOver) {
          await settle();
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      return work;
    },
  };
  async function travel(url: string, init: RequestInit): Promise<Response> {
    const { signal: _, ...rest } = init;
    const request = new Request(url, rest);
    const id = new URL(url).host === "a.example" ? "a" : "b";
    sent.push(`${id} ${new URL(url).pathname.split("/").at(-1)}`);
    return rig.way(request, () => webHandler(handlerOf(id), executorLimits.requestBytes)(request));
  }
  return rig;
}

export const table: TableRef = { key: "memory/rtb-1", id: "rtb-1" };
export const destinations = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `10.201.${at}.0/24`);

/** Routes at `eni-a`, and the changes that point them at `eni-b`. */
export function planted(rig: Rig, count: number): readonly RouteChange[] {
  return destinations(count).map((destination) => {
    rig.cloud.set("rtb-1", destination, "eni-a");
    return { kind: "replace", table, destination, target: "eni-b", found: "eni-a" };
  });
}

export const routeCalls = (rig: Rig) =>
  rig.cloud.calls.filter(({ kind }) => ["create", "replace", "remove"].includes(kind));

/** A write of epoch 7 unless another is given. */
export function write(
  rig: Rig,
  provider: RouteProvider,
  changes: readonly RouteChange[],
  {
    guard = async () => undefined,
    epoch = 7,
    signal = new AbortController().signal,
  }: { guard?: Guard; epoch?: number; signal?: AbortSignal } = {},
) {
  return rig.drive(provider.write(changes, { guard, epoch }, signal));
}

/** What became of each change: `written`, or the code of its error. */
export const results = (outcomes: Awaited<ReturnType<RouteProvider["write"]>>): readonly string[] =>
  outcomes.map((outcome) => (outcome.result === "written" ? "written" : outcome.error.code));
