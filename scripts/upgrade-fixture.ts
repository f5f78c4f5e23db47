// Writes what this release leaves in the table, for the tests of the releases after it: `npm run upgrade:fixture`, once, as
// the last thing before a release. Those of older releases stay as they are.
import { readFileSync, writeFileSync } from "node:fs";
import { live } from "../test/upgrade/past-life.ts";
import { toText } from "../test/upgrade/release-data.ts";

const at = (path: string) => new URL(`../${path}`, import.meta.url);

const { version } = JSON.parse(readFileSync(at("package.json"), "utf8")) as { readonly version: string };
const path = `test/upgrade/release-${version}.json`;
writeFileSync(at(path), toText(await live(version)));
console.log(path);
