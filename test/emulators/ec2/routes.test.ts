import {
  CreateRouteCommand,
  type CreateRouteCommandInput,
  DeleteRouteCommand,
  type DeleteRouteCommandInput,
  ReplaceRouteCommand,
  type ReplaceRouteCommandInput,
} from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { type Bench, bench, REGION, refusal } from "./fixture.ts";

const route = { RouteTableId: "rtb-1", DestinationCidrBlock: "10.9.0.0/16", NetworkInterfaceId: "eni-a" };

const create = (world: Bench, change: CreateRouteCommandInput = {} as CreateRouteCommandInput) =>
  world.ec2.send(new CreateRouteCommand({ ...route, ...change }));
const replace = (world: Bench, change: Partial<ReplaceRouteCommandInput> = {}) =>
  world.ec2.send(new ReplaceRouteCommand({ ...route, ...change }));
const remove = (world: Bench, change: Partial<DeleteRouteCommandInput> = {}) =>
  world.ec2.send(new DeleteRouteCommand({ RouteTableId: "rtb-1", DestinationCidrBlock: "10.9.0.0/16", ...change }));

const standing = (world: Bench, table = "rtb-1") =>
  world.emulator.control
    .region(REGION)
    .routes(table)
    .filter((found) => found.target !== "local")
    .map((found) => `${found.destination} ${found.target}`);

describe("routes of the EC2 emulator", () => {
  it("creates, replaces in place and deletes", async () => {
    const world = bench();

    expect(await create(world)).toMatchObject({ Return: true });
    await replace(world, { NetworkInterfaceId: "eni-b" });
    expect(standing(world)).toEqual(["10.9.0.0/16 eni-b"]);
    await remove(world);
    expect(standing(world)).toEqual([]);
  });

  it("masks host bits on CreateRoute, and does not on ReplaceRoute and DeleteRoute", async () => {
    const world = bench();

    await create(world, { RouteTableId: "rtb-1", DestinationCidrBlock: "10.9.1.2/16" });

    expect(standing(world)).toEqual(["10.9.0.0/16 eni-a"]);
    expect(await refusal(replace(world, { DestinationCidrBlock: "10.9.1.2/16" }))).toMatchObject({
      code: "InvalidParameterValue",
    });
    expect(await refusal(remove(world, { DestinationCidrBlock: "10.9.1.2/16" }))).toMatchObject({
      code: "InvalidRoute.NotFound",
    });
  });

  it("tells a missing route apart by the action, as EC2 does", async () => {
    const world = bench();

    expect(await refusal(replace(world))).toEqual({
      code: "InvalidParameterValue",
      message: "There is no route defined for '10.9.0.0/16' in the route table. Use CreateRoute instead.",
      status: 400,
    });
    expect(await refusal(remove(world))).toEqual({
      code: "InvalidRoute.NotFound",
      message: "no route with destination-cidr-block 10.9.0.0/16 in route table rtb-1",
      status: 400,
    });
  });

  it("keeps a destination that is taken", async () => {
    const world = bench();
    await create(world);

    const again = await refusal(create(world, { RouteTableId: "rtb-1", NetworkInterfaceId: "eni-b" }));

    expect(again).toMatchObject({ code: "RouteAlreadyExists", status: 400 });
    expect(standing(world)).toEqual(["10.9.0.0/16 eni-a"]);
  });

  const bad: readonly [string, Partial<ReplaceRouteCommandInput>, string][] = [
    ["a table that is not there", { RouteTableId: "rtb-404" }, "InvalidRouteTableID.NotFound"],
    ["a table id that is none", { RouteTableId: "vpc-1" }, "InvalidRouteTableId.Malformed"],
    ["no table", { RouteTableId: undefined as unknown as string }, "MissingParameter"],
    ["an interface that is not there", { NetworkInterfaceId: "eni-404" }, "InvalidNetworkInterfaceID.NotFound"],
    ["an interface of another VPC", { NetworkInterfaceId: "eni-9" }, "InvalidParameterValue"],
    ["no target", { NetworkInterfaceId: undefined }, "MissingParameter"],
    ["two targets", { GatewayId: "igw-1" }, "InvalidParameterCombination"],
    ["no destination", { DestinationCidrBlock: undefined }, "MissingParameter"],
    ["two destinations", { DestinationIpv6CidrBlock: "fd00:9::/64" }, "InvalidParameterCombination"],
    ["an IPv6 destination in the IPv4 field", { DestinationCidrBlock: "fd00:9::/64" }, "InvalidParameterValue"],
    ["an address without a length", { DestinationCidrBlock: "10.9.0.0" }, "InvalidParameterValue"],
  ];
  it.each(bad)("refuses %s for all that changes a route", async (_, change, code) => {
    const world = bench();

    expect(await refusal(create(world, change as CreateRouteCommandInput))).toMatchObject({ code });
    expect(await refusal(replace(world, change))).toMatchObject({ code });
    expect(standing(world)).toEqual([]);
  });

  it("takes IPv6 only in its own field", async () => {
    const world = bench();
    const v6 = { RouteTableId: "rtb-1", NetworkInterfaceId: "eni-a", DestinationCidrBlock: undefined };

    await create(world, { ...v6, DestinationIpv6CidrBlock: "fd00:9::/64" });

    expect(standing(world)).toEqual(["fd00:9::/64 eni-a"]);
    expect(await refusal(create(world, { ...v6, DestinationIpv6CidrBlock: "10.9.0.0/16" }))).toMatchObject({
      code: "InvalidParameterValue",
    });
  });

  it("leaves local routes as they are", async () => {
    const world = bench();
    const local = { RouteTableId: "rtb-1", DestinationCidrBlock: "10.0.0.0/16" };

    expect(await refusal(create(world, local))).toMatchObject({ code: "RouteAlreadyExists" });
    expect(await refusal(replace(world, local))).toMatchObject({ code: "InvalidParameterValue" });
    expect(await refusal(remove(world, local))).toMatchObject({ code: "InvalidParameterValue" });
  });

  it("counts its quota for each address family apart", async () => {
    const world = bench();
    world.emulator.seed({ regions: [{ region: REGION, routeQuota: 2 }] });
    const v6 = { RouteTableId: "rtb-1", DestinationCidrBlock: undefined };

    await create(world, { RouteTableId: "rtb-1", DestinationCidrBlock: "10.7.0.0/16" });
    await create(world, { RouteTableId: "rtb-1", DestinationCidrBlock: "10.8.0.0/16" });
    await create(world, { ...v6, DestinationIpv6CidrBlock: "fd00:9::/64" });

    expect(await refusal(create(world))).toMatchObject({ code: "RouteLimitExceeded" });
    await create(world, { ...v6, DestinationIpv6CidrBlock: "fd00:a::/64" });
    await create(world, { RouteTableId: "rtb-2" });
  });

  it("answers a dry run without changing anything, and still refuses what is wrong", async () => {
    const world = bench();
    world.emulator.control.region(REGION).putRoute("rtb-1", { destination: "10.8.0.0/16", target: "eni-a" });

    expect(await refusal(create(world, { RouteTableId: "rtb-1", DryRun: true }))).toMatchObject({
      code: "DryRunOperation",
      status: 412,
    });
    expect(await refusal(remove(world, { DestinationCidrBlock: "10.8.0.0/16", DryRun: true }))).toMatchObject({
      code: "DryRunOperation",
    });
    expect(await refusal(replace(world, { DryRun: true }))).toMatchObject({ code: "InvalidParameterValue" });
    expect(standing(world)).toEqual(["10.8.0.0/16 eni-a"]);
  });

  it("shows an instance's route as one to its interface, and refuses an instance with two", async () => {
    const world = bench();
    const byInstance = { RouteTableId: "rtb-1", NetworkInterfaceId: undefined, InstanceId: "i-a" };
    await create(world, byInstance);
    expect(standing(world)).toEqual(["10.9.0.0/16 eni-a"]);

    const second = { id: "eni-c", vpc: "vpc-1", addresses: ["10.0.0.7"] };
    world.emulator.seed({
      regions: [{ region: REGION, interfaces: [{ ...second, attachment: { instanceId: "i-a", deviceIndex: 1 } }] }],
    });

    expect(await refusal(replace(world, byInstance))).toMatchObject({ code: "InvalidInstanceID" });
  });

  it("writes down every changing call and every moment of a route", async () => {
    const world = bench();
    world.emulator.control.latency("*", 100);

    const created = create(world);
    await world.clock.advance(100);
    await created;
    world.emulator.control.region(REGION).detachInterface("eni-a");
    const startMs = world.clock.nowMs() - 100;

    expect(world.emulator.control.calls()).toEqual([
      expect.objectContaining({
        action: "CreateRoute",
        table: "rtb-1",
        destination: "10.9.0.0/16",
        target: "eni-a",
        arrivedMs: startMs,
        landedMs: startMs + 50,
        answeredMs: startMs + 100,
        answer: "written",
      }),
    ]);
    const moments = world.emulator.control.moments().filter(({ destination }) => destination === "10.9.0.0/16");
    expect(moments.map(({ atMs, target, state }) => [atMs - startMs, target, state])).toEqual([
      [50, "eni-a", "active"],
      [100, "eni-a", "blackhole"],
    ]);
    expect(world.emulator.control.gaps(0)).toEqual(["rtb-1 10.9.0.0/16"]);
  });
});
