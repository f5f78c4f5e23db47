import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** `entry` is the file to import; `bytes` and `files` are what is loaded with it. */
export type Bundled = Part & {
  /** What an import of a source file, made later, loads beside that; undefined when the bundle has no such part. */
  part(source: string): Part | undefined;
};

type Part = { readonly entry: string; readonly bytes: number; readonly files: readonly string[] };

/** Bundles an entry as it is deployed, and adds up what is loaded with it: its static imports, and theirs. */
export async function bundle(entry: string, outdir: string, more: BuildOptions): Promise<Bundled> {
  const settings = createRequire(import.meta.url)(join(root, "deploy/aws/esbuild.cjs"))() as Record<string, unknown>;
  const own = ["exclude", "skipRebuild", "concurrency", "zipConcurrency", "outputFileExtension"];
  const options = Object.fromEntries(Object.entries(settings).filter(([name]) => !own.includes(name)));
  const result = await build({
    ...options,
    ...more,
    entryPoints: [entry],
    outdir,
    outExtension: { ".js": ".mjs" },
    absWorkingDir: root,
    metafile: true,
  });
  const { outputs } = result.metafile;
  const first = Object.keys(outputs).find((file) => isEntry(outputs, file, entry));
  if (first === undefined) throw new Error(`no output for ${entry}`);
  const loaded = staticClosure(outputs, first);
  const partOf = (file: string, files: readonly string[]): Part => ({
    entry: resolve(root, file),
    bytes: files.reduce((sum, one) => sum + (outputs[one]?.bytes ?? 0), 0),
    files: files.map((one) => resolve(root, one)),
  });
  return {
    ...partOf(first, loaded),
    part(source) {
      const file = Object.keys(outputs).find((one) => isEntry(outputs, one, join(root, source)));
      if (file === undefined) return undefined;
      return partOf(
        file,
        staticClosure(outputs, file).filter((one) => !loaded.includes(one)),
      );
    },
  };
}

function isEntry(outputs: Metafile["outputs"], file: string, entry: string): boolean {
  const { entryPoint } = outputs[file] ?? {};
  return entryPoint !== undefined && resolve(root, entryPoint) === entry;
}

function staticClosure(outputs: Metafile["outputs"], first: string): readonly string[] {
  const files = [first];
  for (const file of files) {
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      if (kind === "import-statement" && path in outputs && !files.includes(path)) files.push(path);
    }
  }
  return files;
}
