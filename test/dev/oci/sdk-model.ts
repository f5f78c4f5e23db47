import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

const lib = join(dirname(createRequire(import.meta.url).resolve("oci-core")), "lib");

/** A field as the SDK's models declare it; `type` as it is written there. */
export type Field = { readonly type: string; readonly isRequired: boolean };
/** Fields by name, and the values of enumerations by the name of each. */
export type Model = {
  readonly fields: ReadonlyMap<string, Field>;
  readonly enums: ReadonlyMap<string, readonly string[]>;
};

/** `RouteTable` as the names of the SDK's files have it: `route-table`. */
const kebab = (name: string) => name.replace(/(?<=[a-z0-9])[A-Z]/g, "-$&").toLowerCase();

/** A model or request that oci-core ships, read from its declarations. Throws when there is none. */
export function sdkModel(folder: "model" | "request", name: string): Model {
  const file = join(lib, folder, `${kebab(name)}.d.ts`);
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const fields = new Map<string, Field>();
  const enums = new Map<string, readonly string[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isInterfaceDeclaration(node) && node.name.text === name) {
      for (const member of node.members) {
        if (!ts.isPropertySignature(member) || !ts.isStringLiteral(member.name)) continue;
        fields.set(member.name.text, {
          type: member.type?.getText(source) ?? "",
          isRequired: member.questionToken === undefined,
        });
      }
    } else if (ts.isEnumDeclaration(node)) {
      const values = node.members.flatMap(({ initializer }) =>
        initializer !== undefined && ts.isStringLiteral(initializer) ? [initializer.text] : [],
      );
      enums.set(node.name.text, values);
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  if (fields.size === 0) throw new Error(`no ${name} in ${file}`);
  return { fields, enums };
}

const source = readFileSync(join(lib, "client.js"), "utf8");

/** The method, path and answer of an operation, as the SDK's client makes it. Throws when there is none. */
export function sdkOperation(name: string) {
  const start = source.indexOf(`const operationName = "${name[0]?.toLowerCase()}${name.slice(1)}"`);
  if (start < 0) throw new Error(`no operation ${name}`);
  const text = source.slice(start, source.indexOf("return sdkResponse", start));
  const read = (pattern: RegExp) => pattern.exec(text)?.[1] ?? "";
  return {
    method: read(/method: "([A-Z]+)"/),
    path: read(/\bpath: "([^"]+)"/),
    answer: read(/type: "([^"]+)"/),
    headers: [...text.matchAll(/response\.headers\.get\("([^"]+)"\)/g)].map((match) => match[1]),
  };
}

/** What of a value a model does not know or misses, as paths. */
export function misfits(value: unknown, type: string, at: string): readonly string[] {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${at}: no list`];
    return value.flatMap((entry: unknown, index) => misfits(entry, list, `${at}[${index}]`));
  }
  const name = /^model\.(\w+)$/.exec(type)?.[1];
  if (name === undefined) return isPlain(value, type) ? [] : [`${at}: not of ${type}`];
  const { fields, enums } = sdkModel("model", name);
  const given = new Map(Object.entries(value as object));
  const missing = [...fields].filter(([field, { isRequired }]) => isRequired && !given.has(field));
  return [
    ...missing.map(([field]) => `${at}.${field}: missing`),
    ...[...given].flatMap(([field, inner]) => {
      const known = fields.get(field);
      if (known === undefined) return [`${at}.${field}: not in ${name}`];
      const values = enums.get(known.type.split(".").at(-1) ?? "");
      if (values !== undefined) return values.includes(String(inner)) ? [] : [`${at}.${field}: ${String(inner)}`];
      return misfits(inner, known.type, `${at}.${field}`);
    }),
  ];
}

function isPlain(value: unknown, type: string): boolean {
  if (type === "Date") return typeof value === "string" && !Number.isNaN(Date.parse(value));
  if (type.startsWith("{")) return typeof value === "object" && value !== null;
  return typeof value === type;
}
