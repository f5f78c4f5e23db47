import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

const skipped = new Set(["node_modules", "dist", "coverage"]);

/** A piece of code in a text: a fenced block, or what stands between backticks. */
export type Code = { readonly text: string; readonly isBlock: boolean };

/** One Markdown file of the repository: its path, its code, its text without the code, and the anchors of its headings. */
export type Page = {
  readonly path: string;
  readonly prose: string;
  readonly code: readonly Code[];
  readonly anchors: ReadonlySet<string>;
};

/** Every Markdown file of the repository, hidden folders left out. */
export function pages(): readonly Page[] {
  return markdownFiles("").map((path) => pageOf(path, readFileSync(join(root, path), "utf8")));
}

function markdownFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.name.startsWith(".") || skipped.has(entry.name)) return [];
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

const fence = /^(?<mark>```+|~~~+)[^\n]*\n(?<text>[\s\S]*?)^\k<mark>\s*$/gm;
const inline = /(?<ticks>`+)(?<text>[^`](?:[\s\S]*?[^`])?)\k<ticks>(?!`)/g;

function pageOf(path: string, text: string): Page {
  const code: Code[] = [];
  const take = (isBlock: boolean) => (found: string, _mark: string, body: string) => {
    code.push({ text: body, isBlock });
    return found.replace(/[^\n]/g, " ");
  };
  const unfenced = text.replace(fence, take(true));
  const prose = unfenced.replace(inline, take(false));
  return { path, prose, code, anchors: new Set(headings(unfenced).map(anchorOf)) };
}

function headings(text: string): readonly string[] {
  return [...text.matchAll(/^#{1,6} +(.+?) *$/gm)].map((match) => match[1] ?? "");
}

/** The anchor that a heading gets where Markdown is shown as pages: its words in lower case, joined by dashes. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\p{L}\p{N}\- _]/gu, "")
    .replaceAll(" ", "-");
}

/** What the links and images of a page point at, as it stands there. */
export function linksOf({ prose }: Page): readonly string[] {
  const direct = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const defined = [...prose.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?(?:\s+"[^"]*")?$/gm)];
  return [...direct, ...defined].map((match) => match[1] ?? "");
}
