import type * as z from "zod/mini";
import { InputError, type Mistake } from "../domain/errors.ts";
import { networkFileLimits } from "../domain/limits.ts";
import type { YamlData } from "./plain-data.ts";
import { moreMistakes, type Path, pathText, valueText } from "./wording.ts";

/** Gathers mistakes up to the bound, each field and reason once. */
export type MistakeList = {
  /** Notes a mistake; `value` in place of what stands at the path. */
  add(path: Path, reason: string, value?: unknown): void;
  /** Whether further mistakes would not be shown, so that looking for them is no use. */
  isFull(): boolean;
  isEmpty(): boolean;
  /** All of them, in order of line. */
  toError(): InputError;
};

/** A list for the data of a file, with what is wrong in its writing: a value that has a flaw is not judged further. */
export function mistakeList({ value: data, lineOf, flaws }: YamlData): MistakeList {
  const flawed = new Set(flaws.map(({ path }) => pathText(path)));
  const found = new Map<string, Mistake>();
  let isCut = false;
  const note = (path: Path, reason: string, value: unknown) => {
    const field = pathText(path);
    const key = `${field}\n${reason}`;
    if (found.has(key)) return;
    if (found.size >= networkFileLimits.mistakes) {
      isCut = true;
      return;
    }
    const line = lineOf(path);
    found.set(key, { field, value: valueText(value), reason, ...(line === undefined ? {} : { line }) });
  };
  for (const { path, reason, value } of flaws) note(path, reason, value);
  return {
    add(path, reason, value = valueAt(data, path)) {
      if (!flawed.has(pathText(path))) note(path, reason, value);
    },
    isFull: () => isCut,
    isEmpty: () => found.size === 0,
    toError() {
      const sorted = [...found.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
      if (isCut) sorted.push({ field: "the file", value: "…", reason: moreMistakes });
      return new InputError(sorted);
    },
  };
}

type Issue = z.core.$ZodIssue;

/** Adds what a schema found wrong with the data, each at its own path. */
export function addIssues(list: MistakeList, issues: readonly Issue[], at: Path = []): void {
  for (const issue of issues) {
    const path = [...at, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
    switch (issue.code) {
      case "unrecognized_keys":
        for (const key of issue.keys) list.add([...path, key], issue.message);
        break;
      case "invalid_key":
        list.add(path, issue.issues[0]?.message ?? issue.message, path.at(-1));
        break;
      case "invalid_union":
        addIssues(list, fittingBranch(issue), path);
        if (fittingBranch(issue).length === 0) list.add(path, issue.message);
        break;
      case "invalid_type":
        // The name of a location is a schema of the domain, that has no words for a value of another type.
        list.add(path, issue.message === "Invalid input" ? "not a text: put it in quotes" : issue.message);
        break;
      default:
        list.add(path, issue.message);
    }
  }
}

/** The mistakes of the branch of a union that fits on the outside; none if no branch does. */
function fittingBranch({ errors }: Extract<Issue, { code: "invalid_union" }>): readonly Issue[] {
  const outside = new Set(["invalid_type", "invalid_value"]);
  return errors.find((branch) => branch.every(({ path, code }) => path.length > 0 || !outside.has(code))) ?? [];
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
