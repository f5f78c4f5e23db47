import { describe, expect, it } from "vitest";
import { RouteError } from "../../shared/domain/errors.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Guard } from "../../shared/ports/route-provider.ts";
import { createRig, first, planted, results, routeCalls, second, table, write } from "./rig.ts";

const superseded = () => new RouteError("SUPERSEDED", "a newer decision", { retry: "never", next: "nothing" });
const allAt = (target: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`rtb-1 10.201.${at}.0/24`, target]));

describe("a write by way of an executor", () => {
  it("is made under as many permits as it takes, and its guard is asked after each challenge has come", async () => {
    const rig = createRig();
    rig.cloud.faults.landMs = () => 300;
    const changes = planted(rig, 10);
    const asked: { readonly sinceMs: number; readonly atMs: number }[] = [];
    const guard: Guard = async (sinceMs) => {
      asked.push({ sinceMs: sinceMs ?? Number.NaN, atMs: rig.clock.monotonicMs() });
    };

    const outcomes = await write(rig, rig.open(), changes, { guard });

    expect(results(outcomes)).toEqual(changes.map(() => "written"));
    expect(rig.cloud.standing()).toEqual(allAt("eni-b", 10));
    expect(asked.length).toBeGreaterThan(2);
    for (const { sinceMs, atMs } of asked) expect(sinceMs).toBe(atMs);
    expect(routeCalls(rig)).toHaveLength(10);
  });

  it("begins no call that rests on a read older than a second, whatever the way costs", async () => {
    const rig = createRig();
    rig.cloud.faults.landMs = () => 90;
    const changes = planted(rig, 40);
    const reads: number[] = [];
    rig.way = async (_request, go) => {
      await rig.clock.sleep(120);
      const answer = await go();
      await rig.clock.sleep(120);
      return answer;
    };
    const guard: Guard = async () => {
      reads.push(rig.clock.monotonicMs());
      await rig.clock.sleep(60);
    };

    const outcomes = await write(rig, rig.open(), changes, { guard });

    expect(results(outcomes)).toEqual(changes.map(() => "written"));
    for (const { sentMs } of routeCalls(rig)) {
      const latest = Math.max(...reads.filter((atMs) => atMs <= sentMs));
      expect(sentMs - latest).toBeLessThanOrEqual(limits.fenceMs);
    }
  });

  it("starts nothing by a permit that comes too late: the client stood still between guard and sending", async () => {
    const rig = createRig();
    const changes = planted(rig, 3);
    rig.way = async (request, go) => {
      if (request.url.endsWith("/write")) await rig.clock.sleep(1_100);
      return go();
    };

    const outcomes = await write(rig, rig.open(), changes);

    expect(routeCalls(rig)).toEqual([]);
    expect(results(outcomes)).toEqual(["TIMED_OUT", "TIMED_OUT", "TIMED_OUT"]);
    const [outcome] = outcomes;
    expect(outcome?.result === "failed" && outcome.error.message).toContain("permit-old");
    expect(rig.cloud.standing()).toEqual(allAt("eni-a", 3));
  });

  it("does not send a permit at all when the client stood still before it", async () => {
    const rig = createRig();
    const changes = planted(rig, 1);

    const outcomes = await write(rig, rig.open(), changes, { guard: () => rig.clock.sleep(2_000) });

    expect(results(outcomes)).toEqual(["TIMED_OUT"]);
    expect(rig.sent.filter((one) => one === "a write")).toEqual([]);
  });

  it("starts nothing when the guard refuses, and goes no further when it refuses later", async () => {
    const rig = createRig();
    rig.cloud.faults.landMs = () => 400;
    const changes = planted(rig, 8);

    const refused = await write(rig, rig.open(), changes, { guard: () => Promise.reject(superseded()) });
    expect(results(refused)).toEqual(changes.map(() => "SUPERSEDED"));
    expect(routeCalls(rig)).toEqual([]);

    let asked = 0;
    const once: Guard = async () => {
      asked += 1;
      if (asked > 1) throw superseded();
    };
    const outcomes = await write(rig, rig.open(), changes, { guard: once });

    const written = results(outcomes).filter((result) => result === "written");
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThan(8);
    expect(routeCalls(rig)).toHaveLength(written.length);
    expect(results(outcomes).filter((result) => result === "SUPERSEDED")).toHaveLength(8 - written.length);
  });

  it("gets a new challenge when the request reaches another process of the executor", async () => {
    const rig = createRig();
    const changes = planted(rig, 2);
    let writes = 0;
    rig.way = async (request, go) => {
      if (request.url.endsWith("/write") && ++writes === 1) rig.restart("a");
      return go();
    };

    const outcomes = await write(rig, rig.open(), changes);

    expect(results(outcomes)).toEqual(["written", "written"]);
    expect(writes).toBe(2);
    expect(routeCalls(rig)).toHaveLength(2);
  });

  it("starts nothing for an epoch that is older than one it was asked to write for", async () => {
    const rig = createRig();
    const [change] = planted(rig, 1);
    if (change?.kind !== "replace") throw new Error("no change");

    await write(rig, rig.open(), [change], { epoch: 8 });
    const back = { ...change, target: "eni-a", found: "eni-b" };
    const outcomes = await write(rig, rig.open(), [back], { epoch: 7 });

    expect(results(outcomes)).toEqual(["SUPERSEDED"]);
    expect(rig.cloud.standing()).toEqual(allAt("eni-b", 1));
    expect(results(await write(rig, rig.open(), [back], { epoch: 8 }))).toEqual(["written"]);
  });

  it("stops the calls of an older epoch as soon as a newer one comes to the same executor", async () => {
    const rig = createRig();
    rig.cloud.faults.landMs = () => 200;
    const changes = planted(rig, 4);
    const provider = rig.open();

    const old = provider.write(changes, { guard: async () => undefined, epoch: 1 }, new AbortController().signal);
    await rig.clock.advance(250);
    const fresh = provider.write(
      changes.slice(3),
      { guard: async () => undefined, epoch: 2 },
      new AbortController().signal,
    );

    expect(results(await rig.drive(fresh))).toEqual(["written"]);
    const outcomes = results(await rig.drive(old));
    expect(outcomes.slice(0, 1)).toEqual(["written"]);
    expect(outcomes.slice(2)).toEqual(["SUPERSEDED", "SUPERSEDED"]);
  });

  it("goes on under renewed permits where they reach the process: calls that take seconds lose nothing", async () => {
    const rig = createRig({ renews: true });
    rig.cloud.faults.landMs = () => 1_500;
    const changes = planted(rig, 4);

    const outcomes = await write(rig, rig.open(), changes);

    expect(results(outcomes)).toEqual(changes.map(() => "written"));
    expect(rig.sent.filter((one) => one === "a write")).toHaveLength(1);
    expect(rig.sent.filter((one) => one === "a permit").length).toBeGreaterThan(4);
  });

  it("renews no permit once the guard refuses: calls end within a second of the last one's challenge", async () => {
    const rig = createRig({ renews: true });
    rig.cloud.faults.landMs = () => 400;
    const changes = planted(rig, 20);
    const guard: Guard = async () => {
      if (rig.clock.monotonicMs() > 3_000) throw superseded();
    };

    const outcomes = await write(rig, rig.open(), changes, { guard });

    expect(Math.max(...routeCalls(rig).map(({ sentMs }) => sentMs))).toBeLessThanOrEqual(3_000 + limits.fenceMs);
    expect(results(outcomes)).toContain("SUPERSEDED");
    expect(results(outcomes)).toContain("written");
  });

  it("tells what is not known when the answer is lost, once the calls have ended, and asks no other executor meanwhile", async () => {
    const rig = createRig();
    rig.cloud.faults.landMs = () => 300;
    const changes = planted(rig, 3);
    rig.way = async (request, go) => {
      const answer = await go();
      if (request.url.endsWith("/write")) throw new TypeError("fetch failed");
      return answer;
    };
    const provider = rig.open([first, second]);

    const outcomes = await write(rig, provider, changes);

    expect(results(outcomes)).toEqual(["TIMED_OUT", "TIMED_OUT", "TIMED_OUT"]);
    expect(rig.clock.monotonicMs()).toBeGreaterThanOrEqual(limits.fenceMs + limits.routeCallMs);
    expect(rig.sent.filter((one) => one.startsWith("b"))).toEqual([]);
    rig.way = (_request, go) => go();
    await write(rig, provider, changes);
    expect(rig.sent.filter((one) => one === "b write")).toHaveLength(1);
    expect(rig.cloud.standing()).toEqual(allAt("eni-b", 3));
  });

  it("leaves what was written by half when the executor is killed, and the next run writes the rest elsewhere", async () => {
    const rig = createRig();
    rig.cloud.faults.landMs = () => 300;
    const changes = planted(rig, 3);
    rig.way = async (request, go) => {
      if (new URL(request.url).host === "a.example" && request.url.endsWith("/write")) {
        void go();
        await rig.clock.sleep(350);
        rig.cloud.faults.refuse = () => new RouteError("UNREACHABLE", "killed", { retry: "soon", next: "" });
        throw new TypeError("other side closed");
      }
      return go();
    };
    const provider = rig.open([first, second]);

    expect(results(await write(rig, provider, changes))).toEqual(["TIMED_OUT", "TIMED_OUT", "TIMED_OUT"]);
    expect(Object.values(rig.cloud.standing())).toEqual(["eni-b", "eni-a", "eni-a"]);

    rig.cloud.faults.refuse = () => undefined;
    expect(results(await write(rig, provider, changes))).toEqual(["written", "written", "written"]);
    expect(rig.cloud.standing()).toEqual(allAt("eni-b", 3));
  });

  it("takes the second executor when the first gives no challenge", async () => {
    const rig = createRig();
    const changes = planted(rig, 2);
    rig.way = async (request, go) => {
      if (new URL(request.url).host === "a.example") throw new TypeError("fetch failed");
      return go();
    };

    expect(results(await write(rig, rig.open([first, second]), changes))).toEqual(["written", "written"]);
    expect(rig.sent).toEqual(["a challenge", "b challenge", "b write"]);
  });

  it("carries the cloud's own error with code, words and what to do, and without secrets", async () => {
    const rig = createRig();
    const [change] = planted(rig, 1);
    if (change === undefined) throw new Error("no change");
    rig.cloud.faults.refuse = ({ kind }) =>
      kind === "replace"
        ? new RouteError("QUOTA", `full\nat https://x.example/?sig=${"s3cretS3cret".repeat(4)}`, {
            retry: "later",
            next: "raise the quota",
          })
        : undefined;

    const [outcome] = await write(rig, rig.open(), [change]);

    if (outcome?.result !== "failed") throw new Error("written");
    const { code, message, next, retry } = outcome.error;
    expect([code, next, retry]).toEqual(["QUOTA", "raise the quota", "later"]);
    expect(message).toBe("executor a: full at https://x.example/?[hidden]");
  });

  it("writes more changes than one request holds", async () => {
    const rig = createRig({ parallel: 32 });
    const many = Array.from({ length: 1_200 }, (_, at) => `10.${100 + Math.floor(at / 250)}.${at % 250}.0/24`);
    const changes = many.map((destination) => ({ kind: "create" as const, table, destination, target: "eni-a" }));

    const outcomes = await write(rig, rig.open(), changes);

    expect(new Set(results(outcomes))).toEqual(new Set(["written"]));
    expect(Object.keys(rig.cloud.standing())).toHaveLength(1_200);
    expect(rig.sent.filter((one) => one === "a write")).toHaveLength(3);
  });
});
