import { describe, expect, it } from "vitest";
import type { CloudCall } from "../../dev/memory-cloud.ts";
import { RouteError, type RouteErrorCode } from "../../shared/domain/errors.ts";
import { limits } from "../../shared/domain/limits.ts";
import { allAt, backbone, createWorld, gaps, hereIn, routeCalls, settledWorld, type World } from "./world.ts";

const error = (code: RouteErrorCode, retry: RouteError["retry"] = "soon") =>
  new RouteError(code, `a test makes it ${code}`, { retry, next: "do this" });
const changes = (call: CloudCall) => call.kind === "create" || call.kind === "replace" || call.kind === "remove";

async function failingOver(world: World): Promise<number> {
  await world.decide("a2");
  return world.clock.monotonicMs();
}

describe("a cloud that throttles", () => {
  it("for minutes: the swap is tried again with growing pauses, someone is told, and it ends well", async () => {
    const world = await settledWorld();
    const startMs = await failingOver(world);
    world.cloud.faults.refuse = (call) =>
      changes(call) && call.sentMs < startMs + 240_000 ? error("THROTTLED") : undefined;

    await world.swap();
    expect(await world.report()).toMatchObject({ attempts: 1, errors: [{ code: "THROTTLED" }] });
    expect(world.ticks).toMatchObject([{ kind: "wake", cause: "continue", round: 1 }]);
    await world.live(400_000);

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.head())?.swap.state).toBe("confirmed");
    expect((await world.events("swap-failed")).length).toBeLessThanOrEqual(2);
    expect(await world.events("swap-failed")).toContainEqual(expect.stringContaining("do this"));
    expect(await world.report()).toMatchObject({ attempts: 0, errors: [], retryAtMs: null });
    expect(gaps(world)).toEqual([]);
  });

  it("to a rate that one run cannot do: runs wake each other until every route is there", async () => {
    const ids = Array.from({ length: 120 }, (_, at) => `rtb-n${at}`);
    const world = createWorld({ bucket: { capacity: 20, perSecond: 5 }, parallel: 4 });
    for (const id of ids) world.cloud.addTable({ id, vpc: "vpc-1" });
    await world.apply([backbone(hereIn({}, ids))]);
    await world.decide("a1");
    const startMs = world.clock.monotonicMs();

    await world.swap();
    expect(Math.max(...world.cloud.calls.map((call) => call.sentMs - startMs))).toBeLessThanOrEqual(limits.swapRunMs);
    const left = 240 - Object.keys(world.cloud.standing()).length;
    expect(left).toBeGreaterThan(0);
    expect(world.swaps).toMatchObject([{ cause: "continue", round: 1, locationId: "here" }]);
    expect(await world.events("swap-failed")).toEqual([]);
    await world.live(59_000);

    expect(Object.values(world.cloud.standing())).toEqual(Array.from({ length: 240 }, () => "eni-a1"));
    expect((await world.head())?.swap).toMatchObject({ state: "confirmed", routes: 240 });
    expect(await world.report()).toMatchObject({ written: 240 });
  });
});

describe("a cloud that answers wrongly", () => {
  it("not at all after it has written: what stands is read, and nothing is written twice", async () => {
    const world = createWorld();
    await world.apply([backbone()]);
    await world.decide("a1");
    world.cloud.faults.answer = (call) => (changes(call) ? error("TIMED_OUT") : undefined);

    await world.swap();

    expect(routeCalls(world)).toHaveLength(4);
    expect((await world.ledger()).map((entry) => entry.state)).toEqual(["owned", "owned", "owned", "owned"]);
    expect((await world.head())?.swap.state).toBe("confirmed");
  });

  it("500 now and then: what failed is tried again in the same run, the rest is applied meanwhile", async () => {
    const world = await settledWorld();
    await failingOver(world);
    let failures = 0;
    world.cloud.faults.refuse = (call) =>
      changes(call) && call.destination === "10.2.0.0/16" && failures++ < 3 ? error("CLOUD_FAULT") : undefined;

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.head())?.swap.state).toBe("confirmed");
    expect(await world.events("swap-failed")).toEqual([]);
  });

  it("500 to everything: nothing is thrown, the swap goes on when the cloud does", async () => {
    const world = await settledWorld();
    const startMs = await failingOver(world);
    world.cloud.faults.refuse = (call) => (call.sentMs < startMs + 300_000 ? error("CLOUD_FAULT") : undefined);

    await world.swap();
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("swap-failed")).toHaveLength(1);
    await world.live(400_000);

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.head())?.swap.state).toBe("confirmed");
  });

  it("with an error that nobody knows: it is put on record and tried again each minute", async () => {
    const world = await settledWorld();
    await failingOver(world);
    world.cloud.faults.refuse = (call) => {
      if (changes(call)) throw new TypeError("something new");
      return undefined;
    };

    await world.swap();
    expect(await world.report()).toMatchObject({
      errors: expect.arrayContaining([
        {
          code: "UNKNOWN",
          message: expect.stringContaining("something new"),
          table: "memory/rtb-1",
          destination: "10.2.0.0/16",
        },
      ]),
    });
    world.cloud.faults.refuse = () => undefined;
    await world.live(61_000);

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
  });
});

describe("a cloud whose reads lag", () => {
  it.each([500, 1_000, 3_000])(
    "by up to %i ms: nothing is confirmed before it is seen twice, nor written twice",
    async (lagMs) => {
      const world = await settledWorld();
      const startMs = await failingOver(world);
      let draw = 0;
      world.cloud.faults.readLagMs = () => (draw++ % 3 === 2 ? 0 : lagMs);
      world.cloud.faults.landMs = () => 50;

      await world.swap();

      expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
      expect(routeCalls(world)).toHaveLength(8);
      const { swap } = (await world.head()) ?? {};
      expect(swap).toMatchObject({ state: "confirmed" });
      expect(await world.events("route-foreign")).toEqual([]);
      expect(world.clock.monotonicMs() - startMs).toBeLessThan(lagMs + 8_000);
    },
  );

  it("after a location went to another host and back at once does not pass for its routes being there", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    await world.swap();
    await world.decide("a1");
    world.cloud.faults.readLagMs = () => 5_000;

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.head())?.swap).toMatchObject({ state: "confirmed", routes: 4 });
  });

  it("after routes were removed and a host came back at once does not take them for somebody's", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide(null);
    await world.swap();
    await world.decide("a1");
    world.cloud.faults.readLagMs = () => 5_000;

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("route-foreign")).toEqual([]);
  });

  it("after routes were removed takes them for nobody's either when the first run of the next epoch failed", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide(null);
    await world.swap();
    world.cloud.removeInterface("eni-a1");
    await world.decide("a1");
    await world.swap();
    world.cloud.addInterface({ id: "eni-a1" });
    world.cloud.faults.readLagMs = () => 5_000;

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("route-foreign")).toEqual([]);
  });

  it("after it removed routes itself does not take them for somebody's", async () => {
    const world = await settledWorld(hereIn({ removeRoutes: true }));
    await world.decide(null);
    let reads = 0;
    world.cloud.faults.readLagMs = () => (++reads > 2 ? 2_000 : 0);

    await world.swap();

    expect(world.cloud.standing()).toEqual({});
    expect(await world.events("route-foreign")).toEqual([]);
  });

  it("after a route was created does not make it foreign, or create it again", async () => {
    const world = createWorld();
    await world.apply([backbone()]);
    await world.decide("a1");
    world.cloud.faults.readLagMs = () => 2_500;

    await world.swap();

    expect(routeCalls(world)).toHaveLength(4);
    expect((await world.head())?.swap.state).toBe("confirmed");
  });
});

describe("what is missing", () => {
  it("a table that has gone: the others are swapped, and someone is told which", async () => {
    const world = await settledWorld();
    world.cloud.removeTable("rtb-2");
    await failingOver(world);

    await world.swap();

    expect(world.cloud.standing()).toEqual({ "rtb-1 10.2.0.0/16": "eni-a2", "rtb-1 10.3.0.0/16": "eni-a2" });
    expect((await world.head())?.swap.state).toBe("pending");
    expect(await world.events("swap-failed")).toEqual([expect.stringContaining("rtb-2")]);
  });

  it("the active host's interface: nothing is written, it is said, and tried again", async () => {
    const world = await settledWorld();
    world.cloud.removeInterface("eni-a2");
    await failingOver(world);

    await world.swap();
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.report()).toMatchObject({ errors: [{ code: "TARGET_MISSING" }], attempts: 1 });
    expect(await world.events("swap-failed")).toEqual([expect.stringContaining("TARGET_MISSING")]);

    world.cloud.addInterface({ id: "eni-a2" });
    await world.live(10_000);
    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
  });

  it("a standby's interface: that does not matter", async () => {
    const world = await settledWorld();
    world.cloud.removeInterface("eni-a1");
    await failingOver(world);

    await world.swap();

    expect((await world.head())?.swap.state).toBe("confirmed");
  });

  it("an interface that its routes are at but that carries nothing: never confirmed, said, and not written for ever", async () => {
    const world = await settledWorld();
    await failingOver(world);
    world.cloud.faults.answer = (call) => {
      if (changes(call)) world.cloud.removeInterface("eni-a2");
      return undefined;
    };

    await world.swap();
    const calls = routeCalls(world).length;
    world.cloud.faults.answer = () => undefined;
    await world.live(130_000);

    expect((await world.head())?.swap.state).toBe("pending");
    expect(await world.events("swap-failed")).toContainEqual(expect.stringContaining("TARGET_MISSING"));
    expect(routeCalls(world).length - calls).toBeLessThan(12);
  });

  it("a machine behind an interface: what the cloud says of the routes there is passed on", async () => {
    const world = await settledWorld();
    await failingOver(world);
    world.cloud.detachInterface("eni-a2");

    await world.swap();

    expect(await world.events("swap-failed")).toEqual([expect.stringContaining("eni-a2 is attached to nothing")]);
  });

  it("a permission for one table: the others are swapped, and someone is told what to do, once in ten minutes", async () => {
    const world = await settledWorld();
    await failingOver(world);
    const denied = (call: CloudCall) => changes(call) && call.table === "rtb-1";
    world.cloud.faults.refuse = (call) => (denied(call) ? error("DENIED", "later") : undefined);

    await world.swap();
    expect(world.cloud.standing()).toMatchObject({ "rtb-2 10.2.0.0/16": "eni-a2", "rtb-2 10.3.0.0/16": "eni-a2" });
    expect(await world.report()).toMatchObject({
      errors: [
        { code: "DENIED", table: "memory/rtb-1", destination: "10.2.0.0/16" },
        { code: "DENIED", table: "memory/rtb-1", destination: "10.3.0.0/16" },
      ],
    });
    await world.live(300_000);
    expect((await world.events("swap-failed")).length).toBeLessThanOrEqual(2);
    expect((await world.events("swap-failed"))[0]).toContain("do this");

    world.cloud.faults.refuse = () => undefined;
    await world.live(61_000);
    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
  });
});

describe("a function whose clock is an hour off", () => {
  it.each([3_600_000, -3_600_000, 4_000])("by %i ms writes no route and says so", async (offMs) => {
    const world = await settledWorld();
    await failingOver(world);
    const right = world.clock.nowMs;
    const wrong = world.processOf({ name: "wrong", ports: (_name, call) => call() });
    const before = world.cloud.calls.length;
    const writes = world.database.writes;
    world.clock.nowMs = () => right() + offMs;
    const answers = world.store.readNetwork;
    world.store.readNetwork = async () => ({ ...(await answers()), databaseMs: Math.floor(right() / 1_000) * 1_000 });

    await world.drive(wrong({ linkId: "backbone", locationId: "here", cause: "decision", round: 0 }));

    expect(world.cloud.calls).toHaveLength(before);
    expect(world.database.writes - writes).toBe(2);
    expect(await world.events("elector-clock")).toHaveLength(1);
    expect(world.log.lines).toMatchObject([{ level: "error" }]);
  });
});
