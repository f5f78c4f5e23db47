import { beforeAll, describe, expect, it } from "vitest";
import { functionNames, type Packaged, packageService, staticallyLoaded } from "./packaged-service.ts";

let packaged: Packaged;
beforeAll(async () => {
  packaged = await packageService(undefined);
}, 300_000);

describe("the bundles", () => {
  const filesOf = (name: string) => [...(packaged.bundles.get(name) ?? new Map<string, Buffer>())];

  it.each(functionNames)("%s holds its own code alone", (name) => {
    const files = filesOf(name);

    expect(files.map(([path]) => path)).toContain(`functions/${name}/aws.mjs`);
    expect(files.filter(([path]) => !new RegExp(`^functions/${name}/[\\w-]+\\.mjs$`).test(path))).toEqual([]);
  });

  it.each(functionNames)("%s holds no emulator, no test help and no secret", (name) => {
    const text = filesOf(name)
      .map(([, bytes]) => bytes.toString("utf8"))
      .join("\n");

    for (const unwanted of [
      "dynalite",
      "selfsigned",
      "memoryDatabase",
      "testClock",
      "simulated",
      "BEGIN PRIVATE KEY",
    ]) {
      expect(text).not.toContain(unwanted);
    }
    expect(text).not.toMatch(/\bAKIA[0-9A-Z]{16}\b/);
    expect(text).not.toContain("sourceMappingURL");
  });

  it("the cloud's SDK is in the routes function alone, and loaded there only when needed", () => {
    const has = (name: string) => filesOf(name).filter(([, bytes]) => bytes.includes("DescribeRouteTables"));

    expect(["heartbeat", "failover", "admin"].flatMap(has)).toEqual([]);
    expect(has("routes").map(([path]) => path)).not.toContain("functions/routes/aws.mjs");
    expect(has("routes")).not.toEqual([]);
  });

  it("a plain heartbeat loads no queue client", () => {
    const files = new Map(filesOf("heartbeat"));
    const loaded = staticallyLoaded(files, "functions/heartbeat/aws.mjs");
    const withQueues = [...files].filter(([, bytes]) => bytes.includes("SendMessageBatch")).map(([path]) => path);

    expect(withQueues).not.toEqual([]);
    expect(withQueues.filter((path) => loaded.has(path))).toEqual([]);
  });

  it("are of these sizes", () => {
    const kb = (bytes: number) => `${(bytes / 1024).toFixed(0).padStart(5)} KB`;
    const lines = functionNames.map((name) => {
      const files = new Map(filesOf(name));
      const whole = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
      const loaded = [...staticallyLoaded(files, `functions/${name}/aws.mjs`)].reduce(
        (sum, path) => sum + (files.get(path)?.length ?? 0),
        0,
      );
      return `${name.padEnd(10)} whole ${kb(whole)}, loaded at start ${kb(loaded)}`;
    });
    process.stdout.write(`${lines.join("\n")}\n`);

    expect(lines).toHaveLength(4);
  });
});
