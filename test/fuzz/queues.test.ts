import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isQueueEvent, lambdaQueue } from "../../shared/platform/aws-queue-events.ts";
import { TickMessage, WakeMessage } from "../../shared/platform/queue-messages.ts";
import type { Tick, Wake } from "../../shared/ports/queues.ts";
import { settledRig } from "../failover/rig.ts";
import { recordingLog } from "../platform/recording-log.ts";
import { allAt, settledWorld } from "../routes/world.ts";
import { oddJson, oddNumber, oddText, oddValue } from "./arbitrary.ts";
import { cases, must, tally, timeoutMs } from "./cases.ts";
import { isPolluted } from "./leaks.ts";

/** A message body, and whether it is one that has to be taken. */
type Body = { readonly text: string; readonly kind: "known" | "unknown" | "odd" };
type Message = Readonly<Record<string, unknown>>;

const causes = ["decision", "reconcile", "continue", "verify"] as const;
const anyRound = fc.constantFrom(0, 1, 7, 8, 2 ** 31, Number.MAX_SAFE_INTEGER);
const unknownPlaces = [
  { linkId: "nobody", locationId: "nowhere" },
  { linkId: "constructor", locationId: "toString" },
  { linkId: "0", locationId: "A".repeat(40) },
] as const;

/** Bodies that are none, made of right ones: a field replaced, dropped or added, or the whole wrapped once more. */
const spoiltOf = (right: fc.Arbitrary<Message>): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(right, fc.nat(7), fc.oneof(oddValue, oddNumber)).map(([message, at, value]) => {
        const names = Object.keys(message);
        return JSON.stringify({ ...message, [names[at % names.length] ?? ""]: value });
      }),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(right, fc.nat(7)).map(([message, at]) => {
        const { [Object.keys(message)[at % Object.keys(message).length] ?? ""]: _gone, ...rest } = message;
        return JSON.stringify(rest);
      }),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(right, oddText, oddValue).map(([message, key, value]) => {
        return JSON.stringify(Object.fromEntries([...Object.entries(message), [key, value]]));
      }),
    },
    {
      weight: 1,
      arbitrary: right.chain((message) => {
        const text = JSON.stringify(message);
        const wrapped = [JSON.stringify(text), `[${text}]`, Buffer.from(text).toString("base64"), text.slice(0, -1)];
        return fc.constantFrom(...wrapped, JSON.stringify({ Message: text, Type: "Notification" }));
      }),
    },
    { weight: 4, arbitrary: oddJson },
  );

/** Bodies of a queue: of the location there is, of others, and ones that are no message. */
function anyBodyOf(known: fc.Arbitrary<Message>, unknown: fc.Arbitrary<Message>): fc.Arbitrary<Body> {
  return fc.oneof(
    { weight: 2, arbitrary: known.map((message) => ({ text: JSON.stringify(message), kind: "known" as const })) },
    { weight: 3, arbitrary: unknown.map((message) => ({ text: JSON.stringify(message), kind: "unknown" as const })) },
    { weight: 18, arbitrary: spoiltOf(known).map((text) => ({ text, kind: "odd" as const })) },
    { weight: 1, arbitrary: fc.constant({ text: "x".repeat(262_144), kind: "odd" as const }) },
  );
}

type Batch = { readonly event: unknown; readonly bodies: readonly Body[] };

/** Events of a queue, and now and then what is no such event. */
function anyBatchOf(body: fc.Arbitrary<Body>): fc.Arbitrary<Batch> {
  const whole = fc.tuple(fc.array(body, { maxLength: 3 }), oddText).map(([bodies, odd]): Batch => {
    const Records = bodies.map(({ text }, at) => ({
      messageId: `m${at}`,
      receiptHandle: odd,
      body: text,
      attributes: { MessageGroupId: odd, ApproximateReceiveCount: "1" },
      messageAttributes: {},
      eventSource: "aws:sqs",
    }));
    return { event: { Records }, bodies };
  });
  const broken = oddValue.chain((value) => {
    const events = [value, { Records: value }, { Records: [value] }, { Records: [{ messageId: value, body: value }] }];
    return fc.constantFrom<Batch>(...events.map((event) => ({ event, bodies: [] })));
  });
  return fc.oneof({ weight: 20, arbitrary: whole }, { weight: 1, arbitrary: broken });
}

const idPattern = /^[A-Za-z0-9]{1,40}$/;
const hasFields = (message: object, names: string) => Object.keys(message).sort().join() === names;
const isPlace = (message: { linkId: string; locationId: string }) =>
  typeof message.linkId === "string" &&
  typeof message.locationId === "string" &&
  idPattern.test(message.linkId) &&
  idPattern.test(message.locationId);
const isSoundWake = (wake: Pick<Wake, "linkId" | "locationId" | "cause" | "round">) =>
  isPlace(wake) && causes.includes(wake.cause) && Number.isSafeInteger(wake.round) && wake.round >= 0;

function isSoundTick(tick: Tick): boolean {
  if (!Number.isFinite(tick.dueMs)) return false;
  if (tick.kind === "sweep") return hasFields(tick, "dueMs,kind");
  if (tick.kind === "moment") return hasFields(tick, "dueMs,kind,linkId,locationId") && isPlace(tick);
  return hasFields(tick, "cause,dueMs,kind,linkId,locationId,round") && isSoundWake(tick);
}

/** A function behind its queue, with everything that it can do counted. */
type QueueFunction<M> = {
  readonly handle: (event: unknown) => Promise<unknown>;
  readonly taken: M[];
  readonly log: ReturnType<typeof recordingLog>;
  /** Reads and writes of the database, calls to the cloud, messages sent: a figure that grows with each. */
  readonly effects: () => number;
  readonly drive: (work: Promise<unknown>) => Promise<unknown>;
};

/** Hands a batch over; gives what became of it. */
async function deliver<M>({ handle, taken, log, effects, drive }: QueueFunction<M>, batch: Batch): Promise<string> {
  const { event, bodies } = batch;
  const before = { effects: effects(), taken: taken.length, lines: log.lines.length };
  const isEvent = isQueueEvent(event);
  let result: unknown;
  try {
    result = await drive(handle(event));
  } catch (error) {
    must(!isEvent && error instanceof Error && error.name === "$ZodError", `fails: ${String(error)}`);
    must(effects() === before.effects, "no queue event, and something was done");
    return "no queue event";
  }
  must(isEvent || bodies.length > 0, "not a queue event, and taken as one");
  must(JSON.stringify(result) === '{"batchItemFailures":[]}', `comes again: ${JSON.stringify(result)}`);
  const took = taken.length - before.taken;
  const right = bodies.filter(({ kind }) => kind !== "odd").length;
  must(took >= right, "a right message was not taken");
  const lines = log.lines.slice(before.lines);
  const dropped = lines.filter(({ message }) => message === "dropped a message that is not understood");
  must(lines.length === dropped.length, `logs ${JSON.stringify(lines)}`);
  if (bodies.length > 0) must(dropped.length === bodies.length - took, "neither taken nor told as dropped");
  must(took > 0 || effects() === before.effects, "nothing was taken, and something was done");
  if (took === 0) return "dropped";
  return dropped.length === 0 ? "taken" : "in part";
}

const outcomes = ["no queue event", "dropped", "in part", "taken"];

describe("whatever comes out of the swap queue", () => {
  const wakeAt = (place: fc.Arbitrary<{ linkId: string; locationId: string }>) =>
    fc.record({ place, cause: fc.constantFrom(...causes), round: anyRound }).map(({ place: at, ...rest }) => {
      return { ...at, ...rest };
    });
  const known = wakeAt(fc.constant({ linkId: "backbone", locationId: "here" }));
  const batches = anyBatchOf(anyBodyOf(known, wakeAt(fc.constantFrom(...unknownPlaces))));

  it(
    "is taken or dropped, never stops the batch, and moves no route",
    async () => {
      const world = await settledWorld();
      const { cloud, database, swaps, ticks, drive } = world;
      const swap = world.processOf({ name: "fuzzed", ports: (_name, call) => call() });
      const taken: Wake[] = [];
      const log = recordingLog();
      const routes: QueueFunction<Wake> = {
        handle: lambdaQueue(WakeMessage, (wake) => swap(taken[taken.push(wake) - 1] ?? wake), log),
        taken,
        log,
        effects: () => database.reads + database.writes + cloud.calls.length + swaps.length + ticks.length,
        drive,
      };
      const met = tally();
      const standing = allAt("eni-a1");

      const property = fc.asyncProperty(batches, async (batch) => {
        const [before, writes] = [taken.length, database.writes];
        met.add(await deliver(routes, batch));
        const fresh = taken.slice(before);
        must(
          fresh.every((wake) => hasFields(wake, "cause,linkId,locationId,round") && isSoundWake(wake)),
          "unsound",
        );
        const isOfOthers = fresh.every(({ locationId }) => locationId !== "here");
        must(!isOfOthers || database.writes === writes, "written for a location that is none");
      });
      await fc.assert(property, cases(10_000, 21));

      expect(cloud.standing()).toMatchObject(standing);
      expect(cloud.calls.filter(({ kind }) => kind === "remove")).toEqual([]);
      expect((await world.head())?.epoch).toBe(1);
      met.expectEach(outcomes, 0.01);
      expect(isPolluted()).toBe(false);
    },
    timeoutMs,
  );
});

describe("whatever comes out of the tick queue", () => {
  const startMs = 1_700_000_000_000;
  const anyDue = fc.constantFrom(startMs, startMs + 3_600_000, 0, -1, 0.5, 1e308, -1e308, 5e-324);
  const tickAt = (place: { linkId: string; locationId: string }): fc.Arbitrary<Message> =>
    fc
      .tuple(fc.constantFrom("sweep", "moment", "wake"), anyDue, fc.constantFrom(...causes), anyRound)
      .map(([kind, dueMs, cause, round]): Message => {
        if (kind === "sweep") return { kind, dueMs };
        return kind === "moment" ? { kind, dueMs, ...place } : { kind, dueMs, ...place, cause, round };
      });
  const unknown = fc.oneof(...unknownPlaces.map(tickAt));
  const batches = anyBatchOf(anyBodyOf(tickAt({ linkId: "mesh", locationId: "here" }), unknown));

  it(
    "is taken or dropped, never stops the batch, and fails nothing over",
    async () => {
      const rig = await settledRig();
      const { memory, swaps, ticks } = rig;
      const { tick: take } = rig.elector();
      const taken: Tick[] = [];
      const log = recordingLog();
      const failover: QueueFunction<Tick> = {
        handle: lambdaQueue(TickMessage, (tick) => take(taken[taken.push(tick) - 1] ?? tick), log),
        taken,
        log,
        effects: () => memory.reads + memory.writes + swaps.length + ticks.length,
        drive: async (work) => {
          await rig.drive(work);
          return work;
        },
      };
      const met = tally();
      let count = 0;

      const property = fc.asyncProperty(batches, async (batch) => {
        if (++count % 10 === 0) await rig.hear(["a1", "a2", "b1", "b2"]);
        const [before, writes] = [taken.length, memory.writes];
        met.add(await deliver(failover, batch));
        must(taken.slice(before).every(isSoundTick), "an unsound tick was taken");
        must(memory.writes === writes, "written, though everybody is heard");
      });
      await fc.assert(property, cases(10_000, 22));

      expect([(await rig.head("here"))?.epoch, (await rig.head("there"))?.epoch]).toEqual([1, 1]);
      expect(rig.log.lines).toEqual([]);
      met.expectEach(outcomes, 0.01);
      expect(isPolluted()).toBe(false);
    },
    timeoutMs,
  );
});
