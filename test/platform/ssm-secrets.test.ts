import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "vitest";
import { testClock } from "../../dev/test-clock.ts";
import { ssmParameterReader } from "../../shared/platform/ssm-parameter.ts";
import { parameterSecrets } from "../../shared/platform/ssm-secrets.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { answeringServer, expectedSignature, readAuthorization } from "./signed-request.ts";

const names = { masterKey: "/p/master-key", adminTokenHash: "/p/admin-token-hash" };
const keyText = Buffer.alloc(32, 7).toString("base64");
const hashText = "ab".repeat(32);
const impatient: Clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => {} };

type Server = Awaited<ReturnType<typeof answeringServer>>;
let server: Server | undefined;
let client: DynamoDBClient | undefined;
afterEach(async () => {
  client?.destroy();
  await server?.stop();
});

async function readerOn(answers: Parameters<typeof answeringServer>[0]) {
  server = await answeringServer(answers);
  client = new DynamoDBClient({ region: "eu-west-1", credentials: { accessKeyId: "AK", secretAccessKey: "SK" } });
  const options = { region: "eu-west-1", endpoint: server.endpoint, clock: impatient };
  return { read: ssmParameterReader(client.config, options), received: server.received };
}

const found = (value: string) => ({ status: 200, body: { Parameter: { Name: "n", Value: value } } });
const refused = (status: number, type: string) => ({ status, body: { __type: type, message: "no" } });

describe("reading a parameter", () => {
  it("asks Systems Manager for the decrypted value, signed as AWS checks it", async () => {
    const { read, received } = await readerOn([found("s3cret")]);

    expect(await read("/p/a")).toBe("s3cret");

    const [request] = received;
    if (request === undefined) throw new Error("no request came");
    expect(request).toMatchObject({ method: "POST", path: "/" });
    expect(request.headers["x-amz-target"]).toBe("AmazonSSM.GetParameter");
    expect(JSON.parse(request.body)).toEqual({ Name: "/p/a", WithDecryption: true });
    expect(readAuthorization(request).scope).toMatch(/^\d{8}\/eu-west-1\/ssm\/aws4_request$/);
    expect(readAuthorization(request).signedHeaders).toEqual(expect.arrayContaining(["host", "x-amz-target"]));
    expect(readAuthorization(request).signature).toBe(expectedSignature(request, "SK"));
  });

  it("tries again when it is throttled or the service fails", async () => {
    const { read, received } = await readerOn([refused(400, "ThrottlingException"), refused(500, "x"), found("v")]);

    expect(await read("/p/a")).toBe("v");
    expect(received).toHaveLength(3);
  });

  it("does not try again when it is refused, and names parameter and reason", async () => {
    const { read, received } = await readerOn([refused(400, "com.amazonaws.ssm#ParameterNotFound")]);

    await expect(read("/p/a")).rejects.toThrow("ssm: parameter /p/a cannot be read (ParameterNotFound)");
    expect(received).toHaveLength(1);
  });

  it("gives up after three tries", async () => {
    const { read, received } = await readerOn([{ status: 503, body: "" }]);

    await expect(read("/p/a")).rejects.toThrow("HTTP 503");
    expect(received).toHaveLength(3);
  });
});

describe("secrets from parameters", () => {
  function secretsOf(values: Record<string, string | Error>) {
    const clock = testClock();
    const reads: string[] = [];
    const read = async (name: string) => {
      reads.push(name);
      const value = values[name];
      if (typeof value !== "string") throw value ?? new Error("missing");
      return value;
    };
    return { secrets: parameterSecrets(read, names, clock), reads, clock, values };
  }

  it("reads the master key once, for everybody who asks at the same time and later", async () => {
    const { secrets, reads, clock } = secretsOf({ [names.masterKey]: keyText });

    const keys = await Promise.all([secrets.masterKey(), secrets.masterKey()]);
    await clock.advance(24 * 3_600_000);
    await secrets.masterKey();

    expect([...(keys[0] ?? [])]).toEqual(Array(32).fill(7));
    expect(reads).toEqual([names.masterKey]);
  });

  it("reads the admin token's hash anew after five minutes, so that a rotated token stops working", async () => {
    const { secrets, values, clock } = secretsOf({ [names.adminTokenHash]: hashText });
    await secrets.adminTokenHash();
    values[names.adminTokenHash] = "cd".repeat(32);

    await clock.advance(299_999);
    expect(await secrets.adminTokenHash()).toBe(hashText);
    await clock.advance(1);
    expect(await secrets.adminTokenHash()).toBe("cd".repeat(32));
  });

  it("does not keep a failure", async () => {
    const { secrets, values } = secretsOf({ [names.masterKey]: new Error("throttled") });
    await expect(secrets.masterKey()).rejects.toThrow("throttled");
    values[names.masterKey] = keyText;

    expect(await secrets.masterKey()).toHaveLength(32);
  });

  it.each([
    ["too short", Buffer.alloc(31).toString("base64")],
    ["not base64", `${keyText.slice(0, -2)}!=`],
    ["empty", " "],
  ])("refuses a master key that is %s, without showing it", async (_name, text) => {
    const { secrets } = secretsOf({ [names.masterKey]: text });

    const error = await secrets.masterKey().then(
      () => undefined,
      (thrown: Error) => thrown,
    );

    expect(error?.message).toContain(names.masterKey);
    expect(text === " " || !error?.message.includes(text)).toBe(true);
  });

  it("refuses an admin token hash that is none", async () => {
    const { secrets } = secretsOf({ [names.adminTokenHash]: hashText.toUpperCase() });

    await expect(secrets.adminTokenHash()).rejects.toThrow("not a SHA-256");
  });
});
