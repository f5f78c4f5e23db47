import {
  CreateManagedPrefixListCommand,
  CreateRouteCommand,
  DescribeManagedPrefixListsCommand,
  GetManagedPrefixListEntriesCommand,
  ModifyManagedPrefixListCommand,
  type ModifyManagedPrefixListCommandInput,
} from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { type Bench, bench, REGION, refusal } from "./fixture.ts";

const list = { PrefixListName: "office", AddressFamily: "IPv4", MaxEntries: 3 };
const tags = [{ ResourceType: "prefix-list", Tags: [{ Key: "whose", Value: "ours" }] }] as const;

const create = (world: Bench, more: object = {}) =>
  world.ec2.send(new CreateManagedPrefixListCommand({ ...list, ...more }));
const modify = (world: Bench, change: Partial<ModifyManagedPrefixListCommandInput>) =>
  world.ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId: "pl-1", CurrentVersion: 1, ...change }));
const describeAll = async (world: Bench, more: object = {}) =>
  (await world.ec2.send(new DescribeManagedPrefixListsCommand(more))).PrefixLists ?? [];
const entries = async (world: Bench, more: object = {}) => {
  const answer = await world.ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId: "pl-1", ...more }));
  return answer.Entries?.map(({ Cidr }) => Cidr);
};
const add = (...cidrs: string[]) => ({ AddEntries: cidrs.map((Cidr) => ({ Cidr })) });
const remove = (...cidrs: string[]) => ({ RemoveEntries: cidrs.map((Cidr) => ({ Cidr })) });

/** A list `pl-1` with two of three entries. */
function seeded(): Bench {
  const world = bench();
  const prefixLists = [
    { id: "pl-1", name: "office", maxEntries: 3, entries: { "10.8.0.0/16": "", "10.9.0.0/16": "nine" } },
  ];
  world.emulator.seed({ regions: [{ region: REGION, prefixLists }] });
  return world;
}

describe("prefix lists of the EC2 emulator", () => {
  it("come into being after a while, with their tags", async () => {
    const world = bench();
    world.emulator.control.latency("PrefixListChange", 2_000);

    const made = await create(world, { ...add(), Entries: [{ Cidr: "10.9.0.0/16" }], TagSpecifications: tags });

    expect(made.PrefixList).toMatchObject({ State: "create-in-progress", Version: 1, MaxEntries: 3 });
    const id = made.PrefixList?.PrefixListId ?? "";
    expect(await refusal(modify(world, { PrefixListId: id, ...add("10.8.0.0/16") }))).toMatchObject({
      code: "IncorrectState",
    });
    expect(await entries(world, { PrefixListId: id })).toEqual([]);
    await world.clock.advance(2_000);
    expect(await entries(world, { PrefixListId: id })).toEqual(["10.9.0.0/16"]);
    expect(await describeAll(world)).toMatchObject([
      { State: "create-complete", PrefixListName: "office", Tags: [{ Key: "whose", Value: "ours" }] },
    ]);
  });

  it("are made once for one token", async () => {
    const world = bench();

    const first = await create(world, { ClientToken: "t" });

    expect((await create(world, { ClientToken: "t" })).PrefixList?.PrefixListId).toBe(first.PrefixList?.PrefixListId);
    expect(await describeAll(world)).toHaveLength(1);
    expect(await refusal(create(world, { ClientToken: "t", MaxEntries: 4 }))).toMatchObject({
      code: "IdempotentParameterMismatch",
    });
  });

  it("get a new version with new entries, and keep the old one", async () => {
    const world = seeded();

    await modify(world, { ...add("10.7.0.0/16"), ...remove("10.8.0.0/16") });

    expect(await entries(world)).toEqual(["10.7.0.0/16", "10.9.0.0/16"]);
    expect(await entries(world, { TargetVersion: 1 })).toEqual(["10.8.0.0/16", "10.9.0.0/16"]);
    expect(await describeAll(world)).toMatchObject([{ State: "modify-complete", Version: 2 }]);
    expect(await refusal(entries(world, { TargetVersion: 3 }))).toMatchObject({ code: "InvalidParameterValue" });
  });

  const refused: readonly [string, Partial<ModifyManagedPrefixListCommandInput>, string][] = [
    ["another version", { CurrentVersion: 2, ...add("10.7.0.0/16") }, "PrefixListVersionMismatch"],
    ["more entries than it has room for", add("10.6.0.0/16", "10.7.0.0/16"), "PrefixListMaxEntriesExceeded"],
    ["an entry that is there", add("10.8.0.0/16"), "InvalidPrefixListModification"],
    ["the removal of an entry that is not", remove("10.1.0.0/16"), "InvalidPrefixListModification"],
    ["an entry of the other family", add("fd00:9::/64"), "InvalidParameterValue"],
    ["an entry that is no network", add("10.9.0.1/16"), "InvalidParameterValue"],
    ["entries and a size at once", { MaxEntries: 9, ...add("10.7.0.0/16") }, "InvalidParameterCombination"],
    ["a size below its entries", { MaxEntries: 1 }, "InvalidParameterValue"],
    ["a size above the most", { MaxEntries: 1_001 }, "InvalidParameterValue"],
    [
      "more than 100 entries",
      add(...Array.from({ length: 101 }, (_, at) => `10.1.${at}.0/24`)),
      "InvalidParameterValue",
    ],
    ["a list that is not there", { PrefixListId: "pl-404" }, "InvalidPrefixListID.NotFound"],
    ["an id that is none", { PrefixListId: "rtb-1" }, "InvalidPrefixListId.Malformed"],
    ["IPAM", { IpamPrefixListResolverSyncEnabled: true }, "UnsupportedOperation"],
    ["a dry run", { DryRun: true, ...add("10.7.0.0/16") }, "DryRunOperation"],
  ];
  it.each(refused)("refuse %s", async (_, change, code) => {
    const world = seeded();

    expect(await refusal(modify(world, change))).toMatchObject({ code });
    expect(await entries(world)).toEqual(["10.8.0.0/16", "10.9.0.0/16"]);
    expect(await describeAll(world)).toMatchObject([{ Version: 1, MaxEntries: 3 }]);
  });

  it("are found by id and name, in pages, and by no tag", async () => {
    const world = seeded();
    await create(world, { PrefixListName: "second" });

    const byName = [{ Name: "prefix-list-name", Values: ["second"] }];
    expect(await describeAll(world, { Filters: byName })).toMatchObject([{ PrefixListName: "second" }]);
    expect(await describeAll(world, { PrefixListIds: ["pl-1"] })).toMatchObject([{ PrefixListName: "office" }]);
    expect(await describeAll(world, { MaxResults: 1 })).toHaveLength(1);
    const byTag = [{ Name: "tag:whose", Values: ["ours"] }];
    expect(await refusal(describeAll(world, { Filters: byTag }))).toMatchObject({ code: "InvalidParameterValue" });
  });

  it("count in a table as all that they have room for", async () => {
    const world = seeded();
    world.emulator.seed({ regions: [{ region: REGION, routeQuota: 3 }] });
    const route = (RouteTableId: string, more: object) =>
      world.ec2.send(new CreateRouteCommand({ RouteTableId, NetworkInterfaceId: "eni-a", ...more }));

    await route("rtb-1", { DestinationPrefixListId: "pl-1" });
    await route("rtb-2", { DestinationCidrBlock: "10.1.0.0/16" });

    expect(await refusal(route("rtb-1", { DestinationCidrBlock: "10.1.0.0/16" }))).toMatchObject({
      code: "RouteLimitExceeded",
    });
    expect(await refusal(route("rtb-2", { DestinationPrefixListId: "pl-1" }))).toMatchObject({
      code: "RouteLimitExceeded",
    });
    expect(await refusal(route("rtb-2", { DestinationPrefixListId: "pl-404" }))).toMatchObject({
      code: "InvalidPrefixListID.NotFound",
    });
    await modify(world, { CurrentVersion: undefined, MaxEntries: 4 });
    expect(await describeAll(world)).toMatchObject([
      { State: "modify-failed", MaxEntries: 3, StateMessage: expect.stringContaining("rtb-1") },
    ]);
  });

  it("make routes, which give way to a route of their own for the same destination", async () => {
    const world = seeded();
    const { control } = world.emulator;
    const region = control.region(REGION);
    region.putRoute("rtb-1", { destination: "10.9.0.0/16", target: "eni-a" });

    region.putRoute("rtb-1", { destination: "pl-1", target: "eni-b" });
    region.removeRoute("rtb-1", "10.9.0.0/16");
    region.editList("pl-1", { remove: ["10.8.0.0/16"] });

    const here = control.moments().filter(({ target }) => target !== "local");
    expect(here.map(({ destination, target }) => `${destination} ${target}`)).toEqual([
      "10.9.0.0/16 eni-a",
      "10.8.0.0/16 eni-b",
      "pl-1 eni-b",
      "10.9.0.0/16 eni-b",
      "10.8.0.0/16 null",
    ]);
    expect(control.gaps(0)).toEqual(["rtb-1 10.8.0.0/16"]);
  });

  it("are dumped and restored, with what is on its way", async () => {
    const world = seeded();
    world.emulator.control.latency("PrefixListChange", 2_000);
    await modify(world, add("10.7.0.0/16"));

    const other = bench();
    other.emulator.restore(JSON.parse(JSON.stringify(world.emulator.dump())));

    expect(await entries(other)).toEqual(["10.7.0.0/16", "10.8.0.0/16", "10.9.0.0/16"]);
    expect(await refusal(create(other, { MaxEntries: 0 }))).toMatchObject({ code: "InvalidParameterValue" });
  });

  it("are limited in number", async () => {
    const world = bench();
    world.emulator.seed({ regions: [{ region: REGION, prefixListQuota: 1 }] });
    await create(world);

    expect(await refusal(create(world))).toMatchObject({ code: "PrefixListLimitExceeded" });
  });
});
