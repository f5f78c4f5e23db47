import { stripVTControlCharacters } from "node:util";

/** A table with a heading; columns are as wide as their widest cell. Cells may hold colours. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(...[heading, ...rows.map((row) => row[column] ?? "")].map(visibleLength)),
  );
  return [headings, ...rows].map((row) => line(row, widths)).join("\n");
}

/** Lines of `label  value`, labels as wide as the widest. */
export function pairs(rows: readonly (readonly [string, string])[], indent = ""): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${indent}${label.padEnd(width)}  ${value}`.trimEnd()).join("\n");
}

function line(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - visibleLength(cell))))
    .join("  ")
    .trimEnd();
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}
