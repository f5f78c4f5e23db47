import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const key = "0123456789abcdef".repeat(4);
const other = "fedcba9876543210".repeat(4);

beforeEach(() => {
  vi.stubEnv("POINTSMAN_EXECUTOR_ID", "west");
  vi.stubEnv("POINTSMAN_EXECUTOR_KEY", key);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the environment of an executor", () => {
  it("is an id and one key, or two while a key is rotated", async () => {
    const { readExecutorConfig } = await import("../../shared/compose/executor.ts");
    const read = (keys: string) =>
      readExecutorConfig({ POINTSMAN_EXECUTOR_ID: "west", POINTSMAN_EXECUTOR_KEY: keys }).keys.map((one) =>
        Buffer.from(one).toString("hex"),
      );

    expect(read(key)).toEqual([key]);
    expect(read(`${other}, ${key}\n`)).toEqual([other, key]);
  });

  it("is refused with the names of what is wrong, and never a value", async () => {
    const { readExecutorConfig } = await import("../../shared/compose/executor.ts");

    for (const keys of ["", key.slice(1), `${key}${key}`, `${key},`, `${key},${key},${key}`, key.replace("0", "g")]) {
      const read = () => readExecutorConfig({ POINTSMAN_EXECUTOR_ID: "we st", POINTSMAN_EXECUTOR_KEY: keys });
      expect(read).toThrow(
        "configuration: POINTSMAN_EXECUTOR_ID: not the id of an executor; POINTSMAN_EXECUTOR_KEY: not one or two keys",
      );
      expect(read).not.toThrow(/0123456789abcdef/);
    }
  });
});

describe("an executor as a Lambda function", () => {
  it("answers what is not signed by its status alone, and what is larger than it takes with 413", async () => {
    const { handler } = await import("../../functions/executor/aws.ts");
    const event = (path: string, body: string) => ({
      rawPath: path,
      headers: {},
      requestContext: { http: { method: "POST" } },
      body,
      isBase64Encoded: false,
    });
    const ask = (path: string, body: string) => handler(event(path, body), {} as never);

    expect(await ask("/executor/v1/write", "{}")).toMatchObject({ statusCode: 401, body: "{}" });
    expect(await ask("/executor/v1/orders", "{}")).toMatchObject({ statusCode: 404, body: "{}" });
    expect(await ask("/executor/v1/write", "x".repeat(1024 * 1024 + 1))).toMatchObject({ statusCode: 413, body: "{}" });
  });
});
