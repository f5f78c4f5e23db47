// Bundles the functions of a platform as those of AWS are bundled: deploy/aws/esbuild.cjs says how.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Settings of deploy/aws/esbuild.cjs that are the plug-in's, not esbuild's. */
const ofPlugin = ["exclude", "skipRebuild", "concurrency", "zipConcurrency", "outputFileExtension"];

/**
 * Bundles `entry` with all that it imports but `external`, which the platform brings. Resolves with the files by path,
 * relative to the package, and with every source file that went into them. Rejects with esbuild's error.
 */
export async function bundleOf({ entry, external }) {
  const settings = createRequire(import.meta.url)(join(root, "deploy", "aws", "esbuild.cjs"))();
  const options = Object.fromEntries(Object.entries(settings).filter(([name]) => !ofPlugin.includes(name)));
  const result = await build({
    ...options,
    // The oldest Node that either platform still runs.
    target: "node20",
    entryPoints: [join(root, entry)],
    external,
    absWorkingDir: root,
    outdir: join(root, ".package"),
    outbase: root,
    outExtension: { ".js": ".mjs" },
    chunkNames: "parts/[name]-[hash]",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const files = new Map(
    result.outputFiles.map(({ path, contents }) => [
      path.slice(join(root, ".package").length + 1).replaceAll("\\", "/"),
      Buffer.from(contents),
    ]),
  );
  return { files, sources: Object.keys(result.metafile.inputs).sort() };
}
