// What `npm run package:azure` and `npm run package:gcp` do with their arguments.
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { writePackage } from "./packages.mjs";

const mb = (bytes) => `${(bytes / 1024 / 1024).toFixed(2)} MB`;

/** Packages the functions of `platform`, and says what it does. Resolves with the exit code: 0, 1 for a failure, 2 for misuse. */
export async function packageCommand(platform, { title, next }, args) {
  const usage = [
    `usage: npm run package:${platform} [-- --out FOLDER] [--executor]`,
    "",
    `Bundles the functions for ${title} into FOLDER/${platform} and FOLDER/${platform}.zip (FOLDER: .package).`,
    `--executor: the remote executor alone, into FOLDER/${platform}-executor.`,
    "The same sources give the same bytes.",
  ].join("\n");
  const options = { out: { type: "string" }, executor: { type: "boolean" }, help: { type: "boolean", short: "h" } };
  let values;
  try {
    values = parseArgs({ args, options }).values;
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return 2;
  }
  if (values.help) {
    console.log(usage);
    return 0;
  }
  console.error(`package: bundling the functions for ${title} …`);
  try {
    const name = values.executor ? `${platform}-executor` : platform;
    const made = await writePackage(name, values.out === undefined ? undefined : resolve(values.out));
    const here = (path) => relative(process.cwd(), path) || ".";
    console.log(`${here(made.folder)}: ${made.fileCount} files, ${mb(made.bytes)}`);
    console.log(`${here(made.archive)}: ${mb(made.archiveBytes)}, SHA-256 ${made.sha256}`);
    console.error(`package: next: ${next}`);
    return 0;
  } catch (error) {
    console.error(`package: ${error.message}`);
    return 1;
  }
}
