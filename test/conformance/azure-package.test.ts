import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { packageOf } from "../../scripts/packaging/packages.mjs";
import { unpack } from "../deploy/started.ts";
import { openAzure } from "./azure.ts";
import { conformance } from "./suite.ts";

let folder: string | undefined;
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** What stands below a folder of this name is loaded by Node itself, as it is. */
async function loadPackage(): Promise<unknown> {
  folder = await mkdtemp(join(tmpdir(), "pointsman-azure-"));
  const app = join(folder, "node_modules", "app");
  await unpack((await packageOf("azure")).files, app);
  return import(join(app, "functions", "azure.mjs"));
}

conformance("Azure Functions, as it is deployed", openAzure(loadPackage));
