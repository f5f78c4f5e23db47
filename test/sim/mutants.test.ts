import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { mutants } from "../../sim/mutants/all.ts";
import { lessons } from "../../sim/mutants/lessons.ts";
import { patched } from "../../sim/run/build.ts";
import { promises } from "../../sim/run/tally.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the bugs that are put into the simulator on purpose", () => {
  it("have names of their own", () => {
    const names = mutants.map((mutant) => mutant.name);

    expect(new Set(names).size).toBe(names.length);
  });

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    "%s still fits the code",
    async (_name, { patch }) => {
      const texts = new Map<string, string>();
      for (const one of patch) {
        const text = texts.get(one.file) ?? readFileSync(join(root, one.file), "utf8");
        texts.set(one.file, patched(text, one));
      }

      const built = await Promise.all([...texts.values()].map((text) => transform(text, { loader: "ts" })));

      expect(built.length).toBeGreaterThan(0);
    },
  );

  it("are only ever in product code, never in those who judge it", () => {
    const files = mutants.flatMap((mutant) => mutant.patch.map((patch) => patch.file));

    expect(files.filter((file) => !/^(functions|shared)\//.test(file))).toEqual([]);
  });

  it.each(promises.map((promise) => [promise]))("break promise %s in at least two ways", (promise) => {
    const breaking = mutants.filter((mutant) => mutant.promise === promise);

    expect(breaking.length).toBeGreaterThanOrEqual(2);
  });

  it.each(lessons.map((lesson) => [lesson.what, lesson] as const))("repeat, or say why not: %s", (_what, lesson) => {
    const repeating = mutants.filter((mutant) => mutant.lesson === lesson.number);

    expect(repeating.length > 0).toBe(lesson.elsewhere === undefined);
  });
});

describe("a patch", () => {
  const patch = { file: "a.ts", find: "one", replace: "two" };

  it("replaces the one occurrence", () => {
    expect(patched("only one here", patch)).toBe("only two here");
  });

  it.each(["none", "one and one"])("is refused where it does not fit exactly once: %s", (text) => {
    expect(() => patched(text.replace("none", "nothing"), patch)).toThrow("a.ts: must occur exactly once");
  });
});
