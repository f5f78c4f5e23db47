import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** A change of the source text of one file, that is made while the simulator is bundled and nowhere else. */
export type Patch = {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
};

/** The simulator as one file that a worker runs. `remove` deletes it. */
export type Built = { readonly path: string; remove(): Promise<void> };

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Bundles the simulator, with patches if there are any, into a temporary folder. Throws when a patch does not fit: its
 * text must occur exactly once, in a file that the simulator holds.
 */
export async function buildSimulator(patches: readonly Patch[] = []): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), "pointsman-sim-"));
  const path = join(folder, "worker.mjs");
  const remove = () => rm(folder, { recursive: true, force: true });
  const applied = new Set<Patch>();
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [join(root, "sim/run/worker.ts")],
      outfile: path,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      mainFields: ["module", "main"],
      sourcemap: "inline",
      sourcesContent: false,
      logLevel: "silent",
      banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
      plugins: [converting, patching(patches, applied)],
    });
    const idle = patches.find((patch) => !applied.has(patch));
    if (idle !== undefined) throw new Error(`${idle.file}: the simulator does not hold this file`);
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, remove };
}

/** The table's items are converted once, by the stand-in for the SDK's converter. */
const converting: Plugin = {
  name: "converter",
  setup(setup) {
    const path = join(root, "sim/database/util-dynamodb.ts");
    setup.onResolve({ filter: /^@aws-sdk\/util-dynamodb$/ }, ({ importer }) =>
      importer === path ? undefined : { path },
    );
  },
};

function patching(patches: readonly Patch[], applied: Set<Patch>): Plugin {
  const byPath = new Map<string, Patch[]>();
  for (const patch of patches) {
    const path = join(root, patch.file);
    byPath.set(path, [...(byPath.get(path) ?? []), patch]);
  }
  return {
    name: "patches",
    setup(setup) {
      if (patches.length === 0) return;
      setup.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const due = byPath.get(path);
        if (due === undefined) return undefined;
        let contents = await readFile(path, "utf8");
        for (const patch of due) {
          contents = patched(contents, patch);
          applied.add(patch);
        }
        return { contents, loader: "ts" };
      });
    },
  };
}

/** The text with the one occurrence of what is to be found replaced. Throws when there is none, or more than one. */
export function patched(text: string, { file, find, replace }: Patch): string {
  const parts = text.split(find);
  if (parts.length === 2) return parts.join(replace);
  throw new Error(`${file}: must occur exactly once, occurs ${parts.length - 1} times: ${find}`);
}
