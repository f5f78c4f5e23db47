import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { secret } from "./fixture.ts";

it("starts a process that prints a secret to where the worker prints", () => {
  const script = "process.stdout.write('uri pritunl://leaky:' + process.argv[1] + '@here\\n')";
  expect(spawnSync(process.execPath, ["-e", script, secret], { stdio: "inherit" }).status).toBe(0);
});
