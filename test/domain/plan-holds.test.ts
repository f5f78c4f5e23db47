import { describe, expect, it } from "vitest";
import { isWrite, type Step } from "../../shared/domain/plan-steps.ts";
import type { TableRef } from "../../shared/domain/routes.ts";
import {
  type Aim,
  carriedOut,
  changesAnything,
  entry,
  plan,
  route,
  table,
  type World,
  world,
  writer,
} from "./plan-fixture.ts";

const list: TableRef = { ...table("list"), holds: { kind: "fixed", target: "entry" } };
const one: TableRef = { ...table("rtb-1"), holds: { kind: "one", destination: "prefix-list/ipv4" } };
const places = ["10.2.0.0/16", "10.3.0.0/16"];

const aim = (active: string | null, more: Partial<Aim> = {}): Aim => ({
  desired: places,
  tables: [list, one],
  active,
  own: new Set(["eni-a", "eni-b"]),
  removeRoutes: false,
  ...more,
});

const shown = (steps: readonly Step[]): readonly string[] =>
  steps.map(
    (step) => `${step.kind} ${step.destination} in ${step.table.id}${"target" in step ? ` at ${step.target}` : ""}`,
  );

const settled = (): World => {
  const empty = world([], []);
  const created = carriedOut(empty, plan(empty, aim("eni-a")));
  return carriedOut(created, plan(created, aim("eni-a")));
};

describe("tables that hold something else than networks at the active host", () => {
  it("get the networks at the fixed target, and the one destination at the active host", () => {
    expect(shown(plan(world([], []), aim("eni-a")))).toEqual([
      "create 10.2.0.0/16 in list at entry",
      "create 10.3.0.0/16 in list at entry",
      "create prefix-list/ipv4 in rtb-1 at eni-a",
    ]);
  });

  it("need one write for a new active host, and none for the networks", () => {
    expect(shown(plan(settled(), aim("eni-b")).filter(isWrite))).toEqual([
      "replace prefix-list/ipv4 in rtb-1 at eni-b",
    ]);
  });

  it("need one write for a new network, and none for the route", () => {
    const steps = plan(settled(), aim("eni-a", { desired: [...places, "10.4.0.0/16"] }));

    expect(shown(steps.filter(isWrite))).toEqual(["create 10.4.0.0/16 in list at entry"]);
  });

  it("keep the networks when nobody is available, where removal is on: the route alone goes", () => {
    const steps = plan(settled(), aim(null, { removeRoutes: true }));

    expect(shown(steps.filter(isWrite))).toEqual(["remove prefix-list/ipv4 in rtb-1"]);
  });

  it("hold no route for networks that are none", () => {
    expect(plan(world([], []), aim("eni-a", { desired: [] }))).toEqual([]);
  });

  it("leave what is somebody's alone", () => {
    const state = world([route("list", "10.2.0.0/16", "entry"), route("rtb-1", "prefix-list/ipv4", "tgw-1")], []);

    expect(
      plan(state, aim("eni-a"))
        .filter(isWrite)
        .map(({ destination }) => destination),
    ).toEqual(["10.3.0.0/16"]);
  });
});

describe("lists of one address family each, and tables with a route for each list", () => {
  const lists: Record<4 | 6, TableRef> = {
    4: { ...table("list-4"), holds: { kind: "list", target: "entry", family: 4 } },
    6: { ...table("list-6"), holds: { kind: "list", target: "entry", family: 6 } },
  };
  const routes: TableRef = {
    ...table("rtb-1"),
    holds: { kind: "lists", destinations: { 4: "to-list-4", 6: "to-list-6" } },
  };
  const tables = [lists[4], lists[6], routes];
  const [v4, v6] = ["10.2.0.0/16", "fd00:2::/64"];
  const mixed = aim("eni-a", { tables, desired: [v4, v6] });
  const created = (what: Aim): World => {
    const empty = carriedOut(world([], []), plan(world([], []), what));
    return carriedOut(empty, plan(empty, what));
  };

  it("hold the networks of their family, and one route for each family that has any", () => {
    expect(shown(plan(world([], []), mixed))).toEqual([
      "create 10.2.0.0/16 in list-4 at entry",
      "create fd00:2::/64 in list-6 at entry",
      "create to-list-4 in rtb-1 at eni-a",
      "create to-list-6 in rtb-1 at eni-a",
    ]);
  });

  it("hold nothing for a family without networks", () => {
    expect(shown(plan(world([], []), { ...mixed, desired: [v6] }))).toEqual([
      "create fd00:2::/64 in list-6 at entry",
      "create to-list-6 in rtb-1 at eni-a",
    ]);
    expect(plan(world([], []), { ...mixed, desired: [] })).toEqual([]);
  });

  it("need a write for each family and table when another host is active, and none once they have it", () => {
    const state = created(mixed);

    expect(shown(plan(state, { ...mixed, active: "eni-b" }).filter(isWrite))).toEqual([
      "replace to-list-4 in rtb-1 at eni-b",
      "replace to-list-6 in rtb-1 at eni-b",
    ]);
    expect(plan(state, mixed).some(changesAnything)).toBe(false);
  });

  it("lose the list's route with the last network of its family", () => {
    const steps = plan(created(mixed), { ...mixed, desired: [v4], removeRoutes: true });

    expect(shown(steps.filter(isWrite))).toEqual(["remove fd00:2::/64 in list-6", "remove to-list-6 in rtb-1"]);
  });

  it("are the location's own: a wanted network that somebody put there is ours, and one that is not wanted is nobody's business", () => {
    const planted = world([route("list-4", v4, "entry"), route("list-4", "10.9.0.0/16", "entry")], []);

    const steps = plan(planted, { ...mixed, tables: [lists[4]], desired: [v4] });

    expect(steps).toMatchObject([{ kind: "settle", to: "owned", reason: "adopted", destination: v4 }]);
    const taken = carriedOut(planted, steps);
    expect(shown(plan(taken, { ...mixed, tables: [lists[4]], desired: [], removeRoutes: true }))).toEqual([
      "remove 10.2.0.0/16 in list-4",
    ]);
  });

  it("leave a route for the list alone that somebody made", () => {
    const planted = world([route("rtb-1", "to-list-4", "nat-1")], []);

    expect(plan(planted, { ...mixed, tables: [routes], desired: [v4] })).toMatchObject([
      { kind: "foreign", reason: "never-ours", destination: "to-list-4" },
    ]);
  });
});

describe("a route beside which older ones of ours stand", () => {
  const plain = aim("eni-a", { tables: [table("rtb-1")], desired: ["10.2.0.0/16"] });
  const owned = entry("rtb-1", "10.2.0.0/16", { epoch: writer.epoch });

  it("is replaced though it points where it should, which clears the others away", () => {
    const messy = world([{ ...route("rtb-1", "10.2.0.0/16", "eni-a"), residue: true }], [owned]);

    expect(plan(messy, plain)).toMatchObject([{ kind: "replace", target: "eni-a", reason: "stale" }]);
  });

  it("is in place once they are gone", () => {
    const clean = world([route("rtb-1", "10.2.0.0/16", "eni-a")], [owned]);

    expect(plan(clean, plain).some(changesAnything)).toBe(false);
  });

  it("is left alone where it is not ours", () => {
    const messy = world([{ ...route("rtb-1", "10.2.0.0/16", "eni-a"), residue: true }], []);

    expect(plan(messy, plain).filter(isWrite)).toEqual([]);
  });
});
