import { limits } from "../../domain/limits.ts";

/**
 * A name for the route to a destination, such as `pointsman-10.9.0.0-16`: Azure keys routes by name, and putting one
 * under a name that is there overwrites it. `taken`: the names in the table, in lower case.
 */
export function freeName(destination: string, taken: ReadonlySet<string>): string {
  const base = `pointsman-${destination.replace(/[^a-z0-9.]+/gi, "-")}`.slice(0, limits.azureRouteNameChars - 4);
  for (let count = 1; ; count++) {
    const name = count === 1 ? base : `${base}-${count}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}
