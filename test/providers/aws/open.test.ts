import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EmulatorServer } from "../../../dev/emulators/common/http-server.ts";
import { createEc2Emulator, type Ec2Emulator } from "../../../dev/emulators/ec2/emulator.ts";
import { serveEc2 } from "../../../dev/emulators/ec2/server.ts";
import type { AwsCloud } from "../../../shared/domain/clouds/aws.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createProviderRegistry } from "../../../shared/providers/registry.ts";
import { tablesIn } from "../contract/world.ts";

const REGION = "eu-central-1";
const OTHER_ACCOUNT = "222222222222";
const roleArn = `arn:aws:iam::${OTHER_ACCOUNT}:role/pointsman`;
const never = () => new AbortController().signal;

const own: AwsCloud = { provider: "aws", region: REGION, vpc: "vpc-1", routeTables: { by: "network" } };
const assumed = (externalId: string): AwsCloud => ({ ...own, assumeRole: { roleArn, externalId } });

describe("clients of AWS", () => {
  let emulator: Ec2Emulator;
  let server: EmulatorServer;
  let sessions: number;

  beforeEach(async () => {
    const region = (table: string) => ({
      region: REGION,
      vpcs: [{ id: "vpc-1", cidrs: ["10.0.0.0/16"] }],
      routeTables: [{ id: table, vpc: "vpc-1", routes: [{ destination: "10.9.0.0/16", target: "eni-a" }] }],
      interfaces: [{ id: "eni-a", vpc: "vpc-1", addresses: ["10.0.0.4"] }],
    });
    emulator = createEc2Emulator({
      clock: systemClock,
      world: {
        roles: [{ arn: roleArn, externalId: "ours" }],
        regions: [region("rtb-own"), { ...region("rtb-other"), account: OTHER_ACCOUNT }],
      },
    });
    sessions = 0;
    server = await serveEc2({
      ...emulator,
      handle(request) {
        if (request.body.startsWith("Action=AssumeRole")) sessions++;
        return emulator.handle(request);
      },
    });
    vi.stubEnv("AWS_ENDPOINT_URL", server.url);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_MAX_ATTEMPTS", "5");
    vi.stubEnv("AWS_RETRY_MODE", "adaptive");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server.close();
  });

  it("go where AWS_ENDPOINT_URL says, with the function's own credentials", async () => {
    const open = createProviderRegistry({ clock: systemClock });

    const tables = await (await open(own, "l1")).survey(never()).then(tablesIn);

    expect(tables).toEqual([{ id: "rtb-own", key: "aws/eu-central-1/rtb-own" }]);
    expect(sessions).toBe(0);
  });

  it("assume a location's role with its external id, once for all locations with the same", async () => {
    const open = createProviderRegistry({ clock: systemClock });

    for (const cloud of [assumed("ours"), assumed("ours")]) {
      const tables = await (await open(cloud, "l1")).survey(never()).then(tablesIn);
      expect(tables.map(({ id }) => id)).toEqual(["rtb-other"]);
    }

    expect(sessions).toBe(1);
  });

  it("say what a role's trust policy lacks when it cannot be assumed", async () => {
    const open = createProviderRegistry({ clock: systemClock });

    const listing = (await open(assumed("not-ours"), "l1")).survey(never()).then(tablesIn);

    await expect(listing).rejects.toMatchObject({
      name: "RouteError",
      code: "DENIED",
      message: expect.stringContaining("sts:AssumeRole"),
      next: expect.stringContaining("external id"),
    });
  });

  it("never repeat a changing call by themselves, whatever the environment says", async () => {
    const open = createProviderRegistry({ clock: systemClock });
    const provider = await open(own, "l1");
    const [table] = await provider.survey(never()).then(tablesIn);
    if (table === undefined) throw new Error("no table");
    const change = { kind: "replace", table, destination: "10.9.0.0/16", target: "eni-a", found: "eni-b" } as const;

    for (const fault of [{ kind: "internal-error" }, { kind: "drop", written: true }] as const) {
      emulator.control.fail({ action: "ReplaceRoute", fault });
      const [outcome] = await provider.write([change], { guard: () => Promise.resolve(), epoch: 1 }, never());
      expect(outcome).toMatchObject({ result: "failed" });
    }

    expect(emulator.control.calls()).toHaveLength(2);
  });

  it("say that an endpoint cannot be reached", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    const open = createProviderRegistry({ clock: systemClock });

    const listing = (await open({ ...own, region: "us-east-1" }, "l1")).survey(never()).then(tablesIn);

    await expect(listing).rejects.toMatchObject({ code: "UNREACHABLE", retry: "soon" });
  });
});
