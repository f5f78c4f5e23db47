// What the package of each platform holds.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleOf } from "./bundle.mjs";
import { lockedPart } from "./locked.mjs";
import { zipOf } from "./zip.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const framework = "@google-cloud/functions-framework";
/** Asked for within a `try` by a package that goes without; here only a tool for development has brought it. */
const neverThere = "supports-color";

/**
 * By the platform's name: the entry point, the modules that are not bundled, those of them that the platform takes from npm by
 * the package's package.json, and files that lie beside the code.
 */
const platforms = {
  // The Functions host hands this module to the process that it starts; npm has none of the name.
  azure: {
    entry: "functions/azure.ts",
    external: ["@azure/functions-core", neverThere],
    installed: [],
    beside: ["deploy/azure/host.json"],
  },
  // The build starts the framework's own server, and it must be the same module that the code registers with.
  gcp: { entry: "functions/google.ts", external: [framework, neverThere], installed: [framework], beside: [] },
};

/** The platforms that a package can be made for. */
export const platformNames = Object.keys(platforms);

/** The executor alone, for each platform: it runs where nothing else of Pointsman does. */
const executors = Object.fromEntries(
  Object.entries(platforms).map(([name, one]) => [
    `${name}-executor`,
    { ...one, entry: one.entry.replace("functions/", "functions/executor/") },
  ]),
);

/**
 * Builds the package of a platform in memory. Resolves with its files by path, the source files that went into it, and the
 * zip archive of them; the same sources give the same bytes.
 */
export async function packageOf(platform) {
  const { entry, external, installed, beside } = platforms[platform] ?? executors[platform];
  const { files, sources } = await bundleOf({ entry, external });
  const own = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const dependencies = Object.fromEntries(installed.map((name) => [name, own.dependencies[name]]));
  const description = {
    name: `${own.name}-${platform}`,
    version: own.version,
    private: true,
    type: "module",
    main: entry.replace(/\.ts$/, ".mjs"),
    engines: { node: ">=20" },
    ...(installed.length > 0 ? { dependencies } : {}),
  };
  files.set("package.json", json(description));
  if (installed.length > 0) {
    const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
    files.set("package-lock.json", json(lockedPart(lock, { ...description, dependencies })));
  }
  for (const path of beside) files.set(path.slice(path.lastIndexOf("/") + 1), await readFile(join(root, path)));
  return { files, sources, zip: zipOf(files) };
}

/**
 * Builds the package of a platform and writes it: a folder, and a zip archive of it beside. Resolves with where they are, the
 * sizes in bytes, and the archive's SHA-256 as hex.
 */
export async function writePackage(platform, out = join(root, ".package")) {
  const { files, zip } = await packageOf(platform);
  const folder = join(out, platform);
  await rm(folder, { recursive: true, force: true });
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  await writeFile(`${folder}.zip`, zip);
  return {
    folder,
    archive: `${folder}.zip`,
    fileCount: files.size,
    bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
    archiveBytes: zip.length,
    sha256: createHash("sha256").update(zip).digest("hex"),
  };
}

function json(value) {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
