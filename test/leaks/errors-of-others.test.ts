import { EC2ServiceException } from "@aws-sdk/client-ec2";
import middy from "@middy/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ssmSecrets } from "../../cli/secret-store/ssm.ts";
import { createHeartbeat } from "../../functions/heartbeat/heartbeat.ts";
import { DatabaseError } from "../../shared/domain/errors.ts";
import { logErrors } from "../../shared/platform/aws-middleware.ts";
import { jsonLog } from "../../shared/platform/json-log.ts";
import { translate } from "../../shared/providers/aws/errors.ts";
import { translateDynamoError } from "../../shared/store/dynamo-errors.ts";
import { signedHeaders } from "../fixtures/signed-host.ts";
import { createWorld, settledWorld, type World } from "../routes/world.ts";

/** What clouds and their SDKs were seen to put into messages, and what nobody should. */
const token = "IQoJb3JpZ2luX2VjEJv//////////wEaCXVzLWVhc3QtMSJHMEUCIQDfakefakefakefake0123456789";
const hostSecret = "k3Jq9ZxW1vBt7YcRs5Fn2Lp8MdHg4TaEo6UiKwQyXzC";
const secrets = [
  token,
  "ASIAY34FZKBOKMUTVV7A",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "fe5f80f77d5fa3be",
  hostSecret,
];
const message = [
  "The request signature does not match. Key ASIAY34FZKBOKMUTVV7A, wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.",
  `The Canonical String should have been 'POST\n/\n\nhost:ec2\nx-amz-security-token:${token}\n'`,
  "https://ec2.eu-west-1.amazonaws.com/?X-Amz-Signature=fe5f80f77d5fa3be",
  `pritunl://h1:${hostSecret}@hb.example.net`,
].join(" ");

const expectNone = (text: string) => {
  for (const secret of secrets) expect(text).not.toContain(secret);
};
const raw = () => Object.assign(new Error(message), { name: "SignatureDoesNotMatch" });

const told = async (world: World): Promise<string> =>
  [await world.events(), await world.report(), world.log.lines, world.database.dump(), world.swaps, world.ticks]
    .map((part) => JSON.stringify(part))
    .join("\n");

describe("an error of a cloud whose message holds secrets", () => {
  it("that no table translates reaches events, report, log and queues without them, and with the rest", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    const swap = world.processOf({
      name: "broken",
      ports: (name, call) => (name.startsWith("cloud.") ? Promise.reject(raw()) : call()),
    });

    await world.drive(swap({ linkId: "backbone", locationId: "here", cause: "decision", round: 0 }));

    expectNone(await told(world));
    expect((await world.events("swap-failed"))[0]).toContain("The request signature does not match");
    expect((await world.report())?.errors[0]?.message).toContain("[hidden]");
  });

  it("that means something is told without them, whatever it means", () => {
    const call = { action: "ec2:ReplaceRoute", region: "eu-west-1", about: "10.9.0.0/16 in rtb-1", resource: "rtb-1" };
    for (const name of ["SignatureDoesNotMatch", "RequestLimitExceeded", "InvalidParameterValue", "Unheard"]) {
      const error = translate(
        new EC2ServiceException({ name, message, $fault: "client", $metadata: { httpStatusCode: 400 } }),
        call,
      );
      expectNone(`${error.message} ${error.next}`);
      expect(error.message).toMatch(/^aws: ec2:ReplaceRoute for 10\.9\.0\.0\/16 in rtb-1 \(eu-west-1\): The request/);
    }
  });

  it("is shown by the command line without them", async () => {
    const client = { send: async () => Promise.reject(raw()) };

    const error = await ssmSecrets(client, "prod")
      .replaceToken("x")
      .catch((caught: unknown) => caught);

    expectNone(String(error));
    expect(String(error)).toContain("SSM parameter /pointsman/prod/admin-token-hash cannot be written");
  });
});

describe("an error of the database whose message holds secrets", () => {
  afterEach(() => vi.restoreAllMocks());

  /** What the deployed functions write to their log. */
  const written = (): readonly string[] => {
    const lines: string[] = [];
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
    return lines;
  };
  const databaseError = (): unknown => {
    try {
      return translateDynamoError(raw());
    } catch (error) {
      return error;
    }
  };

  it("is in the log of a heartbeat and in its answer without them", async () => {
    const lines = written();
    const world = createWorld();
    const fails = async () => Promise.reject(databaseError());
    const heartbeat = createHeartbeat({
      clock: world.clock,
      random: { bytes: (count) => new Uint8Array(count) },
      log: jsonLog,
      store: { ...world.store, readNetwork: fails },
      secrets: { masterKey: async () => new Uint8Array(32), adminTokenHash: async () => "" },
      swapQueue: fails,
      tickQueue: fails,
    });
    const signed = signedHeaders({ hostId: "h1", secret: "s", timestamp: 1_700_000_000, nonce: "n".repeat(32) });

    const answer = await heartbeat({ method: "PUT", path: "/link/state", headers: new Headers(signed), body: "{}" });

    expect(answer.status).toBe(503);
    expect(lines).toHaveLength(1);
    expectNone(lines.join() + answer.body + JSON.stringify(answer.headers));
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "ERROR", message: "heartbeat failed" });
  });

  it("leaves a function without them, since the platform logs what a function throws", async () => {
    const lines = written();
    const handler = middy(async () => Promise.reject(databaseError())).use(logErrors(jsonLog));

    const error = await Promise.resolve(handler({}, {} as never)).catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(DatabaseError);
    expectNone(`${String(error)} ${(error as Error).stack}`);
    expectNone(lines.join());
    expect(lines.join()).toContain("The request signature does not match");
  });
});
