import { ApiError, invalidValue } from "./errors.ts";

export type Filter = { readonly name: string; readonly values: readonly string[] };

/** The parameters of one call, checked against the names that its action takes. */
export type Parameters = {
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  filters(): readonly Filter[];
  readonly dryRun: boolean;
};

const COMMON = new Set(["Action", "Version"]);

/**
 * Checks a call's form against its action's parameter names, in which `N` stands for a place in a list
 * (`Filter.N.Value.N`). Throws `ApiError` on a name that the action does not know, or that is given twice.
 */
export function readParameters(form: URLSearchParams, accepted: ReadonlySet<string>): Parameters {
  const values = new Map<string, string>();
  for (const [name, value] of form) {
    if (values.has(name)) throw new ApiError("InvalidQueryParameter", `The parameter ${name} is given twice`);
    if (!COMMON.has(name) && !accepted.has(patternOf(name))) {
      throw new ApiError("UnknownParameter", `The parameter ${name} is not recognized`);
    }
    values.set(name, value);
  }

  const list = (name: string): readonly string[] => {
    const found: string[] = [];
    for (let place = 1; ; place++) {
      const value = values.get(`${name}.${place}`);
      if (value === undefined) return found;
      found.push(value);
    }
  };
  const filters = (): readonly Filter[] => {
    const found: Filter[] = [];
    for (let place = 1; ; place++) {
      const name = values.get(`Filter.${place}.Name`);
      if (name === undefined) return found;
      found.push({ name, values: list(`Filter.${place}.Value`) });
    }
  };
  const dryRun = values.get("DryRun") ?? "false";
  if (dryRun !== "true" && dryRun !== "false") throw invalidValue("dryRun", dryRun, "Expecting true or false");
  return { text: (name) => values.get(name), list, filters, dryRun: dryRun === "true" };
}

/** A parameter's name with every place in a list written as `N`. */
export function patternOf(name: string): string {
  return name.replace(/\.[1-9]\d*(?=\.|$)/g, ".N");
}
