import { ApiError } from "./errors.ts";
import type { Filter } from "./parameters.ts";

/** How to read the values that a filter looks at, by filter name. `tag:KEY` and `tag-key` come with `tags`. */
export type FilterFields<T> = {
  readonly fields: Readonly<Record<string, (item: T) => readonly string[]>>;
  /** Left out where EC2 knows no filters for tags. */
  readonly tags?: (item: T) => Readonly<Record<string, string>>;
};

const MOST_VALUES = 200;

/** Those that match every filter; a filter is matched by any of its values, in which `*` and `?` are wild. */
export function applyFilters<T>(items: readonly T[], filters: readonly Filter[], known: FilterFields<T>): readonly T[] {
  const tests = filters.map((filter) => {
    if (filter.values.length === 0) {
      throw new ApiError("InvalidParameterValue", `The filter '${filter.name}' has no values`);
    }
    if (filter.values.length > MOST_VALUES) {
      throw new ApiError("FilterLimitExceeded", `The maximum number of filter values is ${MOST_VALUES}`);
    }
    const read = reader(filter.name, known);
    const patterns = filter.values.map(wildcard);
    return (item: T) => read(item).some((value) => patterns.some((pattern) => pattern.test(value)));
  });
  return items.filter((item) => tests.every((test) => test(item)));
}

function reader<T>(name: string, known: FilterFields<T>): (item: T) => readonly string[] {
  const { tags } = known;
  if (name === "tag-key" && tags !== undefined) return (item) => Object.keys(tags(item));
  if (name.startsWith("tag:") && tags !== undefined) {
    const key = name.slice("tag:".length);
    return (item) => {
      const value = tags(item)[key];
      return value === undefined ? [] : [value];
    };
  }
  const field = known.fields[name];
  if (field === undefined) throw new ApiError("InvalidParameterValue", `The filter '${name}' is invalid`);
  return field;
}

/** `*` is any text, `?` any character, and a backslash takes the meaning from the next. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(
    /\\(.)|([*?])|([^*?\\]+)|\\/gs,
    (_, escaped?: string, wild?: string, text?: string) => {
      if (wild !== undefined) return wild === "*" ? ".*" : ".";
      return (escaped ?? text ?? "\\").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    },
  );
  return new RegExp(`^${source}$`, "s");
}
