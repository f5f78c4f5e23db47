import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a folder may import, besides itself and packages. Imports point one way. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "shared/domain": [],
  "shared/protocol": ["shared/domain"],
  "shared/ports": ["shared/domain"],
  "shared/network-file": ["shared/domain"],
  "shared/export": ["shared/domain"],
  "shared/platform": ["shared/domain", "shared/ports"],
  "shared/store": ["shared/domain", "shared/ports"],
  "shared/executor": ["shared/domain", "shared/ports", "shared/platform"],
  "shared/providers": ["shared/domain", "shared/ports", "shared/platform", "shared/executor"],
  "shared/compose": [
    "shared/domain",
    "shared/ports",
    "shared/platform",
    "shared/store",
    "shared/providers",
    "shared/executor",
  ],
  functions: ["shared"],
  serve: ["shared", "functions"],
  cli: ["shared", "functions/admin", "serve"],
  dev: ["shared", "functions", "serve", "cli"],
  bench: ["shared", "functions", "dev"],
  sim: ["shared", "functions", "dev"],
  soak: ["shared", "functions/admin", "serve", "cli", "dev", "bench"],
};

const files = ["shared", "functions", "serve", "cli", "dev", "bench", "sim", "soak"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file)),
);

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), "utf8");
  const named = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)].map((match) => match[1] ?? "");
  return named.map((path) => relative(root, join(root, dirname(file), path)));
}

function folderOf(file: string): string {
  return Object.keys(allowed).find((folder) => file.startsWith(`${folder}/`)) ?? "";
}

describe("the layers of the code", () => {
  it.each(Object.keys(allowed))("%s imports nothing but what it may", (folder) => {
    const wrong = files
      .filter((file) => folderOf(file) === folder)
      .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
      .filter(({ target }) => !target.startsWith(`${folder}/`))
      .filter(({ target }) => !allowed[folder]?.some((other) => target.startsWith(`${other}/`)))
      .map(({ file, target }) => `${file} imports ${target}`);

    expect(wrong).toEqual([]);
  });

  it("keeps clock, chance and the outside world out of the pure part", () => {
    const impure =
      /Date\.now|new Date\(\)|Math\.random|process\.|performance\.|from "node:(?:fs|http|https|child_process|os)"|import (?!{ isIPv?4?6?[^}]*}).* from "node:net"/;
    const found = files
      .filter((file) => /^shared\/(?:domain|protocol|export)\//.test(file))
      .filter((file) => impure.test(readFileSync(join(root, file), "utf8")));

    expect(found).toEqual([]);
  });

  it("lets only the platform files of a function and the composition know a platform", () => {
    const platform = /from "(?:@middy\/core|aws-lambda|@azure\/functions|@google-cloud\/functions-framework)"/;
    const found = files
      .filter(
        (file) => !/^functions\/[a-z]+\/(?:aws|azure|google)\.ts$/.test(file) && !file.startsWith("shared/platform/"),
      )
      .filter((file) => platform.test(readFileSync(join(root, file), "utf8")));

    expect(found).toEqual([]);
  });
});
