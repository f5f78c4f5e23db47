import { describe, expect, it } from "vitest";
import {
  codes,
  create,
  destination,
  HOST_A,
  HOST_B,
  never,
  refOf,
  replace,
  routesWorld,
  turn,
  virtualWorld,
} from "./virtual.ts";

const table = refOf("rt-1");
const WRITE = "Microsoft.Network/routeTables/routes/write";

describe("changes that Azure makes by long-running operations", () => {
  it("are written when their operation has ended, not when it was accepted", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.operations(3_000);

    const { value, tookMs } = await world.drive(world.open().write([replace(table, destination(0))], turn, never()));

    expect(codes(value)).toEqual(["written"]);
    expect(tookMs).toBeGreaterThanOrEqual(3_000);
    expect(tookMs).toBeLessThan(3_600);
    expect(world.emulator.control.effective(table.id).get(destination(0))).toBe(HOST_B);
  });

  it("fail when their operation ends in error after it was accepted, with Azure's own code", async () => {
    const world = virtualWorld(routesWorld(2));
    world.emulator.control.operations(1_000);
    world.emulator.control.failOperation({
      code: "InternalServerError",
      message: "An error occurred.",
      destination: destination(0),
    });

    const changes = [replace(table, destination(0)), replace(table, destination(1))];
    const { value } = await world.drive(world.open().write(changes, turn, never()));

    expect(codes(value)).toEqual(["CLOUD_FAULT", "written"]);
    expect(value[0]).toMatchObject({
      error: { retry: "soon", message: expect.stringContaining("accepted, then ended in error: InternalServerError") },
    });
    expect(world.emulator.control.effective(table.id).get(destination(0))).toBe(HOST_A);
  });

  it("are put once more when the last one failed, though the route says that it points there", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.failOperation({ code: "InternalServerError", message: "" });
    const provider = world.open();
    await world.drive(provider.write([replace(table, destination(0))], turn, never()));

    const { value: routes } = await world.drive(provider.read([table], never()));
    expect(routes).toMatchObject([{ target: HOST_B, residue: true, warning: "its last change ended in error" }]);

    const again = await world.drive(provider.write([replace(table, destination(0), HOST_B, HOST_B)], turn, never()));
    expect(codes(again.value)).toEqual(["written"]);
    expect(world.emulator.control.effective(table.id).get(destination(0))).toBe(HOST_B);
    expect((await world.drive(provider.read([table], never()))).value[0]).not.toHaveProperty("residue");
  });

  it("are as good as another operation's when that has taken their place", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.failOperation({
      code: "CanceledAndSupersededDueToAnotherOperation",
      message: "Operation was canceled and superseded.",
    });

    const { value } = await world.drive(world.open().write([replace(table, destination(0))], turn, never()));

    expect(value).toMatchObject([{ error: { code: "LOCKED", retry: "soon" } }]);
  });

  it("survive a reading of their state that fails, and are not made twice", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.operations(2_000);
    const action = "Microsoft.Network/locations/operations/read";
    world.emulator.control.fail({ action, fault: { kind: "throttle" } });
    world.emulator.control.fail({ action, fault: { kind: "drop", written: false } });

    const { value } = await world.drive(world.open().write([replace(table, destination(0))], turn, never()));

    expect(codes(value)).toEqual(["written"]);
    expect(world.emulator.control.calls()).toHaveLength(1);
  });

  it("may have been made when their state cannot be read: that is told, and left to the next look", async () => {
    const world = virtualWorld(routesWorld(1));
    const action = "Microsoft.Network/locations/operations/read";
    world.emulator.control.fail({ action, fault: { kind: "internal-error" }, count: 99 });

    const { value } = await world.drive(world.open().write([replace(table, destination(0))], turn, never()));

    expect(value).toMatchObject([{ error: { code: "TIMED_OUT", retry: "soon" } }]);
    expect(value[0]).toMatchObject({ error: { message: expect.stringContaining("could not be read") } });
    expect(world.emulator.control.effective(table.id).get(destination(0))).toBe(HOST_B);
  });

  it("name the permission that is missing when their state may not be read", async () => {
    const world = virtualWorld(routesWorld(1));
    const action = "Microsoft.Network/locations/operations/read";
    world.emulator.control.fail({ action, fault: { kind: "deny" }, count: 99 });

    const { value } = await world.drive(world.open().write([replace(table, destination(0))], turn, never()));

    expect(value).toMatchObject([{ error: { code: "DENIED", next: expect.stringContaining(action) } }]);
  });

  it("are waited for a little longer when the run ends, and then left", async () => {
    const world = virtualWorld(routesWorld(2));
    world.emulator.control.operations(60_000);
    const run = new AbortController();
    void world.clock.sleep(10_000).then(() => run.abort());

    const changes = [replace(table, destination(0)), replace(table, destination(1))];
    const { value, tookMs } = await world.drive(world.open().write(changes, turn, run.signal));

    expect(codes(value)).toEqual(["TIMED_OUT", "TIMED_OUT"]);
    expect(value[0]).toMatchObject({ error: { message: expect.stringContaining("has not ended yet") } });
    expect(tookMs).toBeLessThan(16_000);
    expect(world.emulator.control.calls()).toHaveLength(1);
  });

  it("are made one at a time in a table, and in several tables at once", async () => {
    const world = virtualWorld(routesWorld(5, 8));
    world.emulator.control.operations(1_000);
    const changes = Array.from({ length: 8 }, (_, at) => refOf(`rt-${at + 1}`)).flatMap((ref) =>
      [0, 1, 2, 3, 4].map((to) => replace(ref, destination(to))),
    );

    const { value, tookMs } = await world.drive(world.open().write(changes, turn, never()));

    expect(new Set(codes(value))).toEqual(new Set(["written"]));
    expect(tookMs).toBeLessThan(5 * 1_200);
    expect(world.emulator.control.calls().every(({ answer }) => answer === "accepted")).toBe(true);
    expect(world.emulator.control.gaps(0)).toEqual([]);
  });

  it("of two locations in one table stand in line", async () => {
    const world = virtualWorld(routesWorld(2));
    world.emulator.control.operations(1_000);
    const provider = world.open();

    const both = [0, 1].map((to) => provider.write([replace(table, destination(to))], turn, never()));
    const { value } = await world.drive(Promise.all(both));

    expect(value.flatMap(codes)).toEqual(["written", "written"]);
    expect(world.emulator.control.calls().map(({ answer }) => answer)).toEqual(["accepted", "accepted"]);
  });

  it("wait while another's operation holds the table, each attempt with its own guard", async () => {
    const world = virtualWorld(routesWorld(1, 2));
    const other = refOf("rt-2");
    world.emulator.control.lock(table.id, 8_000);
    let asked = 0;
    const guard = async () => void asked++;

    const changes = [replace(table, destination(0)), replace(other, destination(0))];
    const { value } = await world.drive(world.open().write(changes, { guard, epoch: 1 }, never()));

    expect(codes(value)).toEqual(["written", "written"]);
    const tries = world.emulator.control.calls().filter((call) => call.table === table.id);
    expect(tries.map(({ answer }) => answer)).toContain("AnotherOperationInProgress");
    expect(tries.length).toBeLessThan(7);
    expect(asked).toBe(world.emulator.control.calls().length);
  });

  it("say that the table is held when it still is at the end of the run", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.lock(table.id, 600_000);
    const run = new AbortController();
    void world.clock.sleep(10_000).then(() => run.abort());

    const { value } = await world.drive(world.open().write([replace(table, destination(0))], turn, run.signal));

    expect(value).toMatchObject([{ error: { code: "LOCKED", retry: "soon" } }]);
  });

  it("wait as long as a lock or a throttled call asks them to", async () => {
    const world = virtualWorld(routesWorld(1));
    const message = `Operation PutRouteOperation is updating resource ${table.id}. The call can be retried in 11 seconds.`;
    world.emulator.control.fail({
      action: WRITE,
      fault: { kind: "error", code: "RetryableErrorDueToAnotherOperation", message, status: 429 },
    });

    const { value, tookMs } = await world.drive(world.open().write([replace(table, destination(0))], turn, never()));

    expect(codes(value)).toEqual(["written"]);
    expect(tookMs).toBeGreaterThanOrEqual(11_000);
    expect(tookMs).toBeLessThan(12_000);
  });

  it("are never the whole table", async () => {
    const world = virtualWorld(routesWorld(1));

    await world.drive(
      world.open().write([create(table, "10.9.0.0/16"), replace(table, destination(0))], turn, never()),
    );

    expect([...world.emulator.control.actions()].filter((action) => action.endsWith("/write"))).toEqual([WRITE]);
  });
});
