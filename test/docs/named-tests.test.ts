import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./markdown.ts";

const pages = ["docs/threat-model.md", "docs/design.md"];
const textOf = (path: string) => readFileSync(join(root, path), "utf8");

type Named = { readonly file: string; readonly name: string };

/** Tests that a text names: a file of `test/` between backticks, and after it one or more names in quotes. */
function namedTests(text: string): readonly Named[] {
  const flat = text.replace(/\s+/g, " ");
  return [...flat.matchAll(/`(test\/[\w./-]+\.ts)`((?:,? "[^"]+")+)/g)].flatMap(([, file = "", names = ""]) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name })),
  );
}

/** Whether a file has a test, a suite, or a row of a table of tests with just this name. */
function holds({ file, name }: Named): boolean {
  if (!existsSync(join(root, file))) return false;
  const source = textOf(file);
  return source.includes(`"${name}"`) || source.includes(`\`${name}\``);
}

describe.each(pages)("%s", (path) => {
  it("names only tests that are there, in the file that it says", () => {
    expect(namedTests(textOf(path)).filter((named) => !holds(named))).toEqual([]);
  });

  it("names only test files that are there", () => {
    const files = [...textOf(path).matchAll(/`(test\/[\w./-]+\.ts)`/g)].map(([, file = ""]) => file);

    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe("the threat model", () => {
  /** Rows of the tables whose last column is `shown by`. */
  const rows = textOf("docs/threat-model.md")
    .split(/\n(?!\|)/)
    .flatMap((block) => {
      const [head = "", , ...lines] = block.split("\n").filter((line) => line.startsWith("|"));
      return /\| shown by +\|$/.test(head) ? lines : [];
    });

  it("has a named test for every claim, or says why there is none", () => {
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((row) => namedTests(row).length === 0 && !/\| no test: \S/.test(row))).toEqual([]);
  });

  it("names every attack test", () => {
    const named = namedTests(textOf("docs/threat-model.md"));
    const attackers = [...new Set(named.map(({ file }) => file))].filter((file) => file.startsWith("test/threats/"));
    const unnamed = attackers.flatMap((file) =>
      [...textOf(file).matchAll(/\bit(?:\.each\([\s\S]*?\])?\)?\(\s*"([^"]+)"/g)]
        .map(([, name = ""]) => name)
        .filter((name) => !named.some((one) => one.file === file && one.name === name))
        .map((name) => `${file}: ${name}`),
    );

    expect(attackers.length).toBeGreaterThanOrEqual(8);
    expect(unnamed).toEqual([]);
  });
});
