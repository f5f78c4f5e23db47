import { networkFileLimits } from "../domain/limits.ts";

/** The part of a schema issue that a message is worded from. */
type Issue = { readonly code?: string | undefined; readonly input?: unknown };

const isNothing = (input: unknown): boolean => input === undefined || input === null;

/** Error option of a schema: says what is wrong with what stands there and what to write instead. */
export function wrong(what: string, write: string): { error: (issue: Issue) => string } {
  return { error: (issue) => `${isNothing(issue.input) ? "missing" : what}: write ${write}` };
}

/** Error option of a strict object: as `wrong`, and for a key that it does not know, the keys that it knows. */
export function wrongSection(what: string, keys: readonly string[]): { error: (issue: Issue) => string } {
  const known = keys.join(", ");
  return {
    error: (issue) => {
      if (issue.code === "unrecognized_keys") return `unknown key: write one of ${known}`;
      return `${isNothing(issue.input) ? "missing" : `not ${what}`}: write a map with ${known}`;
    },
  };
}

/** Where a value stands: keys of maps and places in lists, from the top. */
export type Path = readonly (string | number)[];

/** A path as people write it: `links.backbone.locations.us-east.networks[0]`; a key with other characters in quotes. */
export function pathText(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z0-9_-]{1,63}$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${JSON.stringify(shorten(part))}]`;
  }
  return text === "" ? "the file" : text;
}

const shownChars = 60;

function shorten(text: string): string {
  return text.length <= shownChars ? text : `${text.slice(0, shownChars)}…`;
}

/** A value as it is shown in a mistake: short whatever it holds. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") return JSON.stringify(shorten(value));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return `a map of ${Object.keys(value).length}`;
  return String(value);
}

/** Said in place of the mistakes beyond `networkFileLimits.mistakes`. */
export const moreMistakes = `more mistakes than the ${networkFileLimits.mistakes} above: correct those and check again`;
