import { describe, expect, it } from "vitest";
import { packageOf } from "../../scripts/packaging/packages.mjs";

describe("the package of the executor", () => {
  it("holds the executor alone: no other function, no client of the database or of a queue", async () => {
    const { files, sources } = await packageOf("gcp-executor");

    expect(JSON.parse(String(files.get("package.json")))).toMatchObject({ main: "functions/executor/google.mjs" });
    expect(sources.filter((path) => path.startsWith("functions/"))).toEqual(["functions/executor/google.ts"]);
    expect(sources.filter((path) => /shared\/store|client-dynamodb|client-sqs|google-tasks/.test(path))).toEqual([]);
  });
});
