import {
  CreateRouteCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  ReplaceRouteCommand,
} from "@aws-sdk/client-ec2";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, it } from "vitest";
import type { EmulatorServer } from "../../../dev/emulators/common/http-server.ts";
import { createEc2Emulator } from "../../../dev/emulators/ec2/emulator.ts";
import { serveEc2 } from "../../../dev/emulators/ec2/server.ts";
import { testClock } from "../../../dev/test-clock.ts";
import { type Bench, bench, clientOf, REGION, refusal, smallWorld } from "./fixture.ts";

const route = { RouteTableId: "rtb-1", DestinationCidrBlock: "10.9.0.0/16", NetworkInterfaceId: "eni-a" };
const tables = (ec2: EC2Client, ...filters: [string, string][]) =>
  ec2
    .send(new DescribeRouteTablesCommand({ Filters: filters.map(([Name, value]) => ({ Name, Values: [value] })) }))
    .then((answer) => answer.RouteTables?.map((table) => table.RouteTableId));
const target = (world: Bench) =>
  world.emulator.control
    .region(REGION)
    .routes("rtb-1")
    .find((found) => found.destination === "10.9.0.0/16")?.target;

describe("what the EC2 emulator shows", () => {
  it("filters by id, VPC and tag, with wildcards and escapes", async () => {
    const { ec2 } = bench();

    expect(await tables(ec2, ["vpc-id", "vpc-1"])).toEqual(["rtb-1", "rtb-2"]);
    expect(await tables(ec2, ["tag:pointsman:routes", "yes"])).toEqual(["rtb-1"]);
    expect(await tables(ec2, ["tag:pointsman:routes", "y?s"])).toEqual(["rtb-1"]);
    expect(await tables(ec2, ["tag:pointsman:routes", "y\\?s"])).toEqual([]);
    expect(await tables(ec2, ["route-table-id", "rtb-*"], ["vpc-id", "vpc-2"])).toEqual(["rtb-9"]);
    expect(await refusal(tables(ec2, ["colour", "red"]))).toMatchObject({ code: "InvalidParameterValue" });
  });

  it("filters interfaces by any private address or by the primary one, and by instance", async () => {
    const { ec2 } = bench();
    const find = async (Name: string, value: string) => {
      const answer = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name, Values: [value] }] }));
      return answer.NetworkInterfaces?.map((found) => found.NetworkInterfaceId);
    };

    expect(await find("addresses.private-ip-address", "10.0.0.6")).toEqual(["eni-b"]);
    expect(await find("private-ip-address", "10.0.0.6")).toEqual([]);
    expect(await find("attachment.instance-id", "i-b")).toEqual(["eni-b"]);
  });

  it("names what is missing when it is asked for by id", async () => {
    const { ec2 } = bench();

    expect(await refusal(ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: ["rtb-404"] })))).toMatchObject({
      code: "InvalidRouteTableID.NotFound",
    });
    expect(
      await refusal(ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ["eni-a", "eni-404"] }))),
    ).toMatchObject({ code: "InvalidNetworkInterfaceID.NotFound" });
    expect(await refusal(ec2.send(new DescribeInstancesCommand({ InstanceIds: ["i-404"] })))).toMatchObject({
      code: "InvalidInstanceID.NotFound",
    });
  });

  it("gives pages, refuses sizes out of range, ids together with a size, and foreign tokens", async () => {
    const { emulator, ec2 } = bench();
    const many = Array.from({ length: 12 }, (_, at) => ({ id: `rtb-m${String(at).padStart(2, "0")}`, vpc: "vpc-1" }));
    emulator.seed({ regions: [{ region: REGION, routeTables: many }] });
    const page = (input: object) => ec2.send(new DescribeRouteTablesCommand(input));

    const sizes: (number | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await page({ MaxResults: 5, NextToken });
      sizes.push(answer.RouteTables?.length);
      NextToken = answer.NextToken;
    } while (NextToken !== undefined);

    expect(sizes).toEqual([5, 5, 5]);
    expect(await refusal(page({ MaxResults: 4 }))).toMatchObject({ code: "InvalidParameterValue" });
    expect(await refusal(page({ MaxResults: 101 }))).toMatchObject({ code: "InvalidParameterValue" });
    expect(await refusal(page({ NextToken: "xyz" }))).toMatchObject({ code: "InvalidNextToken" });
    expect(await refusal(page({ MaxResults: 5, RouteTableIds: ["rtb-1"] }))).toMatchObject({
      code: "InvalidParameterCombination",
    });
  });

  it("keeps accounts and regions apart", async () => {
    const { emulator, ec2 } = bench();
    emulator.seed({
      accessKeys: { AKIAOTHER: "222222222222" },
      regions: [
        { region: "us-east-1", vpcs: [{ id: "vpc-1", cidrs: [] }], routeTables: [{ id: "rtb-us", vpc: "vpc-1" }] },
      ],
    });

    expect(await tables(ec2)).toHaveLength(3);
    expect(await tables(clientOf(emulator, "us-east-1"))).toEqual(["rtb-us"]);
    expect(await tables(clientOf(emulator, REGION, "AKIAOTHER"))).toEqual([]);
  });

  it("gives itself as plain JSON and is made again from it", async () => {
    const first = bench();
    await first.ec2.send(new CreateRouteCommand(route));
    first.emulator.control.region(REGION).detachInterface("eni-b");

    const second = bench(JSON.parse(JSON.stringify(first.emulator.dump())));

    expect(second.emulator.dump()).toEqual(first.emulator.dump());
    const ask = new DescribeRouteTablesCommand({ RouteTableIds: ["rtb-1"] });
    expect((await second.ec2.send(ask)).RouteTables).toEqual((await first.ec2.send(ask)).RouteTables);
  });
});

describe("what can go wrong in the EC2 emulator", () => {
  it("gives out EC2's tokens: a burst of 50 changes, then five a second, each action apart", async () => {
    const world = bench();
    world.emulator.control.throttling(true);
    await world.ec2.send(new CreateRouteCommand(route));
    const burst = async () => {
      const tries = Array.from({ length: 60 }, () => world.ec2.send(new ReplaceRouteCommand(route)));
      return (await Promise.allSettled(tries)).filter(({ status }) => status === "fulfilled").length;
    };

    expect(await burst()).toBe(50);
    expect(await refusal(world.ec2.send(new ReplaceRouteCommand(route)))).toMatchObject({
      code: "RequestLimitExceeded",
      status: 503,
    });
    await world.clock.advance(2_000);
    expect(await burst()).toBe(10);
    await world.clock.advance(3_600_000);
    expect(await burst()).toBe(50);
  });

  it("gives out 100 reads and 20 more each second", async () => {
    const world = bench();
    world.emulator.control.throttling(true);
    const burst = async () => {
      const tries = Array.from({ length: 130 }, () => tables(world.ec2));
      return (await Promise.allSettled(tries)).filter(({ status }) => status === "fulfilled").length;
    };

    expect(await burst()).toBe(100);
    await world.clock.advance(1_000);
    expect(await burst()).toBe(20);
  });

  it("shows a past that is never older than the lag, and a present once it has passed", async () => {
    const world = bench();
    await world.clock.advance(5_000);
    world.emulator.control.readLag(1_000);
    await world.ec2.send(new CreateRouteCommand(route));
    await world.clock.advance(500);
    const see = async () => {
      const answer = await world.ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: ["rtb-1"] }));
      return answer.RouteTables?.[0]?.Routes?.some((found) => found.DestinationCidrBlock === "10.9.0.0/16");
    };

    const soon = await Promise.all(Array.from({ length: 40 }, see));
    await world.clock.advance(501);
    const later = await Promise.all(Array.from({ length: 40 }, see));

    expect(new Set(soon)).toEqual(new Set([true, false]));
    expect(new Set(later)).toEqual(new Set([true]));
  });

  it("fails as often as it was told, for the action and route that it was told", async () => {
    const world = bench();
    const { control } = world.emulator;
    await world.ec2.send(new CreateRouteCommand(route));
    const replace = (to: string) => world.ec2.send(new ReplaceRouteCommand({ ...route, NetworkInterfaceId: to }));

    control.fail({ action: "ReplaceRoute", fault: { kind: "deny" }, destination: "10.8.0.0/16" });
    await replace("eni-b");
    control.fail({ action: "ReplaceRoute", fault: { kind: "deny" }, count: 2 });
    expect(await refusal(replace("eni-a"))).toMatchObject({ code: "UnauthorizedOperation", status: 403 });
    expect(await refusal(replace("eni-a"))).toMatchObject({ code: "UnauthorizedOperation" });
    control.fail({ action: "*", fault: { kind: "throttle" } });
    expect(await refusal(tables(world.ec2))).toMatchObject({ code: "RequestLimitExceeded" });
    control.fail({ action: "ReplaceRoute", fault: { kind: "internal-error" } });
    expect(await refusal(replace("eni-a"))).toMatchObject({ code: "InternalError", status: 500 });
    expect(target(world)).toBe("eni-b");
    control.fail({ action: "ReplaceRoute", fault: { kind: "internal-error", written: true } });
    expect(await refusal(replace("eni-a"))).toMatchObject({ code: "InternalError" });
    expect(target(world)).toBe("eni-a");
  });

  it("lands a stalled call late, also after its caller has given up", async () => {
    const world = bench();
    world.emulator.control.fail({ action: "CreateRoute", fault: { kind: "stall", ms: 60_000 } });
    const abort = new AbortController();

    const call = world.ec2.send(new CreateRouteCommand(route), { abortSignal: abort.signal });
    const outcome = expect(call).rejects.toMatchObject({ name: "AbortError" });
    await world.clock.advance(5_000);
    abort.abort();
    await outcome;

    expect(target(world)).toBeUndefined();
    await world.clock.advance(55_000);
    expect(target(world)).toBe("eni-a");
  });
});

describe("the EC2 emulator over HTTP", () => {
  let server: EmulatorServer | undefined;
  afterEach(async () => server?.close());

  const start = async () => {
    const clock = testClock();
    const emulator = createEc2Emulator({ clock, world: smallWorld });
    server = await serveEc2(emulator);
    const settings = {
      endpoint: server.url,
      region: REGION,
      maxAttempts: 1,
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    };
    return { clock, emulator, settings, url: server.url, ec2: new EC2Client(settings) };
  };

  it("serves the SDK with its own HTTP client, and drops connections with the change written or not", async () => {
    const { emulator, ec2 } = await start();

    emulator.control.fail({ action: "CreateRoute", fault: { kind: "drop", written: false } });
    await expect(ec2.send(new CreateRouteCommand(route))).rejects.toMatchObject({ name: "TimeoutError" });
    emulator.control.fail({ action: "CreateRoute", fault: { kind: "drop", written: true } });
    await expect(ec2.send(new CreateRouteCommand(route))).rejects.toMatchObject({ code: "ECONNRESET" });

    expect(emulator.control.calls().map(({ answer, landedMs }) => [answer, landedMs !== null])).toEqual([
      ["dropped", false],
      ["dropped", true],
    ]);
    expect(await refusal(ec2.send(new CreateRouteCommand(route)))).toMatchObject({ code: "RouteAlreadyExists" });
    ec2.destroy();
  });

  it("refuses what is not signed, not an action, not a parameter or of another version", async () => {
    const { url } = await start();
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIATEST/20240101/${REGION}/ec2/aws4_request, SignedHeaders=host, Signature=0`;
    const ask = async (body: string, headers: Record<string, string>) => {
      const answer = await fetch(url, { method: "POST", headers, body });
      return [answer.status, /<Code>(.*?)<\/Code>/.exec(await answer.text())?.[1]];
    };

    expect(await ask("Action=DescribeRouteTables&Version=2016-11-15", {})).toEqual([401, "AuthFailure"]);
    expect(await ask("Action=Destroy&Version=2016-11-15", { authorization })).toEqual([400, "InvalidAction"]);
    expect(await ask("Action=DescribeRouteTables&Version=2012-01-01", { authorization })).toEqual([
      400,
      "NoSuchVersion",
    ]);
    expect(await ask("Action=DescribeRouteTables&Version=2016-11-15&Colour=red", { authorization })).toEqual([
      400,
      "UnknownParameter",
    ]);
  });

  it("lets a role be assumed with its external id alone, and its session work until it ends", async () => {
    const { clock, emulator, settings } = await start();
    const arn = "arn:aws:iam::222222222222:role/pointsman";
    emulator.seed({ roles: [{ arn, externalId: "right" }], regions: [{ region: REGION, account: "222222222222" }] });
    const sts = new STSClient(settings);
    const assume = (ExternalId: string | undefined) =>
      sts.send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "test", ExternalId, DurationSeconds: 900 }));

    expect(await refusal(assume("wrong"))).toMatchObject({ code: "AccessDenied", status: 403 });
    expect(await refusal(assume(undefined))).toMatchObject({ code: "AccessDenied" });
    const { Credentials } = await assume("right");

    expect(Credentials?.Expiration?.getTime()).toBe(clock.nowMs() + 900_000);
    const assumed = new EC2Client({
      ...settings,
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      },
    });
    expect(await tables(assumed)).toEqual([]);
    await clock.advance(900_000);
    expect(await refusal(tables(assumed))).toMatchObject({ code: "RequestExpired" });
    assumed.destroy();
    sts.destroy();
  });
});
