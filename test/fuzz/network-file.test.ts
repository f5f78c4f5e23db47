import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../shared/domain/errors.ts";
import { networkFileLimits } from "../../shared/domain/limits.ts";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";
import { codeUnit } from "./arbitrary.ts";
import { cases, timeoutMs } from "./cases.ts";
import { isPolluted } from "./leaks.ts";

/** A right file: short, since it is read 10,000 times. */
const small = `version: 1
links:
  l:
    locations:
      a: { networks: [10.0.0.0/16], peers: [b], hosts: { h: { timeout: 30s } } }
      b: { networks: [10.1.0.0/16], hosts: { r: { static: true, publicAddress: 203.0.113.9 } } }
`;

/** What a text may be spoilt with: signs of YAML, names of the format, keys of prototypes, odd characters. */
const scraps = fc.oneof(
  fc.constantFrom(
    ..."[]{},:-?&*!|>'\"%@`#~\\\n\t \r\0".split(""),
    "---\n",
    "...\n",
    "<<: ",
    "*x",
    "&x ",
    "!!binary ",
    "!<tag:x> ",
    "? ",
    "- ",
    ": ",
    "|\n",
    "%YAML 1.1\n---\n",
    "\u2028",
    "\uFEFF",
    "__proto__: ",
    "constructor: ",
    "prototype",
    "hasOwnProperty: 1\n",
    "toString",
    "null",
    "true",
    ".inf",
    ".nan",
    "0x10",
    "1e999",
    "version: 1\n",
    "links:",
    "locations: ",
    "hosts: ",
    "networks: ",
    "peers: [a]",
    "static: true",
    "10.0.0.0/99",
    "::/0",
    "0.0.0.0/0",
    "::ffff:1.2.3.4/100",
    "9".repeat(400),
    "x".repeat(300),
    "\u{1F682}",
    "\uD800",
    "é",
    "\u202E",
    "\u0000",
  ),
  fc.string({ unit: codeUnit, maxLength: 8 }),
);

type Edit = { readonly at: number; readonly drop: number; readonly scrap: string };
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.integer({ min: 0, max: 12 }),
  scrap: scraps,
});

const spoilt = fc.tuple(fc.constant(small), fc.array(edit, { minLength: 1, maxLength: 4 })).map(([text, edits]) =>
  edits.reduce<string>((now, { at, drop, scrap }) => {
    const place = Math.floor(at * now.length);
    return now.slice(0, place) + scrap + now.slice(place + drop);
  }, text),
);

const nested = fc
  .tuple(
    fc.constantFrom("[", "{a: ", "- ", "? ", "a:\n ", "&a [", "!t ", "{", "[[", "'", '"', "- a\n- "),
    fc.integer({ min: 1, max: 400 }),
  )
  .map(([part, times]) => part.repeat(times));

const json = fc
  .jsonValue({ maxDepth: 6 })
  .map((value) => JSON.stringify({ version: 1, links: { l: { locations: value } } }));

const reserved = fc
  .tuple(
    fc.constantFrom("__proto__", "constructor", "prototype", "valueOf", "__defineGetter__"),
    fc.constantFrom("links:", "  l:", "locations:", "hosts: {", "r: {"),
  )
  .map(([key, after]) =>
    small.replace(
      after,
      after.endsWith("{") ? `${after} ${key}: { polluted: true },` : `${after}\n          ${key}: { polluted: true }`,
    ),
  );

const anything = fc.oneof(
  { weight: 6, arbitrary: spoilt },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: json },
  { weight: 1, arbitrary: reserved },
  { weight: 1, arbitrary: fc.string({ unit: codeUnit, maxLength: 200 }) },
);

describe("texts that are no network file", { timeout: timeoutMs }, () => {
  it("are refused with InputError and nothing else", () => {
    let refused = 0;
    let all = 0;
    fc.assert(
      fc.property(anything, (text) => {
        all += 1;
        try {
          parseNetworkFile(text);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          refused += 1;
          const { mistakes } = error;
          if (mistakes.length === 0 || mistakes.length > networkFileLimits.mistakes + 1) throw new Error("not bounded");
          if (mistakes.some(({ field, value, reason }) => field.length + value.length + reason.length > 2_000)) {
            throw new Error("a mistake that is too long");
          }
        }
      }),
      cases(10_000, 7),
    );
    expect(refused).toBeGreaterThan(all / 2);
    expect(isPolluted()).toBe(false);
  });

  it.each([
    ["a megabyte of one sign", "a".repeat(networkFileLimits.bytes)],
    ["many short lines", "a: 1\n".repeat(200_000)],
    ["many keys in one map", Array.from({ length: 60_000 }, (_, at) => `k${at}: 1`).join("\n")],
    [
      "many locations",
      `version: 1\nlinks:\n  l:\n    locations:\n${Array.from({ length: 30_000 }, (_, at) => `      l${at}: {}`).join("\n")}`,
    ],
    [
      "many networks",
      `version: 1\nlinks: { l: { locations: { a: { hosts: {}, networks: [${"10.0.0.0/8, ".repeat(40_000)}] } } } }`,
    ],
    [
      "many of the same networks",
      `version: 1\nlinks: { l: { locations: { ${Array.from({ length: 20 }, (_, at) => `a${at}: { hosts: { h: {} }, networks: [${"10.0.0.0/8, ".repeat(250)}] }`).join(", ")} } } }`,
    ],
    [
      "many names of peers",
      `version: 1\nlinks: { l: { locations: { a: { hosts: { h: {} }, networks: [10.0.0.0/8], peers: [${"b, ".repeat(50_000)}] } } } }`,
    ],
    ["many quotes that stay open", "'\"".repeat(100_000)],
    ["many documents", "---\n".repeat(60_000)],
    ["many comments", "#\n".repeat(140_000)],
  ])("are refused when they are %s", (_, text) => {
    expect(() => parseNetworkFile(text)).toThrow(InputError);
  });
});
