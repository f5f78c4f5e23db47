import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../docs/markdown.ts";
import { formsOf, isFitForASecret, Output } from "./leak-search.ts";

const secret = "k3Jq9ZxW1vBt7YcRs5Fn2Lp8MdHg4TaEo6UiKwQyXzC";

describe("the search for secrets in what the suite lets out", () => {
  it.each(formsOf(secret).map((form) => [form]))("finds %s anywhere in a text", (form) => {
    for (const text of [form, `x ${form} y`, `https://a/?k=${form}&l=1`, `{"k":"${form}"}`, `abc${form}def`]) {
      const output = new Output();
      output.note("here", text);
      expect(output.leaks(formsOf(secret))).toHaveLength(1);
    }
  });

  it("says where, and not what", () => {
    const output = new Output();
    output.note("log of admin", `token ${secret}`);

    const [leak = ""] = output.leaks(formsOf(secret));

    expect(leak).toMatch(/^log of admin: a secret of 43 characters/);
    expect(leak).not.toContain(secret);
  });

  it("does not find what is another text, or a part of the secret", () => {
    const output = new Output();
    output.note("here", `${secret.slice(0, -1)} ${secret.slice(1)} ${secret.toLowerCase()}`);
    expect(output.leaks(formsOf(secret))).toEqual([]);
  });

  it("takes no row of zeros for a key", () => {
    expect(isFitForASecret(new Uint8Array(32))).toBe(false);
    expect(isFitForASecret(secret)).toBe(true);
  });
});

type Ran = { readonly code: number; readonly printed: string; readonly failed: readonly string[] };

/** Runs the cases of `leaky/` whose path contains one of `names`, as .ci/run does: with a JSON report. */
async function run(folder: string, ...names: readonly string[]): Promise<Ran> {
  const report = join(folder, `${names[0]}.json`);
  const args = ["run", "--config", "test/leaks/leaky/vitest.config.ts", "--reporter=default", "--reporter=json"];
  const child = spawn(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", ...args, `--outputFile.json=${report}`, ...names],
    { cwd: root, env: { ...process.env, NO_COLOR: "1", VITEST: undefined } },
  );
  let printed = "";
  child.stdout.on("data", (bytes: Buffer) => {
    printed += bytes.toString("utf8");
  });
  child.stderr.on("data", (bytes: Buffer) => {
    printed += bytes.toString("utf8");
  });
  const code = await new Promise<number>((done) => child.on("close", (exit) => done(exit ?? -1)));
  const { testResults } = JSON.parse(await readFile(report, "utf8")) as {
    readonly testResults: readonly { readonly name: string; readonly status: string }[];
  };
  const failed = testResults.filter(({ status }) => status === "failed").map(({ name }) => basename(name, ".case.ts"));
  return { code, printed, failed: failed.sort() };
}

describe("a run of tests that let secrets out", { timeout: 120_000 }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "pointsman-leaky-"));
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  it("fails, and names the files that printed, logged, told, threw or are named with one, and no other", async () => {
    const ran = await run(folder, "clean", "printed", "console", "logged", "told", "thrown", "named");

    expect(ran.code, ran.printed).toBe(1);
    expect(ran.failed).toEqual(["console", "logged", "named", "printed", "thrown", "told"]);
    expect(ran.printed).toContain("test/leaks/leaky/told.case.ts let a secret out");
  });

  it("fails for a secret that a process of a test printed past it, though every test passed", async () => {
    const ran = await run(folder, "child");

    expect(ran.failed).toEqual([]);
    expect(ran.code, ran.printed).toBe(1);
    expect(ran.printed).toContain("the suite printed secrets that it used");
  });

  it("passes where secrets are used and kept", async () => {
    const ran = await run(folder, "clean");

    expect(ran.code, ran.printed).toBe(0);
  });
});
