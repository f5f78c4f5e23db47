import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/hetzner/in-process.ts";
import { RouteError } from "../../../shared/domain/errors.ts";
import { limits } from "../../../shared/domain/limits.ts";
import type { ChangeOutcome } from "../../../shared/ports/route-provider.ts";
import { openHetzner } from "../../../shared/providers/hetzner/open.ts";
import { mayWrite, turnOf, untilDone } from "../contract/world.ts";
import { cloudOf, HOME, secretsOf, TOKEN } from "./emulated-world.ts";
import {
  A,
  ACTION_MS,
  B,
  calls,
  destination,
  gateways,
  LATENCY_MS,
  planted,
  results,
  virtualWorld,
} from "./virtual.ts";

const superseded = () => new RouteError("SUPERSEDED", "a newer decision", { retry: "soon", next: "nothing" });

/** Refuses from the n-th question on, after doing something. */
const refuseFrom = (nth: number, before: () => void = () => undefined) => {
  let asked = 0;
  return async () => {
    asked++;
    if (asked < nth) return;
    before();
    throw superseded();
  };
};

const messageOf = (outcome: ChangeOutcome | undefined) =>
  outcome?.result === "failed" ? outcome.error.message : "written";

describe("a swap of routes", () => {
  it("leaves one destination at a time without a route, for one action and the call that begins it", async () => {
    const world = virtualWorld();
    const changes = planted(world, 20);

    const { value, tookMs } = await world.drive(world.open().write(changes, turnOf(), untilDone()));

    expect(results(value)).toEqual(changes.map(() => "written"));
    expect(gateways(world)).toEqual(changes.map(() => B));
    const gaps = world.emulator.control.gapTimes(0);
    expect(gaps.map((gap) => gap.destination)).toEqual(changes.map((change) => change.destination));
    // From the middle of one call, over its action, to the end of the other's: what comes on top is looking.
    const forcedMs = 2 * ACTION_MS + LATENCY_MS;
    for (const [at, { fromMs, untilMs }] of gaps.entries()) {
      expect((untilMs ?? Number.POSITIVE_INFINITY) - fromMs).toBeLessThanOrEqual(forcedMs + 3 * LATENCY_MS);
      expect(fromMs).toBeGreaterThanOrEqual(gaps[at - 1]?.untilMs ?? 0);
    }
    expect(tookMs).toBeLessThanOrEqual(20 * 2 * (ACTION_MS + LATENCY_MS) * 1.2);
  });

  it("asks the guard before each of its calls", async () => {
    const world = virtualWorld();
    let asked = 0;

    await world.drive(
      world.open().write(
        planted(world, 3),
        turnOf(async () => void asked++),
        untilDone(),
      ),
    );

    expect([asked, world.emulator.control.calls().length]).toEqual([6, 6]);
  });

  it("puts back what it deleted when it was superseded in between, asks nobody for that, and begins nothing more", async () => {
    const world = virtualWorld();

    const { value } = await world.drive(world.open().write(planted(world, 5), turnOf(refuseFrom(4)), untilDone()));

    expect(results(value)).toEqual(["written", "SUPERSEDED", "SUPERSEDED", "SUPERSEDED", "SUPERSEDED"]);
    expect(gateways(world)).toEqual([B, A, A, A, A]);
    expect(calls(world).slice(2)).toEqual([`delete ${A} accepted`, `add ${A} accepted`]);
    expect(messageOf(value[1])).toContain(`via ${A} was put back`);
  });

  it("puts back what it deleted when the guard cannot be asked", async () => {
    const world = virtualWorld();
    let asked = 0;
    const guard = async () => {
      asked++;
      if (asked === 2) throw new Error("the store does not answer");
    };

    const { value } = await world.drive(world.open().write(planted(world, 1), turnOf(guard), untilDone()));

    expect(results(value)).toEqual(["UNKNOWN"]);
    expect(gateways(world)).toEqual([A]);
  });

  it("does not say of a route that it stands while an action of an older run is about to delete it", async () => {
    const world = virtualWorld();
    world.emulator.control.operations({ ms: 2_000, deleted: "when done" });
    const [change] = planted(world, 1);
    if (change === undefined) throw new Error("no change");
    const to = { table: change.table, destination: change.destination };
    const older = world.open().write([{ ...to, kind: "remove", found: A }], turnOf(), untilDone());
    await world.clock.advance(500);

    const again: ChangeOutcome["change"] = { ...to, kind: "replace", target: A, found: A };
    const { value } = await world.drive(world.open().write([again], turnOf(), untilDone()));
    await world.drive(older);

    expect(results(value)).toEqual(["ROUTE_MISSING"]);
    expect(gateways(world)).toEqual([]);
  });

  it("waits for older actions once for all routes that are to be written though they stand, and after the others", async () => {
    const world = virtualWorld();
    const changes = planted(world, 30);
    const [last] = changes.slice(-1);
    if (last === undefined) throw new Error("no change");
    const again = changes.slice(0, -1).map((change): ChangeOutcome["change"] => ({
      kind: "replace",
      table: change.table,
      destination: change.destination,
      target: A,
      found: A,
    }));

    const { value } = await world.drive(world.open().write([...again, last], turnOf(), untilDone()));

    expect(results(value)).toEqual(changes.map(() => "written"));
    expect(value.map(({ change }) => change)).toEqual([...again, last]);
    expect(calls(world)).toEqual([`delete ${A} accepted`, `add ${B} accepted`]);
    expect(world.emulator.control.requests().length).toBeLessThan(12);
  });

  it("takes no route away that is to be written though it stands", async () => {
    const world = virtualWorld();
    const [change] = planted(world, 1);
    if (change === undefined) throw new Error("no change");
    const { table, destination: to } = change;

    const { value } = await world.drive(
      world.open().write([{ kind: "replace", table, destination: to, target: A, found: A }], turnOf(), untilDone()),
    );

    expect(results(value)).toEqual(["written"]);
    expect(calls(world)).toEqual([]);
  });

  it("does not touch what a newer run has added meanwhile", async () => {
    const world = virtualWorld();
    const newer = () => world.emulator.control.putRoute(HOME, { destination: destination(0), gateway: "10.0.0.6" });

    const { value } = await world.drive(
      world.open().write(planted(world, 1), turnOf(refuseFrom(2, newer)), untilDone()),
    );

    expect(results(value)).toEqual(["SUPERSEDED"]);
    expect(gateways(world)).toEqual(["10.0.0.6"]);
    expect(messageOf(value[0])).toContain("a route via 10.0.0.6 stands");
  });

  it("tells a newer run that wants to create what was put back, so that it reads again", async () => {
    const world = virtualWorld();
    const [change] = planted(world, 1);
    if (change?.kind !== "replace") throw new Error("no change");
    await world.drive(world.open().write([change], turnOf(refuseFrom(2)), untilDone()));
    const create = { kind: "create", table: change.table, destination: change.destination, target: B } as const;

    const { value } = await world.drive(world.open().write([create], turnOf(), untilDone()));

    expect(value).toMatchObject([{ result: "failed", error: { code: "ROUTE_EXISTS", retry: "soon" } }]);
  });

  it("puts the old route back when the add is denied, or its action ends in an error", async () => {
    const world = virtualWorld();
    const changes = planted(world, 3);
    const { control } = world.emulator;
    control.fail({ action: "add_route", fault: { kind: "deny" }, destination: destination(0) });
    const ending = { code: "action_failed", message: "Action failed" };
    control.failOperation({ command: "add_route", destination: destination(1), ...ending });

    const { value } = await world.drive(world.open().write(changes, turnOf(), untilDone()));

    expect(results(value)).toEqual(["DENIED", "CLOUD_FAULT", "written"]);
    expect(gateways(world)).toEqual([A, A, B]);
    expect(messageOf(value[1])).toContain("Action failed");
  });

  it("keeps trying to put back while the run has time", async () => {
    const world = virtualWorld();
    const changes = planted(world, 1);
    world.emulator.control.fail({ action: "add_route", fault: { kind: "internal-error" }, count: 4 });

    const { value } = await world.drive(world.open().write(changes, turnOf(), untilDone()));

    expect(results(value)).toEqual(["CLOUD_FAULT"]);
    expect(gateways(world)).toEqual([A]);
  });

  it("leaves the old route where its delete is accepted and then fails", async () => {
    const world = virtualWorld();
    const changes = planted(world, 2);
    world.emulator.control.failOperation({ command: "delete_route", code: "action_failed", message: "Action failed" });

    const { value } = await world.drive(world.open().write(changes, turnOf(), untilDone()));

    expect(results(value)).toEqual(["CLOUD_FAULT", "written"]);
    expect(gateways(world)).toEqual([A, B]);
  });

  it.each(["when accepted", "when done"] as const)(
    "looks at what stands when an answer is lost (deleted %s)",
    async (deleted) => {
      const world = virtualWorld();
      world.emulator.control.operations({ ms: ACTION_MS, deleted });
      const changes = planted(world, 4);
      const lose = (at: number, action: string, written: boolean) =>
        world.emulator.control.fail({ action, fault: { kind: "drop", written }, destination: destination(at) });
      lose(0, "delete_route", false);
      lose(1, "delete_route", true);
      lose(2, "add_route", false);
      lose(3, "add_route", true);

      const { value } = await world.drive(world.open().write(changes, turnOf(), untilDone()));

      expect(results(value)).toEqual(["TIMED_OUT", "written", "TIMED_OUT", "written"]);
      expect(gateways(world)).toEqual([A, B, A, B]);
      const made = world.emulator.control.calls().map((call) => call.destination);
      expect(changes.map((change) => made.filter((about) => about === change.destination).length)).toEqual([
        1, 2, 3, 2,
      ]);
    },
  );

  it("does not repeat a call that the cloud failed", async () => {
    const world = virtualWorld();
    const changes = planted(world, 2);
    world.emulator.control.fail({ action: "delete_route", fault: { kind: "internal-error" } });

    const { value } = await world.drive(world.open().write(changes, turnOf(), untilDone()));

    expect(results(value)).toEqual(["CLOUD_FAULT", "written"]);
    expect(calls(world)).toEqual([`delete ${A} server_error`, `delete ${A} accepted`, `add ${B} accepted`]);
  });

  it("finishes the swap that is half done when the run ends, with its guard, and begins no other", async () => {
    const world = virtualWorld();
    const changes = planted(world, 5);
    const run = new AbortController();
    let asked = 0;
    const guard = async () => {
      asked++;
      if (asked === 3) void world.clock.sleep(LATENCY_MS).then(() => run.abort());
    };

    const { value } = await world.drive(world.open().write(changes, turnOf(guard), run.signal));

    expect(results(value)).toEqual(["written", "written", "TIMED_OUT", "TIMED_OUT", "TIMED_OUT"]);
    expect(gateways(world)).toEqual([B, B, A, A, A]);
    expect(asked).toBe(4);
  });

  it("gives a swap that is half done up when it cannot be finished for long after the run", async () => {
    const world = virtualWorld();
    const changes = planted(world, 1);
    world.emulator.control.fail({ action: "add_route", fault: { kind: "internal-error" }, count: 1_000 });
    const run = new AbortController();
    void world.clock.sleep(1_000).then(() => run.abort());

    const { value, tookMs } = await world.drive(world.open().write(changes, turnOf(), run.signal));

    expect(value).toMatchObject([{ result: "failed", error: { retry: "soon" } }]);
    expect(messageOf(value[0])).toContain("could not be put back");
    expect(tookMs).toBeLessThanOrEqual(1_000 + limits.hetznerFinishMs + limits.routeCallMs);
  });

  it("lets no other location of the network come between its two calls", async () => {
    const world = virtualWorld();
    const changes = planted(world, 6);
    const open = openHetzner({
      clock: world.clock,
      cloudSecrets: secretsOf(() => TOKEN),
      fetch: inProcess(world.emulator),
    });
    const write = (part: typeof changes) => open(cloudOf(HOME)).write(part, turnOf(), untilDone());

    const { value } = await world.drive(Promise.all([write(changes.slice(0, 3)), write(changes.slice(3))]));

    expect(value.map(results)).toEqual([
      ["written", "written", "written"],
      ["written", "written", "written"],
    ]);
    expect(calls(world).filter((call) => !call.endsWith("accepted"))).toEqual([]);
  });

  it("waits while another action keeps the network busy, between its own two calls too", async () => {
    const world = virtualWorld();
    const changes = planted(world, 1);
    const locked = (action: string, code: string, count: number) =>
      world.emulator.control.fail({ action, fault: { kind: "error", code, message: "busy" }, count });
    locked("delete_route", "conflict", 3);
    locked("add_route", "locked", 3);
    let asked = 0;

    const { value } = await world.drive(
      world.open().write(
        changes,
        turnOf(async () => void asked++),
        untilDone(),
      ),
    );

    expect(results(value)).toEqual(["written"]);
    expect(asked).toBe(8);
  });

  it("says that the network was busy when the run ends before it is free, with the old route in place", async () => {
    const world = virtualWorld();
    const changes = planted(world, 2);
    const fault = { kind: "error", code: "locked", message: "there is already an action running" } as const;
    world.emulator.control.fail({ action: "delete_route", fault, count: 1_000 });
    const run = new AbortController();
    void world.clock.sleep(limits.swapRunMs).then(() => run.abort());

    const { value } = await world.drive(world.open().write(changes, turnOf(), run.signal));

    expect(value[0]).toMatchObject({ result: "failed", error: { code: "LOCKED", retry: "soon" } });
    expect(results(value)).toEqual(["LOCKED", "TIMED_OUT"]);
    expect(gateways(world)).toEqual([A, A]);
  });

  it("overwrites nothing that somebody else put there before or between its calls", async () => {
    const world = virtualWorld();
    const changes = planted(world, 3);
    const { control } = world.emulator;
    const theirs = "10.0.0.6";
    control.putRoute(HOME, { destination: destination(0), gateway: theirs });
    let asked = 0;
    const guard = async () => {
      asked++;
      // Before the delete of the second, and between the calls of the third.
      if (asked === 1) control.putRoute(HOME, { destination: destination(1), gateway: theirs });
      if (asked === 3) control.putRoute(HOME, { destination: destination(2), gateway: theirs });
    };

    const { value } = await world.drive(world.open().write(changes, turnOf(guard), untilDone()));

    expect(results(value)).toEqual(["ROUTE_EXISTS", "ROUTE_EXISTS", "ROUTE_EXISTS"]);
    expect(gateways(world)).toEqual([theirs, theirs, theirs]);
  });

  it("begins no swap that the project's allowance would not let it finish", async () => {
    const world = virtualWorld();
    const changes = planted(world, 3);
    world.emulator.control.throttling(true);
    world.emulator.control.rateLimit(3_600, 10);

    const { value } = await world.drive(world.open().write(changes, turnOf(), untilDone()));

    expect(results(value)).toEqual(["written", "written", "written"]);
    const refused = world.emulator.control.requests().filter(({ status }) => status === 429);
    expect(refused).toEqual([]);
    for (const { fromMs, untilMs } of world.emulator.control.gapTimes(0)) {
      expect((untilMs ?? Number.POSITIVE_INFINITY) - fromMs).toBeLessThan(1_000);
    }
  });

  it("waits its turn again when it is throttled all the same, each attempt with its own guard", async () => {
    const world = virtualWorld();
    const changes = planted(world, 2);
    world.emulator.control.fail({ action: "add_route", fault: { kind: "throttle" }, destination: destination(1) });
    let asked = 0;

    const { value } = await world.drive(
      world.open().write(
        changes,
        turnOf(async () => void asked++),
        untilDone(),
      ),
    );

    expect(results(value)).toEqual(["written", "written"]);
    expect([asked, world.emulator.control.calls().length]).toEqual([5, 5]);
  });

  it("says that it was throttled when that lasts to the end of the run, with every old route in place", async () => {
    const world = virtualWorld();
    const changes = planted(world, 3);
    world.emulator.control.fail({ action: "delete_route", fault: { kind: "throttle" }, count: 1_000 });
    const run = new AbortController();
    void world.clock.sleep(limits.swapRunMs).then(() => run.abort());

    const { value } = await world.drive(world.open().write(changes, turnOf(mayWrite), run.signal));

    expect(results(value)).toEqual(["THROTTLED", "TIMED_OUT", "TIMED_OUT"]);
    expect(gateways(world)).toEqual([A, A, A]);
  });
});
