import { describe, expect, it } from "vitest";
import { RouteError } from "../../../../shared/domain/errors.ts";
import { REGION } from "../emulated-world.ts";
import {
  errorIn,
  keepIn,
  LOCATION,
  listKey,
  listRoute,
  listWorld,
  moveTo,
  networks,
  noRoute,
  putIn,
  results,
  routeTo,
  tableKey,
  takeOut,
} from "./list-world.ts";

const office = "10.9.0.0/16";
const v6 = "fd00:9::/64";

describe("a location's prefix lists", () => {
  it("are no lists before the first write, and tables of their entries and of the routes for them", async () => {
    const world = await listWorld();

    const { tables, routes } = await world.survey();

    expect(tables).toEqual([
      { key: listKey(4), id: "pointsman-here-ipv4", holds: { kind: "list", target: "entry", family: 4 } },
      { key: listKey(6), id: "pointsman-here-ipv6", holds: { kind: "list", target: "entry", family: 6 } },
      ...["rtb-1", "rtb-2"].map((id) => ({
        key: tableKey(id),
        id,
        holds: { kind: "lists", destinations: { 4: "prefix-list/ipv4", 6: "prefix-list/ipv6" } },
      })),
    ]);
    expect(routes).toEqual([]);
    expect(world.called()).toEqual([]);
  });

  it("are made with the first entry, with their tag and the room that the settings say, one family at a time", async () => {
    const world = await listWorld();

    expect(results(await world.write([putIn(office), routeTo("rtb-1", "eni-a")]))).toEqual(["written", "written"]);

    expect(world.called()).toEqual(["CreateManagedPrefixList", "ModifyManagedPrefixList", "CreateRoute"]);
    expect(world.list()).toMatchObject({
      name: "pointsman-here-ipv4",
      tags: { "pointsman:location": LOCATION },
      maxEntries: 250,
      version: 2,
    });
    expect(world.list(6)).toBeUndefined();
    const { tables, routes } = await world.survey();
    expect(tables[0]?.id).toBe(world.list()?.id);
    expect(
      routes.map(({ table, destination, target, state, isStatic }) => [
        table.key,
        destination,
        target,
        state,
        isStatic,
      ]),
    ).toEqual([
      [listKey(), office, "entry", "active", true],
      [tableKey("rtb-1"), listRoute(), "eni-a", "active", true],
    ]);
  });

  it("hold IPv6 networks in a list of their own", async () => {
    const world = await listWorld();

    await world.write([putIn(v6), putIn(office), routeTo("rtb-1", "eni-a"), routeTo("rtb-1", "eni-a", 6)]);

    expect([world.entries(4), world.entries(6)]).toEqual([[office], [v6]]);
    const { routes } = await world.survey();
    expect(routes.map(({ destination }) => destination)).toEqual([office, v6, listRoute(4), listRoute(6)]);
    expect(results(await world.write([noRoute("rtb-1", "eni-a", 6), takeOut(v6)]))).toEqual(["written", "written"]);
    expect(world.entries(6)).toEqual([]);
  });

  it("get their entries before the route for them, and lose them after it", async () => {
    const world = await listWorld();
    world.emulator.control.latency("PrefixListChange", 3_000);

    await world.write([routeTo("rtb-1", "eni-a"), putIn(office)]);
    await world.write([takeOut(office), noRoute("rtb-1", "eni-a")]);

    const moments = world.emulator.control.moments().filter(({ destination }) => destination === office);
    expect(moments.map(({ target }) => target)).toEqual(["eni-a", null]);
    expect(world.called()).toEqual([
      "CreateManagedPrefixList",
      "ModifyManagedPrefixList",
      "CreateRoute",
      "DeleteRoute",
      "ModifyManagedPrefixList",
    ]);
  });

  it("take a hundred entries with one call, each in the version after the last, whatever time that takes", async () => {
    const world = await listWorld();
    world.emulator.control.latency("PrefixListChange", 1_000);
    let asked = 0;

    const outcomes = await world.write(networks(250).map(putIn), { guard: async () => void asked++ });

    expect(new Set(results(outcomes))).toEqual(new Set(["written"]));
    expect(world.called()).toEqual(["CreateManagedPrefixList", ...Array(3).fill("ModifyManagedPrefixList")]);
    expect(asked).toBe(4);
    expect(world.list()).toMatchObject({ version: 4, state: "modify-complete" });
    expect(world.entries()).toEqual([...networks(250)].sort());
  });

  it("are read through all pages", async () => {
    const world = await listWorld();
    await world.write(networks(250).map(putIn));

    const { routes } = await world.survey();

    expect(routes.map(({ destination }) => destination).sort()).toEqual([...networks(250)].sort());
  });

  it("are read once in each version, by all runs of a process", async () => {
    const world = await listWorld();
    await world.write([putIn(office)]);
    await world.survey();
    world.emulator.control.fail({ action: "GetManagedPrefixListEntries", fault: { kind: "deny" }, count: 99 });

    const { routes } = await world.survey(world.provider());

    expect(routes.map(({ destination }) => destination)).toEqual([office]);
    world.emulator.control.region(REGION).editList(world.list()?.id ?? "", { remove: [office] });
    await expect(world.survey()).rejects.toMatchObject({ code: "DENIED" });
  });

  it("take a swap with one call a table, however many networks", async () => {
    const world = await listWorld();
    await world.write([...networks(200).map(putIn), routeTo("rtb-1", "eni-a"), routeTo("rtb-2", "eni-a")]);
    const before = world.called().length;

    await world.write([moveTo("rtb-1", "eni-b", "eni-a"), moveTo("rtb-2", "eni-b", "eni-a")]);

    expect(world.called().slice(before)).toEqual(["ReplaceRoute", "ReplaceRoute"]);
    expect(world.emulator.control.gaps(0)).toEqual([]);
  });

  it("do not keep a swap waiting for entries that are put in with it", async () => {
    const world = await listWorld();
    await world.write([putIn(office), routeTo("rtb-1", "eni-a")]);
    world.emulator.control.latency("PrefixListChange", 5_000);
    const startMs = world.clock.nowMs();

    const outcomes = await world.write([putIn("10.8.0.0/16"), moveTo("rtb-1", "eni-b", "eni-a")]);

    const landed = outcomes.map((outcome) => (outcome.result === "written" ? outcome.landedMs - startMs : -1));
    expect(landed[1]).toBeLessThan(100);
    expect(landed[0]).toBeGreaterThanOrEqual(5_000);
  });

  it("may be told twice", async () => {
    const world = await listWorld();
    const changes = [putIn(office), putIn("10.8.0.0/16")];
    await world.write(changes);
    const before = world.called().length;

    expect(results(await world.write(changes))).toEqual(["written", "written"]);
    expect(results(await world.write([keepIn(office)]))).toEqual(["written"]);
    expect(world.called()).toHaveLength(before);
  });

  it("say of an entry to keep or take out that it is not there, and of a route", async () => {
    const world = await listWorld();

    const outcomes = await world.write([takeOut(office), keepIn("10.8.0.0/16"), moveTo("rtb-1", "eni-b", "eni-a")]);

    expect(results(outcomes)).toEqual(["ROUTE_MISSING", "ROUTE_MISSING", "ROUTE_MISSING"]);
    expect(world.called()).toEqual([]);
  });

  it("are found by their tag whatever somebody calls them, and no other list is", async () => {
    const world = await listWorld();
    const tags = { "pointsman:location": LOCATION };
    const lists = [
      { id: "pl-renamed", name: "routes to the office", maxEntries: 9, tags, entries: { [office]: "" } },
      { id: "pl-other", name: "pointsman-here-ipv4", maxEntries: 9, tags: { "pointsman:location": "there" } },
      { id: "pl-none", name: "pointsman-here-ipv4", maxEntries: 9 },
    ];
    world.emulator.seed({ regions: [{ region: REGION, prefixLists: lists }] });
    world.emulator.control.region(REGION).putRoute("rtb-1", { destination: "pl-other", target: "eni-a" });

    const { tables, routes } = await world.survey();

    expect(tables[0]?.id).toBe("pl-renamed");
    expect(routes.map(({ destination }) => destination)).toEqual([office]);
  });

  it("are one of several with their tag: the one that bears their name and was changed most often", async () => {
    const world = await listWorld();
    const tags = { "pointsman:location": LOCATION };
    const name = "pointsman-here-ipv4";
    const lists = [
      { id: "pl-1", name, maxEntries: 9, tags },
      { id: "pl-2", name, maxEntries: 9, tags, version: 7, entries: { [office]: "" } },
      { id: "pl-0", name: "copy", maxEntries: 9, tags, version: 9 },
    ];
    world.emulator.seed({ regions: [{ region: REGION, prefixLists: lists }] });

    expect((await world.survey()).tables[0]?.id).toBe("pl-2");
  });

  it("begin no call that the guard has not let through", async () => {
    const world = await listWorld();
    const superseded = new RouteError("SUPERSEDED", "a newer decision", { retry: "soon", next: "nothing" });
    let asked = 0;
    const guard = async () => {
      if (++asked > 1) throw superseded;
    };

    const outcomes = await world.write([...networks(3).map(putIn), routeTo("rtb-1", "eni-a")], { guard });

    expect(results(outcomes)).toEqual(Array(4).fill("SUPERSEDED"));
    expect(world.called()).toEqual(["CreateManagedPrefixList"]);
  });

  it("begin nothing after the run is over", async () => {
    const world = await listWorld();

    const outcomes = await world.write([putIn(office), routeTo("rtb-1", "eni-a")], { signal: AbortSignal.abort() });

    expect(outcomes.map((_, at) => [errorIn(outcomes, at).code, errorIn(outcomes, at).retry])).toEqual(
      Array(2).fill(["TIMED_OUT", "soon"]),
    );
    expect(world.called()).toEqual([]);
  });
});
