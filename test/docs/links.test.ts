import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { main } from "../../cli/main.ts";
import type { World } from "../../cli/world.ts";
import { linksOf, type Page, pages, root } from "./markdown.ts";

const all = pages();
const byPath = new Map(all.map((page) => [page.path, page]));
const scripts = Object.keys(
  (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly scripts: Record<string, string> })
    .scripts,
);

/** What `--help` prints. */
async function help(...words: string[]): Promise<string> {
  let printed = "";
  const show = (text: string) => {
    printed += `${text}\n`;
  };
  const io = { out: show, err: show, hasColour: false } as unknown as World["io"];
  await main([...words, "--help"], { io, env: {}, userName: "test" } as unknown as World);
  return printed;
}

function commandsIn(text: string): readonly string[] {
  const [, list = ""] = text.split("\nCommands:\n");
  const lines = (list.split("\n\n")[0] ?? "").split("\n");
  return lines.flatMap((line) => /^ {2}([a-z][a-z-]*)/.exec(line)?.[1] ?? []);
}

/** Every command of the CLI by its words, such as `rotate host`, with its help. */
const commands = new Map<string, string>();

beforeAll(async () => {
  for (const name of commandsIn(await help())) {
    const text = await help(name);
    commands.set(name, text);
    for (const child of name === "help" ? [] : commandsIn(text)) {
      if (child !== "help") commands.set(`${name} ${child}`, await help(name, child));
    }
  }
});

/** The files or folders of the repository, or anchors, that a link names and that are not there. */
function broken(page: Page): readonly string[] {
  return linksOf(page).filter((link) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page.path : normalize(join(dirname(page.path), decodeURIComponent(path)));
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && byPath.get(target)?.anchors.has(anchor) !== true;
  });
}

describe.each(all.map((page) => [page.path, page] as const))("%s", (_path, page) => {
  it("has no link to what is not there", () => {
    expect(broken(page)).toEqual([]);
  });

  it("names no file of the repository that is not there", () => {
    const named = page.code.flatMap(({ text, isBlock }) =>
      isBlock ? [] : [...text.matchAll(/^(?:functions|shared|cli|dev|bench|deploy|docs|test|scripts|bin)\/[\w./-]+$/g)],
    );
    const missing = named.map((match) => match[0]).filter((path) => !existsSync(join(root, path)));

    expect(missing).toEqual([]);
  });

  it("names no npm script that does not exist", () => {
    const named = page.code.flatMap(({ text }) => [
      ...[...text.matchAll(/\bnpm run (?:-s |--silent )?([\w:.-]+)/g)].map((match) => match[1] ?? ""),
      ...[...text.matchAll(/\bnpm (start|test)\b/g)].map((match) => match[1] ?? ""),
    ]);

    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it("names no command and no option of pointsman that does not exist", () => {
    const wrong: string[] = [];
    for (const { text } of page.code) {
      for (const [line, rest = ""] of text.matchAll(
        /(?:^|[\s(`$])pointsman(?:\.mjs)? ((?:-[^\s`]+ )*[a-z][^\n`|#;)]*)/g,
      )) {
        const words = rest.split(" ").filter((word) => !word.startsWith("-"));
        const [first = "", second = ""] = words;
        const found = commands.get(`${first} ${second}`) ?? commands.get(first);
        const isGroup = found?.includes("\nCommands:\n") === true && commands.get(`${first} ${second}`) === undefined;
        const isHeading = second === "" || /^[A-Z[]/.test(second);
        if (found === undefined || (isGroup && !isHeading && first !== "help")) wrong.push(line.trim());
        const options = rest.match(/(?<=\s)--?[a-z][a-z-]*/g) ?? [];
        for (const option of options) if (found?.includes(option) !== true) wrong.push(`${line.trim()}: ${option}`);
      }
    }

    expect(wrong).toEqual([]);
  });
});
