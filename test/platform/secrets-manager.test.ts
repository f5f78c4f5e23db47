import { afterEach, describe, expect, it } from "vitest";
import { secretsManagerReader } from "../../shared/platform/secrets-manager.ts";
import { type FakeAnswer, fakeAws } from "./fake-aws.ts";

type Fake = Awaited<ReturnType<typeof fakeAws>>;
let fake: Fake | undefined;
afterEach(() => fake?.close());

async function reader(status: number, body: unknown): Promise<(reference: string) => Promise<string>> {
  const headers = { "content-type": "application/x-amz-json-1.1" };
  fake = await fakeAws((): FakeAnswer => ({ status, body: JSON.stringify(body), headers }));
  return secretsManagerReader(fake.settings);
}

describe("AWS Secrets Manager", () => {
  it("gives the text of a secret by its name", async () => {
    const read = await reader(200, { Name: "pointsman/hetzner", SecretString: "token" });

    expect(await read("pointsman/hetzner")).toBe("token");
    expect(fake?.requests[0]?.headers["x-amz-target"]).toBe("secretsmanager.GetSecretValue");
    expect(JSON.parse(fake?.requests[0]?.body ?? "")).toEqual({ SecretId: "pointsman/hetzner" });
  });

  it("is asked in the region that an ARN names", async () => {
    const read = await reader(200, { SecretString: "token" });

    await read("arn:aws:secretsmanager:us-west-2:123456789012:secret:pointsman/oci-AbCdEf");

    expect(String(fake?.requests[0]?.headers["authorization"])).toContain("/us-west-2/secretsmanager/");
  });

  it.each([
    [400, "AccessDeniedException", "DENIED", "allow secretsmanager:GetSecretValue on pointsman/oci"],
    [400, "ResourceNotFoundException", "INVALID", "see that the secret is there"],
    [400, "ThrottlingException", "THROTTLED", ""],
    [500, "InternalServiceError", "UNREACHABLE", ""],
  ] as const)("says what is wrong: %i %s", async (status, type, code, next) => {
    const read = await reader(status, { __type: type, message: "no" });

    const error = await read("pointsman/oci").catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: "RouteError", code, message: expect.stringContaining("pointsman/oci") });
    expect(error).toMatchObject({ next: expect.stringContaining(next) });
  });

  it("refuses a secret without text", async () => {
    const read = await reader(200, { Name: "binary", SecretBinary: "AAAA" });

    await expect(read("binary")).rejects.toMatchObject({ code: "INVALID", retry: "never" });
  });
});
