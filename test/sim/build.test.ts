import { access, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { buildSimulator } from "../../sim/run/build.ts";

const file = "shared/domain/pulse.ts";

describe("the simulator as one file", () => {
  it("holds a patched text, leaves the source as it is, and goes away again", async () => {
    const before = await readFile(file, "utf8");
    const find = "const spareMs = 6_000;";

    const built = await buildSimulator([{ file, find, replace: "const spareMs = 6_123;" }]);
    const bundle = await readFile(built.path, "utf8");
    await built.remove();

    expect(bundle).toMatch(/spareMs = 6123|spareMs = 6_123/);
    expect(await readFile(file, "utf8")).toBe(before);
    await expect(access(built.path)).rejects.toThrow();
  });

  it("is not built when a patch does not fit, or fits a file that is not in it", async () => {
    await expect(buildSimulator([{ file, find: "no such text", replace: "" }])).rejects.toThrow(
      "must occur exactly once",
    );
    const idle = { file: "cli/main.ts", find: "a", replace: "b" };
    await expect(buildSimulator([idle])).rejects.toThrow("the simulator does not hold this file");
  });
});
