import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { packageOf } from "../../scripts/packaging/packages.mjs";
import { unpack } from "../deploy/started.ts";
import { openGoogle } from "./google.ts";
import { conformance } from "./suite.ts";

const installed = fileURLToPath(new URL("../../node_modules/@google-cloud", import.meta.url));

let folder: string | undefined;
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** What stands below a folder of this name is loaded by Node itself, as it is. The framework is the one that serves it. */
async function loadPackage(): Promise<unknown> {
  folder = await mkdtemp(join(tmpdir(), "pointsman-google-"));
  const app = join(folder, "node_modules", "app");
  await unpack((await packageOf("gcp")).files, app);
  await mkdir(join(app, "node_modules"), { recursive: true });
  await symlink(installed, join(app, "node_modules", "@google-cloud"));
  return import(join(app, "functions", "google.mjs"));
}

conformance("Google Cloud, as it is deployed", openGoogle(loadPackage));
