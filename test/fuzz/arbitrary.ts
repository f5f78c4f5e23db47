import fc from "fast-check";

/** What is sent to every entry alike. Mostly picked from lists, since drawing costs more than what is tested. */

/** Any UTF-16 code unit, halves of surrogate pairs among them. */
export const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));

/** Keys that reach into prototypes where an object is used as a map. */
export const prototypeKeys = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "__defineGetter__",
] as const;

const oddTexts = [
  ...prototypeKeys,
  "",
  " ",
  "\t\n",
  "\0",
  "a\0b",
  "\u{1F682}",
  "\uD800",
  "x\uDFFFy",
  "é",
  "e\u0301",
  "\u202Egpj",
  "\u2028",
  "\uFEFF",
  "\uFFFD",
  "ﬀ",
  "İ",
  "0",
  "-1",
  "NaN",
  "null",
  "undefined",
  "[object Object]",
  "true",
  "..",
  "../../etc/passwd",
  "%2e%2e%2f",
  "%00",
  "%E0%A4%A",
  "a/b",
  "\\",
  "'",
  '"',
  "`",
  "{{7*7}}",
  "<script>",
  "' OR 1=1 --",
  "a\r\nX-Injected: 1",
  "-",
  "--",
  "x".repeat(41),
  "x".repeat(64),
  "x".repeat(257),
  "é".repeat(600),
  "x".repeat(8_000),
] as const;

/** A text that nobody expects: empty, long, not ASCII, half a character, a key of prototypes. */
export const oddText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 1, arbitrary: fc.string({ unit: codeUnit, maxLength: 12 }) },
);

/** Numbers at and beyond the edges of what a field can mean. */
export const oddNumber = fc.constantFrom(
  -0,
  -1,
  0.5,
  1,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  8.64e15,
  8.64e15 + 1,
  1e21,
  1e308,
  -1e308,
  5e-324,
);

const nestedValue = fc.integer({ min: 1, max: 40 }).map((depth) => {
  let value: unknown = depth;
  for (let at = 0; at < depth; at++) value = at % 2 === 0 ? [value] : { [prototypeKeys[at % 7] ?? ""]: value };
  return value;
});

/** A map of a few odd keys. `JSON.parse` makes own properties of all of them, and so does this. */
const oddMap = fc
  .array(fc.tuple(oddText, fc.oneof(fc.constantFrom(null, true, 1, "x"), oddNumber)), { maxLength: 4 })
  .map((entries): unknown => Object.fromEntries(entries));

/** A value of JSON that nobody expects. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { a: 1 }, "x".repeat(5_000), Array(300).fill(0)),
  oddNumber,
  oddText,
  oddMap,
  nestedValue,
);

const manyKeys = (count: number) => `{${Array.from({ length: count }, (_, at) => `"k${at}":0`).join(",")}}`;

/** Texts that are no JSON, or JSON that is no object, or one that a careless reader falls over. */
export const oddJson = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom(
      "",
      " \n",
      "null",
      "true",
      "0",
      "-",
      "1e999",
      '"x"',
      '"\\ud800"',
      '"\\u12"',
      "[]",
      "[{}]",
      "{",
      "}",
      "{}{}",
      "{,}",
      "{'a':1}",
      "{a:1}",
      '{"a":}',
      '{"a":1,}',
      '{"a":01}',
      '{"a":1,"a":2}',
      '{"":""}',
      '{"__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"toString":1,"hasOwnProperty":2,"valueOf":3}',
      '{"toJSON":"x"}',
      "NaN",
      "undefined",
      "// x",
      "\uFEFF{}",
      "{}\0",
      "\0",
      "\uD800",
      "a=1&b=2",
      "<?xml version='1.0'?><a/>",
      "--x\r\nContent-Disposition: form-data\r\n\r\n{}\r\n--x--",
    ),
  },
  { weight: 4, arbitrary: fc.string({ unit: codeUnit, maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("[".repeat(30_000), '{"a":'.repeat(9_000), `${"[".repeat(8_000)}${"]".repeat(8_000)}`),
  },
  { weight: 1, arbitrary: fc.constantFrom(manyKeys(200), manyKeys(3_000), `{"${"k".repeat(30_000)}":0}`) },
);

/** Bytes that are no UTF-8, or not what they are said to be. */
export const oddBytes = fc.oneof(
  fc
    .constantFrom(
      [0xff],
      [0x80],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0x7b, 0xff, 0x7d],
      [0x7b, 0x22, 0xc3],
      [0xff, 0xfe, 0x7b, 0x00],
      [0xef, 0xbb, 0xbf, 0x7b, 0x7d],
      [0x1f, 0x8b, 0x08, 0x00],
      [0x00, 0x00, 0x00, 0x00],
    )
    .map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes)),
);

/** How many bytes: near a limit, or far beyond it. */
export const sizeAround = (limit: number) => fc.constantFrom(limit - 1, limit, limit + 1, limit + 2, 2 * limit);

/** Content types, right and wrong; undefined sends none. */
export const anyContentType = fc.constantFrom(
  undefined,
  "application/json",
  "application/json; charset=utf-16",
  "text/plain",
  "text/html",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/octet-stream",
  "application/yaml",
  "",
  "/",
  "a".repeat(2_000),
);

/** Methods; the platform hands any on. */
export const oddMethod = fc.constantFrom(
  "GET",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "HEAD",
  "OPTIONS",
  "put",
  "X",
  "",
  "TRACE",
  "A B",
);
