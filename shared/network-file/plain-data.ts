import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import { InputError } from "../domain/errors.ts";
import { networkFileLimits } from "../domain/limits.ts";
import { type Path, pathText, valueText } from "./wording.ts";

/** The data of a YAML document, and what was wrong with the way it is written. */
export type YamlData = {
  /** Plain data: every key is a text that names no property of all objects. */
  readonly value: unknown;
  /** The line, from 1, of a value, or of the nearest value around it. */
  lineOf(path: Path): number | undefined;
  readonly flaws: readonly { readonly path: Path; readonly value: unknown; readonly reason: string }[];
};

type Walk = {
  readonly lineAt: (offset: number) => number;
  readonly anchors: Map<string, Node>;
  readonly flaws: { path: Path; value: unknown; reason: string }[];
  values: number;
};

/**
 * Turns YAML nodes into plain data, aliases written out. Tags, repeated keys and unsafe keys are flaws, and left out.
 * Throws `InputError` when that is more than `networkFileLimits` allows. `lineAt` gives the line of an offset.
 */
export function plainData(root: Node | null, lineAt: (offset: number) => number): YamlData {
  const walk: Walk = { lineAt, anchors: new Map(), flaws: [], values: 0 };
  const value = plain(root, [], walk);
  return {
    value,
    flaws: walk.flaws,
    lineOf: (path) => {
      const offset = offsetOf(root, path, walk.anchors);
      return offset === undefined ? undefined : lineAt(offset);
    },
  };
}

function plain(node: unknown, path: Path, walk: Walk): unknown {
  walk.values += 1;
  if (walk.values > networkFileLimits.values) {
    throw tooMuch(path, `more than ${networkFileLimits.values} values with aliases written out: split the network`);
  }
  if (path.length > networkFileLimits.nesting) throw tooMuch(path, "nested too deeply, or an alias inside itself");
  if (isAlias(node)) {
    const named = walk.anchors.get(node.source);
    if (named) return plain(named, path, walk);
    walk.flaws.push({ path, value: `*${node.source}`, reason: "an alias of nothing before it: write the value" });
    return undefined;
  }
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  if (node.tag !== undefined) {
    walk.flaws.push({ path, value: node.tag, reason: "a tag: write the plain value without it" });
  }
  if (isMap(node)) return plainMap(node, path, walk);
  if (isScalar(node)) return node.value;
  return node.items.map((item, place) => plain(item, [...path, place], walk));
}

function plainMap(map: YAMLMap, path: Path, walk: Walk): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  const firstLines = new Map<string, number>();
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? key.value : undefined;
    const offset = startOf(key);
    const line = offset === undefined ? undefined : walk.lineAt(offset);
    if (typeof name !== "string") {
      walk.flaws.push({ path, value: name, reason: "a key that is no plain text: write a name before the colon" });
      continue;
    }
    const place = [...path, name];
    if (isReserved(name)) {
      walk.flaws.push({
        path: place,
        value: name,
        reason: "a name that every object has in JavaScript: choose another",
      });
      continue;
    }
    const firstLine = firstLines.get(name);
    if (firstLine !== undefined) {
      const reason = `stands twice, first on line ${firstLine}: rename or remove one`;
      walk.flaws.push({ path: place, value: name, reason });
    }
    firstLines.set(name, firstLine ?? line ?? 1);
    data[name] = plain(value, place, walk);
  }
  return data;
}

function isReserved(name: string): boolean {
  return name in Object.prototype || name === "prototype";
}

/** Where the value of a path begins, or the nearest around it; of a repeated key the last, whose value counts. */
function offsetOf(root: unknown, path: Path, anchors: ReadonlyMap<string, Node>): number | undefined {
  let node = root;
  let offset: number | undefined;
  for (const part of path) {
    const inside = isAlias(node) ? anchors.get(node.source) : node;
    if (isMap(inside)) {
      const pair = inside.items.findLast(({ key }) => isScalar(key) && key.value === part);
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(inside) && typeof part === "number") {
      node = inside.items[part];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

function tooMuch(path: Path, reason: string): InputError {
  return new InputError([{ field: pathText(path), value: valueText("…"), reason }]);
}
