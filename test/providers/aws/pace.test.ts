import { ReplaceRouteCommand } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { RouteError } from "../../../shared/domain/errors.ts";
import type { ChangeOutcome, RouteChange } from "../../../shared/ports/route-provider.ts";
import { tablesIn } from "../contract/world.ts";
import { destination, routesWorld, type VirtualWorld, virtualClient, virtualWorld } from "./virtual.ts";

const table = { id: "rtb-1", key: "aws/eu-central-1/rtb-1" };
const empty = { id: "rtb-2", key: "aws/eu-central-1/rtb-2" };
const replacements = (count: number, from = 0): RouteChange[] =>
  Array.from({ length: count }, (_, at) => ({
    kind: "replace",
    table,
    destination: destination(from + at),
    target: "eni-b",
    found: "eni-a",
  }));
const creations = (count: number): RouteChange[] =>
  Array.from({ length: count }, (_, at) => ({
    kind: "create",
    table: empty,
    destination: destination(at),
    target: "eni-b",
  }));

const never = () => new AbortController().signal;
const mayWrite = () => Promise.resolve();
const written = (outcomes: readonly ChangeOutcome[]) => outcomes.filter(({ result }) => result === "written").length;
const codes = (outcomes: readonly ChangeOutcome[]) =>
  new Set(outcomes.map((outcome) => (outcome.result === "written" ? "written" : outcome.error.code)));

async function limitedWorld(routes: number): Promise<VirtualWorld> {
  const world = await virtualWorld(routesWorld(routes));
  world.emulator.control.throttling(true);
  world.emulator.control.latency("*", { minMs: 50, maxMs: 150 });
  return world;
}

describe("the pace of changes in EC2", () => {
  it("writes 50 routes in a burst", async () => {
    const world = await limitedWorld(50);
    world.emulator.control.latency("*", 50);

    const { value, tookMs } = await world.drive(
      world.open().write(replacements(50), { guard: mayWrite, epoch: 1 }, never()),
    );

    expect(written(value)).toBe(50);
    expect(tookMs).toBeLessThan(500);
  });

  it.each([200, 500])("writes %i routes in about the time that EC2's buckets force", async (count) => {
    const world = await limitedWorld(count);

    const { value, tookMs } = await world.drive(
      world.open().write(replacements(count), { guard: mayWrite, epoch: 1 }, never()),
    );

    const forcedMs = ((count - 50) / 5) * 1_000;
    expect(written(value)).toBe(count);
    expect(tookMs).toBeGreaterThanOrEqual(forcedMs);
    expect(tookMs / forcedMs).toBeLessThan(1.1);
    expect(world.emulator.control.calls().filter(({ answer }) => answer !== "written").length).toBeLessThan(5);
  });

  it("is not slowed by calls that take as long as a call may", async () => {
    const world = await limitedWorld(150);
    world.emulator.control.latency("*", 3_000);

    const { value, tookMs } = await world.drive(
      world.open().write(replacements(150), { guard: mayWrite, epoch: 1 }, never()),
    );

    expect(written(value)).toBe(150);
    expect(tookMs).toBeLessThan(20_000 * 1.3);
  });

  it("keeps each kind of change to its own allowance, as EC2 does", async () => {
    const world = await limitedWorld(200);
    const changes = [...replacements(200), ...creations(200)];

    const { value, tookMs } = await world.drive(world.open().write(changes, { guard: mayWrite, epoch: 1 }, never()));

    expect(written(value)).toBe(400);
    expect(tookMs).toBeLessThan(33_000);
  });

  it("shares one allowance among the locations of one client", async () => {
    const world = await limitedWorld(200);
    const halves = [replacements(100), replacements(100, 100)].map((changes) =>
      world.open().write(changes, { guard: mayWrite, epoch: 1 }, never()),
    );

    const { value, tookMs } = await world.drive(Promise.all(halves));

    expect(value.map(written)).toEqual([100, 100]);
    expect(tookMs).toBeGreaterThanOrEqual(30_000);
    expect(tookMs).toBeLessThan(33_000);
    expect(world.emulator.control.calls().filter(({ answer }) => answer !== "written").length).toBeLessThan(5);
  });

  it("falls back to EC2's refill when somebody else has used the allowance up", async () => {
    const world = await limitedWorld(60);
    const other = virtualClient(world.emulator);
    const command = new ReplaceRouteCommand({
      RouteTableId: "rtb-1",
      DestinationCidrBlock: destination(0),
      NetworkInterfaceId: "eni-a",
    });
    await world.drive(Promise.all(Array.from({ length: 50 }, () => other.send(command))));

    const { value, tookMs } = await world.drive(
      world.open().write(replacements(60), { guard: mayWrite, epoch: 1 }, never()),
    );

    expect(written(value)).toBe(60);
    expect(tookMs).toBeLessThan((60 / 5) * 1_000 * 1.5);
    const wasted = world.emulator.control.calls().filter(({ answer }) => answer === "RequestLimitExceeded");
    expect(wasted.length).toBeLessThan(40);
  });

  it("stops waiting for a turn when the signal aborts", async () => {
    const world = await limitedWorld(200);
    const run = new AbortController();
    void world.clock.sleep(10_000).then(() => run.abort());

    const { value, tookMs } = await world.drive(
      world.open().write(replacements(200), { guard: mayWrite, epoch: 1 }, run.signal),
    );

    expect(value).toHaveLength(200);
    expect(written(value)).toBeGreaterThanOrEqual(95);
    expect(codes(value)).toEqual(new Set(["written", "TIMED_OUT"]));
    expect(tookMs).toBeLessThan(10_200);
  });

  it("says that it was throttled when nothing was let through until the end", async () => {
    const world = await limitedWorld(3);
    world.emulator.control.fail({ action: "ReplaceRoute", fault: { kind: "throttle" }, count: 1_000 });
    const run = new AbortController();
    void world.clock.sleep(5_000).then(() => run.abort());

    const { value } = await world.drive(world.open().write(replacements(3), { guard: mayWrite, epoch: 1 }, run.signal));

    expect(codes(value)).toEqual(new Set(["THROTTLED"]));
    expect(world.emulator.control.calls().length).toBeLessThan(32);
  });

  it("does not make those who wait for a turn wait on when the guard refuses", async () => {
    const world = await limitedWorld(200);
    let asked = 0;
    const guard = async () => {
      asked++;
      if (asked > 55) throw new RouteError("SUPERSEDED", "newer", { retry: "soon", next: "nothing" });
    };

    const { value, tookMs } = await world.drive(
      world.open().write(replacements(200), { guard: guard, epoch: 1 }, never()),
    );

    expect(written(value)).toBe(55);
    expect(codes(value)).toEqual(new Set(["written", "SUPERSEDED"]));
    expect(tookMs).toBeLessThan(2_500);
  });
});

describe("a call that EC2 does not answer", () => {
  it("is given up after its time, and may land later all the same", async () => {
    const world = await virtualWorld(routesWorld(2));
    world.emulator.control.fail({
      action: "ReplaceRoute",
      destination: destination(0),
      fault: { kind: "stall", ms: 30_000 },
    });

    const { value, tookMs } = await world.drive(
      world.open().write(replacements(2), { guard: mayWrite, epoch: 1 }, never()),
    );

    expect(value).toMatchObject([
      { result: "failed", error: { code: "TIMED_OUT", retry: "soon" } },
      { result: "written" },
    ]);
    expect(tookMs).toBe(5_000);
    await world.clock.advance(25_000);
    expect(world.emulator.control.calls().map(({ answer }) => answer)).toEqual(["written", "written"]);
  });

  it("is read again, a few times and no more", async () => {
    const world = await virtualWorld(routesWorld(2));
    const { control } = world.emulator;

    control.fail({ action: "DescribeRouteTables", fault: { kind: "throttle" } });
    control.fail({ action: "DescribeRouteTables", fault: { kind: "internal-error" } });
    const { value } = await world.drive(world.open().survey(never()).then(tablesIn));
    expect(value.map(({ id }) => id)).toEqual(["rtb-1", "rtb-2"]);

    control.fail({ action: "DescribeRouteTables", fault: { kind: "throttle" }, count: 3 });
    const failing = world.drive(world.open().survey(never()).then(tablesIn));
    await expect(failing).rejects.toMatchObject({ code: "THROTTLED", retry: "soon" });
  });

  it("ends a reading at once when the signal aborts", async () => {
    const world = await virtualWorld(routesWorld(2));
    world.emulator.control.latency("DescribeRouteTables", 4_000);
    const run = new AbortController();
    void world.clock.sleep(1_000).then(() => run.abort());
    const startMs = world.clock.monotonicMs();

    await expect(world.drive(world.open().read([table], run.signal))).rejects.toMatchObject({ code: "TIMED_OUT" });

    expect(world.clock.monotonicMs() - startMs).toBe(1_000);
  });

  it("is not asked again when it was denied", async () => {
    const world = await virtualWorld(routesWorld(2));
    world.emulator.control.fail({ action: "DescribeNetworkInterfaces", fault: { kind: "deny" } });
    const hosts = [
      { hostId: "h1", target: "eni-a", localAddress: "" },
      { hostId: "h2", target: "i-b", localAddress: "" },
    ];

    const { value } = await world.drive(world.open().targets(hosts, never()));

    expect(value).toMatchObject([
      {
        hostId: "h1",
        result: "failed",
        error: { code: "DENIED", next: expect.stringContaining("DescribeNetworkInterfaces") },
      },
      { hostId: "h2", result: "found", target: "eni-b" },
    ]);
  });
});
