import fc from "fast-check";
import { oddText } from "./arbitrary.ts";

/** Things on the disk and the network that a command line may name. All of them are the test's own. */
export type Places = {
  readonly folder: string;
  /** Network files: right ones and wrong ones. */
  readonly files: readonly string[];
  /** Where the admin API is, and where nothing is. */
  readonly url: string;
  readonly deadUrl: string;
};

/** What a word of a command line stands for, before the test's own places are known. */
type Word = string | { readonly of: "file"; readonly at: number } | { readonly of: "data"; readonly name: string };

const right = (words: readonly string[]) => fc.constantFrom<Word>(...words);
const odd: fc.Arbitrary<Word> = oddText;

const commands = [
  ["init"],
  ["validate"],
  ["plan"],
  ["apply"],
  ["status"],
  ["explain"],
  ["events"],
  ["host", "uri"],
  ["export"],
  ["switchover"],
  ["pin"],
  ["unpin"],
  ["drain"],
  ["undrain"],
  ["pause"],
  ["resume"],
  ["rotate", "host"],
  ["rotate", "link"],
  ["rotate", "token"],
  ["adopt"],
  ["orphans"],
] as const;

const anyCommand = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom<readonly string[]>(...commands) },
  { weight: 2, arbitrary: fc.constantFrom<readonly string[]>([], ["host"], ["rotate"], ["help"], ["help", "apply"]) },
  { weight: 1, arbitrary: oddText.map((word): readonly string[] => [word]) },
);

/** What each command is about. */
const objects: Readonly<Record<string, fc.Arbitrary<Word>>> = {
  validate: fc.nat(5).map((at): Word => ({ of: "file", at })),
  explain: right(["backbone/us-east", "us-east", "backbone/office", "nowhere", "a/b/c"]),
  "host uri": right(["backbone/us-east/a1", "backbone/office/router", "backbone/us-east"]),
  export: right(["backbone/office/router", "backbone/us-east/a1", "backbone/us-east", "backbone/office"]),
  switchover: right(["backbone/us-east", "backbone/office", "backbone/nowhere", "us-east"]),
  pin: right(["backbone/us-east/a2", "backbone/us-west/b1", "backbone/us-east/nobody"]),
  unpin: right(["backbone/us-east", "backbone/us-west", "nothing/us-east"]),
  drain: right(["backbone/us-east/a1", "backbone/us-west/b2", "backbone/us-east"]),
  undrain: right(["backbone/us-east/a1", "backbone/us-west/b2", "a//b"]),
  pause: right(["backbone", "nothing"]),
  resume: right(["backbone", "backbone", "nothing"]),
  "rotate host": right(["backbone/us-east/a1", "backbone/us-west/b1", "backbone/office/router"]),
  "rotate link": right(["backbone", "nothing"]),
  adopt: right(["backbone/us-east", "backbone/office"]),
};

/** Options with a value that suits them; one that has none is a flag. */
const file = fc.nat(5).map((at): Word => ({ of: "file", at }));
const options: Readonly<Record<string, readonly (readonly [string, fc.Arbitrary<Word> | undefined])[]>> = {
  init: [
    ["--stage", right(["prod", "Prod"])],
    ["--region", right(["eu-central-1"])],
  ],
  plan: [
    ["-f", file],
    ["--file", file],
  ],
  apply: [
    ["-f", file],
    ["--yes", undefined],
    ["--allow-remove", undefined],
    ["--timeout", right(["2s", "90s", "1y"])],
  ],
  status: [
    ["--watch", undefined],
    ["-w", undefined],
  ],
  events: [
    ["--follow", undefined],
    ["--since", right(["5m", "2023-11-14T00:00:00Z", "1999", "yesterday", "999999d"])],
  ],
  export: [
    ["--format", right(["vyos", "edgerouter", "swanctl", "ipsec.conf", "pfsense", "terraform", "cisco"])],
    ["--secrets", undefined],
    ["--out", fc.constantFrom<Word>({ of: "data", name: "exported" }, { of: "data", name: "a-file/x" })],
  ],
  switchover: [["--to", right(["a2", "a1", "nobody"])]],
  drain: [
    ["--no-wait", undefined],
    ["--timeout", right(["2s", "5m", "-1s"])],
  ],
  "rotate host": [
    ["--grace", right(["1h", "0s", "999999d"])],
    ["--force", undefined],
  ],
  "rotate link": [["--yes", undefined]],
  "rotate token": [
    ["--yes", undefined],
    ["--stage", right(["prod"])],
    ["--region", right(["eu-central-1"])],
  ],
  adopt: [
    ["--yes", undefined],
    ["--table", right(["rtb-0a1"])],
    ["--destination", right(["10.1.0.0/16", "x"])],
  ],
  orphans: [
    ["--forget", undefined],
    ["--yes", undefined],
    ["--link", right(["backbone"])],
    ["--table", right(["x"])],
  ],
};

const globalOptions: readonly (readonly [string, fc.Arbitrary<Word> | undefined])[] = [
  ["--json", undefined],
  ["--json", undefined],
  ["--as", right(["anna", "bad name!"])],
  ["--as", odd],
  ["--why", right(["kernel update"])],
  ["--why", odd],
  ["--why", fc.constantFrom("x".repeat(501), "x".repeat(200_000))],
  ["--insecure", undefined],
  ["--help", undefined],
  ["--token", right(["wrong"])],
  ["--token", odd],
  ["--url", right(["$URL", "$URL", "$DEAD", "$DEAD", "http://0.0.0.0:1", "ftp://127.0.0.1", "https://"])],
  ["--url", odd],
  ["--data", fc.constantFrom<Word>({ of: "data", name: "empty" }, { of: "data", name: "a-file" })],
  ["--data", odd.map((name): Word => ({ of: "data", name: String(name) }))],
];

/** What spoils a command line: a word that is not known, a value that is missing, an end of options. */
const spoilers = fc.constantFrom<readonly Word[]>(
  ["--nonsense"],
  ["--nonsense=1"],
  ["--__proto__", "x"],
  ["--constructor=x"],
  ["-x"],
  ["-"],
  ["--"],
  ["--url"],
  ["--why"],
  ["-f"],
  ["--file="],
  ["--yes=no"],
  ["--json", "--json"],
  ["one", "too", "many"],
  ["\uD800"],
  ["--\u{1F682}"],
  ["x".repeat(100_000)],
  Array<string>(300).fill("-v"),
);

type Part = readonly Word[];
const optionPart = ([flag, value]: readonly [string, fc.Arbitrary<Word> | undefined]): fc.Arbitrary<Part> => {
  if (value === undefined) return fc.constant([flag]);
  // A folder or a file is made where it is not: only ever in the test's own.
  if (flag === "--data" || flag === "--out") return value.map((given) => [flag, given]);
  const anyValue = fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: odd });
  return anyValue.map((given) => [flag, given]);
};

const globalParts = fc.constantFrom(...globalOptions).chain(optionPart);

/** The parts of a command line behind its command, in any order. */
function partsOf(name: string): fc.Arbitrary<readonly Part[]> {
  const object = objects[name];
  const own = (options[name] ?? []).map(optionPart);
  const objectPart: fc.Arbitrary<Part> =
    object === undefined
      ? fc.constant([])
      : fc.oneof(
          { weight: 12, arbitrary: object.map((word): Part => [word]) },
          { weight: 1, arbitrary: odd.map((word): Part => [word]) },
          { weight: 1, arbitrary: fc.constant<Part>([]) },
        );
  const ownParts = own.length === 0 ? fc.constant<readonly Part[]>([]) : fc.array(fc.oneof(...own), { maxLength: 4 });
  const globals = fc.oneof(
    { weight: 2, arbitrary: fc.constant<readonly Part[]>([]) },
    { weight: 3, arbitrary: fc.array(globalParts, { minLength: 1, maxLength: 3 }) },
  );
  const spoiler = fc.oneof(
    { weight: 7, arbitrary: fc.constant<readonly Part[]>([]) },
    { weight: 1, arbitrary: spoilers.map((part): readonly Part[] => [part]) },
  );
  return fc
    .tuple(objectPart, ownParts, globals, spoiler, fc.nat(5))
    .map(([first, some, more, last, turn]) => turned([first, ...some, ...more, ...last], turn));
}

function turned<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % Math.max(1, list.length);
  return [...list.slice(at), ...list.slice(0, at)];
}

const partsByCommand = new Map(commands.map((words) => [words.join(" "), partsOf(words.join(" "))]));
const partsOfNone = partsOf("");

/** A command line in words; `wordsOf` gives what is typed. */
export const anyCommandLine: fc.Arbitrary<readonly Word[]> = anyCommand.chain((command) =>
  (partsByCommand.get(command.join(" ")) ?? partsOfNone).map((parts) => [...command, ...parts.flat()]),
);

/** What is typed, with the test's own places in it. No data folder is outside of the test's own. */
export function wordsOf(line: readonly Word[], { folder, files, url, deadUrl }: Places): readonly string[] {
  return line.map((word) => {
    if (typeof word === "string") return word.replace("$URL", url).replace("$DEAD", deadUrl);
    if (word.of === "file") return files[word.at % files.length] ?? "";
    return `${folder}/${word.name.replaceAll("..", "dots")}`;
  });
}
