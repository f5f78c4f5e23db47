// Puts the figures of a benchmark run into the README: node scripts/readme-figures.mjs FILE…, each the output of
// `npm run bench --silent -- … --json`. A figure stands before its mark <!-- bench:NAME -->, or with :floor or :ratio.
import { readFileSync, writeFileSync } from "node:fs";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node scripts/readme-figures.mjs FILE.json …");
  process.exit(2);
}
const rows = new Map(files.flatMap((file) => JSON.parse(readFileSync(file, "utf8"))).map((row) => [row.name, row]));

const figure = (value, column) => {
  if (value === null || value === undefined) return "";
  if (column === "ratio" || Math.abs(value) < 10) return value.toFixed(2);
  return Math.abs(value) < 100 ? value.toFixed(1) : String(Math.round(value));
};

const readme = readFileSync("README.md", "utf8");
const left = new Set();
const filled = readme.replaceAll(/(?:[\d.]+ )?<!-- bench:([^ :]+)(?::(floor|ratio))? -->/g, (mark, name, column) => {
  const row = rows.get(name);
  if (row === undefined) {
    left.add(name);
    return mark;
  }
  const comment = `<!-- bench:${name}${column === undefined ? "" : `:${column}`} -->`;
  return `${figure(row[column ?? "value"], column)} ${comment}`;
});
writeFileSync("README.md", filled);
if (left.size > 0) console.error(`left as they were: ${[...left].join(", ")}`);
