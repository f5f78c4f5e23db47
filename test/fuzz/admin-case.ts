import fc from "fast-check";
import { adminRoutes } from "../../functions/admin/admin.ts";
import { limits } from "../../shared/domain/limits.ts";
import { sampleFile } from "../admin/world.ts";
import { anyContentType, oddBytes, oddJson, oddMethod, oddText, oddValue } from "./arbitrary.ts";
import { anySpoil, type Sent } from "./http-event.ts";

/** Network files: right ones that change little or much, and ones with mistakes. */
const anyFile = fc.oneof(
  { weight: 3, arbitrary: fc.constant(sampleFile) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      sampleFile.replace("priority: 10", "priority: 11"),
      sampleFile.replace("  backbone:\n", "  backbone:\n    online: false\n"),
      sampleFile.slice(0, sampleFile.indexOf("      office:")),
      ...Array<string>(4).fill(sampleFile.replace(/ {10}a1: .*\n/, "")),
      "version: 1\nlinks: {}\n",
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      sampleFile.replace("10.1.0.0/16", "10.1.0.1/16"),
      sampleFile.replace("vpc-0a1", "vnet-1"),
      sampleFile.replace("hosts:", "__proto__: { polluted: true }\n        hosts:"),
      "version: 2",
      "&a [*a]",
      "[".repeat(300),
      "\tversion: 1",
      "version: 1\nlinks:\n  constructor: { locations: {} }\n",
      "x".repeat(5_000),
    ),
  },
  { weight: 1, arbitrary: oddText },
);

/** A value for every field that some call takes, right for it more often than not. */
const anyFields = fc.record({
  file: anyFile,
  expectVersion: fc.constantFrom(undefined, undefined, undefined, undefined, 1, 2, 7),
  allowRemove: fc.boolean(),
  why: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(undefined, undefined, "", "kernel update", "x".repeat(500), "x".repeat(501)),
    },
    { weight: 1, arbitrary: oddText },
  ),
  host: fc.constantFrom("a1", "a1", "a2", "a2", "b1", "router", "nobody"),
  link: fc.constantFrom(undefined, undefined, "backbone", "nothing"),
  location: fc.constantFrom(undefined, undefined, "backbone/us-east", "backbone/nothing", "nothing"),
  table: fc.constantFrom(undefined, undefined, undefined, "rtb-0a1", "rtb-other", "x".repeat(101)),
  destination: fc.constantFrom(undefined, undefined, undefined, "10.1.0.0/16", "10.1.0.1/16", "::/0"),
  untilMs: fc.constantFrom(undefined, undefined, 0, 8.64e15, -1),
  graceMs: fc.constantFrom(
    undefined,
    undefined,
    3_600_000,
    3_600_000,
    0,
    1_000,
    limits.rotationGraceMaxMs,
    limits.rotationGraceMaxMs + 1,
  ),
  force: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, undefined, true, false),
});
type Fields = typeof anyFields extends fc.Arbitrary<infer T> ? T : never;

/** What each call takes, by its path without parameters. */
const fieldsOf: Readonly<Record<string, readonly (keyof Fields)[]>> = {
  validate: ["file"],
  plan: ["file"],
  apply: ["file", "expectVersion", "allowRemove", "why"],
  switchover: ["host", "why"],
  pin: ["host", "why"],
  unpin: ["why"],
  drain: ["host", "why"],
  undrain: ["host", "why"],
  pause: ["link", "why"],
  resume: ["link", "why"],
  "rotate/host": ["graceMs", "force", "why"],
  "rotate/link": ["why"],
  adopt: ["table", "destination", "why"],
  doctor: ["location"],
  "orphans/forget": ["link", "table", "untilMs", "why"],
};

type Place = readonly [string, string, string];
const anyPlace = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.constantFrom<Place>(
      ...Array<Place>(4).fill(["backbone", "us-east", "a1"]),
      ...Array<Place>(2).fill(["backbone", "us-east", "a2"]),
      ["backbone", "us-west", "b1"],
      ["backbone", "us-west", "b2"],
      ["backbone", "office", "router"],
      ["backbone", "us-east", "nobody"],
      ["backbone", "nowhere", "a1"],
      ["nothing", "us-east", "a1"],
    ),
  },
  { weight: 1, arbitrary: fc.tuple(oddText, oddText, oddText).map((names): Place => names) },
);

const anyQuery = fc.oneof(
  { weight: 4, arbitrary: fc.constant("") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "since=0",
      "since=99999999999999",
      "since=-1",
      "since=1e9",
      "cursor=1.AAAA",
      "cursor=1.____",
      "cursor=..",
      `cursor=1.${"A".repeat(1_500)}`,
      `cursor=1.${"A".repeat(1_501)}`,
      "since=1&since=2",
      "__proto__=1",
      "constructor=1&toString=2",
      "link=backbone&table=rtb-0a1",
      "link=nothing",
      "secrets=true",
      "secrets=1",
      "%E0%A4%A",
      "&&==",
    ),
  },
  { weight: 1, arbitrary: oddText.map((text) => `since=${text}&${text}`) },
);

/** How the caller shows who he is. */
export type Auth = "right" | "wrong" | "none" | "odd";
const weighted = <T>(...lots: readonly (readonly [number, T])[]) =>
  fc.oneof(...lots.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

/** Every call; apply, which can come out in the most ways, three times as often. */
const isApply = ({ path }: { readonly path: string }) => path.endsWith("/apply");
const lines = adminRoutes.map(({ method, path }) => ({ method, path }));

export const anyAdminCase = fc.record({
  via: fc.constantFrom("url", "http-api", "web"),
  line: fc.constantFrom(...lines, ...lines.filter(isApply), ...lines.filter(isApply)),
  auth: weighted<Auth>([16, "right"], [1, "wrong"], [1, "none"], [1, "odd"]),
  oddAuth: fc.oneof(oddText, fc.constantFrom("Basic cG06cG0=", "Bearer", "Bearer  ", "bearer x", "Bearer a,Bearer b")),
  operator: fc.oneof(
    { weight: 19, arbitrary: fc.constantFrom(undefined, "maria", "anna.ek@example.net") },
    { weight: 1, arbitrary: oddText },
  ),
  method: fc.oneof({ weight: 25, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: oddMethod }),
  /** What comes behind the right path. */
  tail: weighted([40, ""], [1, "/"], [1, "/x"], [1, "/../network"], [1, "%2f"], [1, "\0"], [1, "?x#y"]),
  place: anyPlace,
  query: anyQuery,
  fields: anyFields,
  /** What becomes of the body: as it is, a field replaced or added, or another body altogether. */
  twist: fc.oneof(
    { weight: 12, arbitrary: fc.constant({ kind: "none" as const }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("field" as const), at: fc.nat(3), value: oddValue }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("key" as const), key: oddText, value: oddValue }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("body" as const), body: fc.oneof(oddJson, oddBytes) }) },
  ),
  contentType: anyContentType,
  spoil: fc.oneof({ weight: 40, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: anySpoil }),
});
export type AdminCase = typeof anyAdminCase extends fc.Arbitrary<infer T> ? T : never;

/** A device is asked for where there is one, as often as hosts with agents are elsewhere. */
function placeFor({ line, place }: AdminCase): Place {
  const isAgent = place[0] === "backbone" && place[1] === "us-east" && place[2] === "a1";
  return isAgent && line.path.includes("/device/") ? ["backbone", "office", "router"] : place;
}

/** The request of a case. `token` is the right one, `examination` one that was begun. */
export function adminRequest(drawn: AdminCase, token: string, examination: string): Sent {
  const { line, tail, query, operator, contentType } = drawn;
  const [link, location, host] = placeFor(drawn).map(encoded);
  const path = line.path
    .replace("{id}", examination)
    .replace("{link}", () => link ?? "")
    .replace("{location}", () => location ?? "")
    .replace("{host}", () => host ?? "");
  const authorization = { right: `Bearer ${token}`, wrong: "Bearer wrong", none: undefined, odd: drawn.oddAuth }[
    drawn.auth
  ];
  const headers = {
    ...(authorization === undefined ? {} : { authorization }),
    ...(operator === undefined ? {} : { "pointsman-operator": operator }),
    ...(contentType === undefined ? {} : { "content-type": contentType }),
  };
  const method = drawn.method ?? line.method;
  return { method, path: path + tail, query, headers, body: line.method === "POST" ? bodyOf(drawn) : "" };
}

function bodyOf({ line, fields, twist }: AdminCase): string | Buffer {
  if (twist.kind === "body") return twist.body;
  const name = line.path.replace("/admin/v1/", "").replace(/\/\{.*/, "");
  const names = fieldsOf[name];
  if (names === undefined) throw new Error(`no fields of ${name}`);
  const right = Object.fromEntries(names.map((field) => [field, fields[field]]));
  if (twist.kind === "none") return JSON.stringify(right);
  const at = twist.kind === "key" ? twist.key : (names[twist.at % names.length] ?? "");
  return JSON.stringify(Object.fromEntries([...Object.entries(right), [at, twist.value]]));
}

/** A name as a part of a path, as the command does it; one that has no such form as it is. */
function encoded(name: string): string {
  try {
    return encodeURIComponent(name);
  } catch {
    return name;
  }
}
