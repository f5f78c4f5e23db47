import { describe, expect, it } from "vitest";
import type { RouteChange } from "../../../shared/ports/route-provider.ts";
import {
  codes,
  create,
  destination,
  HOST_A,
  never,
  refOf,
  replace,
  routesWorld,
  turn,
  virtualWorld,
} from "./virtual.ts";

const throttledIn = (calls: readonly { readonly answer: string }[]) =>
  calls.filter(({ answer }) => answer === "SubscriptionRequestsThrottled").length;

/** Replacements of so many routes in each of so many tables. */
const replacements = (routes: number, tables: number): RouteChange[] =>
  Array.from({ length: tables }, (_, at) => refOf(`rt-${at + 1}`)).flatMap((table) =>
    Array.from({ length: routes }, (_, to) => replace(table, destination(to))),
  );

describe("the pace of changes in Azure", () => {
  it("writes in a burst what Azure lets through at once, in several tables", async () => {
    const world = virtualWorld(routesWorld(10, 20));
    world.emulator.control.throttling(true);
    world.emulator.control.latency("*", 50);

    const { value, tookMs } = await world.drive(world.open().write(replacements(10, 20), turn, never()));

    expect(new Set(codes(value))).toEqual(new Set(["written"]));
    expect(throttledIn(world.emulator.control.calls())).toBe(0);
    expect(tookMs).toBeLessThan(20_000);
  });

  it("writes more in about the time that Azure's buckets force", async () => {
    const world = virtualWorld(routesWorld(50, 10));
    world.emulator.control.throttling(true);
    world.emulator.control.latency("*", 50);

    const { value, tookMs } = await world.drive(world.open().write(replacements(50, 10), turn, never()));

    const forcedMs = ((500 - 200) / 10) * 1_000;
    expect(new Set(codes(value))).toEqual(new Set(["written"]));
    expect(tookMs / forcedMs).toBeLessThan(1.2);
    expect(throttledIn(world.emulator.control.calls())).toBeLessThan(5);
    expect(world.emulator.control.gaps(0)).toEqual([]);
  });

  it("falls back to Azure's refill when somebody else has used the allowance up", async () => {
    const world = virtualWorld(routesWorld(60, 4));
    world.emulator.control.throttling(true);
    const [mine, others] = [world.open(), world.open()];
    await world.drive(others.write(replacements(50, 4), turn, never()));
    const before = world.emulator.control.calls().length;

    const changes = [1, 2].flatMap((at) =>
      Array.from({ length: 10 }, (_, to) => replace(refOf(`rt-${at}`), destination(50 + to))),
    );
    const { value } = await world.drive(mine.write(changes, turn, never()));

    expect(new Set(codes(value))).toEqual(new Set(["written"]));
    expect(throttledIn(world.emulator.control.calls().slice(before))).toBeLessThan(10);
  });

  it("counts deletes apart from writes, as Azure does", async () => {
    const world = virtualWorld(routesWorld(15, 10));
    world.emulator.control.throttling(true);
    const tables = Array.from({ length: 10 }, (_, at) => refOf(`rt-${at + 1}`));
    const changes = tables.flatMap((table) =>
      Array.from({ length: 15 }, (_, to): readonly RouteChange[] => [
        { kind: "remove", table, destination: destination(to), found: HOST_A },
        create(table, destination(100 + to)),
      ]).flat(),
    );

    const { value } = await world.drive(world.open().write(changes, turn, never()));

    expect(new Set(codes(value))).toEqual(new Set(["written"]));
    expect(throttledIn(world.emulator.control.calls())).toBe(0);
  });

  it("keeps to what Microsoft.Network takes in five minutes", async () => {
    const world = virtualWorld(routesWorld(55, 20));
    world.emulator.control.throttling(true);

    const { value, tookMs } = await world.drive(world.open().write(replacements(55, 20), turn, never()));

    expect(new Set(codes(value))).toEqual(new Set(["written"]));
    expect(tookMs).toBeGreaterThan(((55 * 20 - 200) / 10) * 1_000);
    expect(throttledIn(world.emulator.control.calls())).toBeLessThan(10);
  });
});
