import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..", "..");
const folder = join(root, "docs", "clouds");

/** The documents of the clouds, by file name. */
export const documents: readonly string[] = readdirSync(folder).filter((name) => name.endsWith(".md"));

const textOf = (name: string): string => readFileSync(join(folder, name), "utf8");

/** Every line of a document's shell blocks as one script, in the order in which a reader comes by them. */
export function scriptOf(name: string): string {
  const lines: string[] = [];
  let indent: string | undefined;
  for (const line of textOf(name).split("\n")) {
    const fence = /^( *)```(\w*)$/.exec(line);
    if (fence !== null) indent = indent === undefined && fence[2] === "sh" ? (fence[1] ?? "") : undefined;
    else if (indent !== undefined) lines.push(line.slice(indent.length));
  }
  return lines.join("\n");
}

/** What stands in the prose as a command of a vendor, such as `az login`; it may be a part of one. */
export function commandsInProse(name: string): readonly string[] {
  const prose = textOf(name).replace(/^ *```[\s\S]*?^ *```$/gm, "");
  const spans = [...prose.matchAll(/`((?:aws|az|oci|gcloud|hcloud) [^`]+)`/g)];
  return spans.map((span) => (span[1] ?? "").replace(/\s+/g, " "));
}
