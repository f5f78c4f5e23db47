import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { NewItem, StoredItem } from "../../shared/ports/database.ts";

/**
 * What a release left behind: the table as `aws dynamodb scan` prints it, when that was, and what stood in the cloud's
 * route tables then, by `table destination`.
 */
export type ReleaseData = {
  readonly release: string;
  readonly atMs: number;
  readonly items: readonly Attributes[];
  readonly routes: Readonly<Record<string, string>>;
};
export type Attributes = Record<string, AttributeValue>;

/** An item in the layout of the table. */
export function toAttributes(item: StoredItem, expiresAtS: number | undefined): Attributes {
  const { key, revision, schema, data } = item;
  const expiry = expiresAtS === undefined ? {} : { x: expiresAtS };
  return marshall({ ...key, r: revision, v: schema, w: "token", ...expiry, d: data }, { removeUndefinedValues: true });
}

/** What it takes to put an item of a table into another database. */
export function toNewItem(attributes: Attributes): NewItem {
  const { pk, sk, v, x, d } = unmarshall(attributes);
  const item = { key: { pk: String(pk), sk: String(sk) }, schema: Number(v), data: d as NewItem["data"] };
  return x === undefined ? item : { ...item, expiresAtS: Number(x) };
}

/** As JSON, bytes in base64 as the AWS command line prints them, an item a line. */
export function toText({ release, atMs, items, routes }: ReleaseData): string {
  const lines = items.map((item) => `    ${JSON.stringify(plain(item))}`);
  const rest = JSON.stringify({ release, atMs, routes }, null, 2).replace(/^\{\n|\n\}$/g, "");
  return `{\n${rest},\n  "items": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

/** Reads what `toText` wrote. */
export function fromText(text: string): ReleaseData {
  return JSON.parse(text, (name, value: unknown) =>
    name === "B" && typeof value === "string" ? new Uint8Array(Buffer.from(value, "base64")) : value,
  ) as ReleaseData;
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}
