import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../../bench/bundle.ts";
import { bundleOf } from "../../scripts/packaging/bundle.mjs";
import { type Package, packageOf, platformNames } from "../../scripts/packaging/packages.mjs";
import { zipOf } from "../../scripts/packaging/zip.mjs";
import { unzip } from "../unzip.ts";
import { askedOnGoogle, loadedOnAzure, loadedOnGoogle, unpack } from "./started.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const mains = { azure: "functions/azure.mjs", gcp: "functions/google.mjs" };
type Lock = { readonly packages: Readonly<Record<string, { readonly version?: string; readonly dev?: boolean }>> };

let folder: string;
let packages: Readonly<Record<"azure" | "gcp", Package>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pointsman-packages-"));
  const [azure, gcp] = await Promise.all([packageOf("azure"), packageOf("gcp")]);
  packages = { azure, gcp };
  await Promise.all([unpack(azure.files, join(folder, "azure")), unpack(gcp.files, join(folder, "gcp"))]);
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const textOf = (name: "azure" | "gcp") =>
  [...packages[name].files.values()].map((bytes) => bytes.toString("utf8")).join("\n");

/** What importing `entry` loads of a package, itself included: static imports only. */
function loadedWith(files: ReadonlyMap<string, Buffer>, entry: string): readonly string[] {
  const loaded = [entry];
  for (const path of loaded) {
    const text = files.get(path)?.toString("utf8") ?? "";
    for (const match of text.matchAll(/(?:\bfrom|\bimport)\s*"(\.{1,2}\/[^"]+\.mjs)"/g)) {
      const target = normalize(join(dirname(path), match[1] ?? ""));
      if (!loaded.includes(target)) loaded.push(target);
    }
  }
  return loaded;
}

const bytesOf = (files: ReadonlyMap<string, Buffer>, paths: Iterable<string>) =>
  [...paths].reduce((sum, path) => sum + (files.get(path)?.length ?? Number.NaN), 0);

const digestsOf = (files: ReadonlyMap<string, Buffer>) =>
  Object.fromEntries([...files].map(([path, bytes]) => [path, createHash("sha256").update(bytes).digest("hex")]));

describe.each(platformNames)("the package for %s", (name) => {
  it("holds code, its description, and what the platform reads beside it, and nothing else", () => {
    const others = [...packages[name].files.keys()].filter((path) => !/^(?:functions|parts)\/[\w-]+\.mjs$/.test(path));

    expect(others.sort()).toEqual(
      name === "azure" ? ["host.json", "package.json"] : ["package-lock.json", "package.json"],
    );
  });

  it("is made of the product's own code and of what it depends on, never of tests, emulators or tools", async () => {
    const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as Lock;
    const { sources } = packages[name];
    const ours = sources.filter((path) => !path.startsWith("node_modules/"));
    const places = new Set(
      sources.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
    );

    expect(ours.filter((path) => !/^(?:functions|shared)\//.test(path))).toEqual([]);
    expect([...places].filter((place) => lock.packages[place]?.dev !== undefined)).toEqual([]);
    expect(places.size).toBeGreaterThan(10);
  });

  it("holds no emulator, no test help and no secret", () => {
    const text = textOf(name);

    for (const unwanted of ["dynalite", "selfsigned", "memoryDatabase", "testClock", "simulated", "sourceMappingURL"]) {
      expect(text).not.toContain(unwanted);
    }
    expect(text).not.toMatch(/\bAKIA[0-9A-Z]{16}\b|-----BEGIN (?:RSA |EC )?PRIVATE KEY-----\s*[A-Za-z0-9+/=]{20}/);
    expect(text).not.toContain(root);
  });

  it("loads the queue client of its platform, and each cloud's SDK, only when it is needed", () => {
    const { files } = packages[name];
    const loaded = loadedWith(files, mains[name]);
    const holding = (mark: string) => [...files].filter(([, bytes]) => bytes.includes(mark)).map(([path]) => path);

    for (const mark of ["DescribeRouteTables", ...(name === "azure" ? ["numofmessages"] : [])]) {
      expect(holding(mark)).not.toEqual([]);
      expect(holding(mark).filter((path) => loaded.includes(path))).toEqual([]);
    }
  });

  it("comes as an archive of the same files, whose order makes no difference", async () => {
    const { files, zip } = packages[name];
    const path = join(folder, `${name}.zip`);
    await writeFile(path, zip);

    expect(digestsOf(await unzip(path))).toEqual(digestsOf(files));
    expect(zipOf(new Map([...files].reverse())).equals(zip)).toBe(true);
  });
});

it("a package is bundled into the same bytes each time", async () => {
  const part = { entry: "functions/heartbeat/google.ts", external: ["@google-cloud/functions-framework"] };
  const [once, again] = await Promise.all([bundleOf(part), bundleOf(part)]);

  expect(digestsOf(again.files)).toEqual(digestsOf(once.files));
});

describe("the package for azure, loaded as the platform does", () => {
  it("registers exactly these functions, triggers and routes", async () => {
    const registered = await loadedOnAzure(join(folder, "azure"));

    expect(Object.keys(registered).sort()).toEqual(["admin", "failover", "heartbeat", "routes", "ticks"]);
    expect(registered).toMatchObject({
      heartbeat: { type: "httpTrigger", authLevel: "anonymous", route: "link/state" },
      admin: { type: "httpTrigger", authLevel: "anonymous", route: "pointsman/admin/{*path}" },
      failover: { type: "timerTrigger", schedule: "0 * * * * *" },
      ticks: { type: "queueTrigger", queueName: "pointsman-ticks", connection: "POINTSMAN_QUEUES" },
      routes: { type: "queueTrigger", queueName: "pointsman-swaps", connection: "POINTSMAN_QUEUES" },
    });
  });
});

describe("the package for gcp, started as the platform does", () => {
  it("registers exactly the functions that are deployed, and answers a heartbeat that nobody signed with 401", async () => {
    const kinds = await loadedOnGoogle(join(folder, "gcp"), ["heartbeat", "admin", "failover", "ticks", "routes", "x"]);

    expect(kinds).toEqual({ heartbeat: "http", admin: "http", failover: "cloudevent", ticks: "http", routes: "http" });
    const init = { method: "PUT", headers: { "content-type": "application/json" }, body: "{}" };
    expect([400, 401]).toContain(await askedOnGoogle(join(folder, "gcp"), "heartbeat", "/link/state", init));
  });

  it("installs the framework that was tested with, and all that it needs, at locked versions", () => {
    const { files } = packages.gcp;
    const description = JSON.parse(files.get("package.json")?.toString() ?? "") as Record<string, unknown>;
    const lock = JSON.parse(files.get("package-lock.json")?.toString() ?? "") as Lock;

    expect(description["dependencies"]).toEqual({ "@google-cloud/functions-framework": "5.0.5" });
    expect(lock.packages["node_modules/express"]?.version).toMatch(/^5\./);
    expect(JSON.stringify(lock)).not.toMatch(/"resolved"|"dev"/);
  });
});

describe("the sizes of the packages", () => {
  /** A handler that holds nothing but the DynamoDB client and one command: what a heartbeat cannot do without. */
  const floorSource = `
    import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
    const client = new DynamoDBClient({});
    export const handler = (event) => client.send(new GetItemCommand({ TableName: "t", Key: { pk: { S: event.id } } }));
  `;

  it("what is loaded at the start is bounded against a handler with the DynamoDB client alone", async () => {
    const entry = join(folder, "floor.mjs");
    await writeFile(entry, floorSource);
    const floor = await bundle(entry, join(folder, "floor"), { alias: {}, nodePaths: [join(root, "node_modules")] });
    const kb = (bytes: number) => `${(bytes / 1024).toFixed(0)} KB`;

    for (const name of platformNames) {
      const { files, zip } = packages[name];
      const loaded = bytesOf(files, loadedWith(files, mains[name]));
      const ratio = loaded / floor.bytes;
      process.stdout.write(
        `${name}: archive ${kb(zip.length)}, whole ${kb(bytesOf(files, files.keys()))}, loaded at start ${kb(loaded)} (${ratio.toFixed(2)} x the DynamoDB client alone, ${kb(floor.bytes)})\n`,
      );
      // One file holds all functions, and so the admin API's reader of network files too.
      expect(ratio).toBeLessThan(3.5);
      expect(zip.length).toBeLessThan(2 * 1024 * 1024);
    }
  });
});
