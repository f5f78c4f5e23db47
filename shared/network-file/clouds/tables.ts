import * as z from "zod/mini";
import type { RouteTables } from "../../domain/clouds/route-tables.ts";
import { networkFileLimits } from "../../domain/limits.ts";
import { wrong, wrongSection } from "../wording.ts";

const tag = wrong("not a tag", '"key=value", such as "pointsman:routes=backbone"');
const many = networkFileLimits.routeTables;
const tables = wrong("not route tables", 'a list of ids, { tag: "key=value" }, or all');

export const TagTables = z.strictObject(
  { tag: z.string(tag).check(z.regex(/^[^=]{1,128}=.{0,256}$/, tag)) },
  wrongSection("a choice of route tables", ["tag"]),
);

/** A choice of route tables: ids that look like `id`, a tag, or all of the network. */
export function routeTables(id: RegExp, example: string) {
  const table = wrong("not the id of a route table", `one such as ${example}`);
  return z.union(
    [
      z
        .array(z.string(table).check(z.regex(id, table)))
        .check(
          z.minLength(1, wrong("an empty list", "at least one id, or all")),
          z.maxLength(many, `more than ${many} route tables, AWS's quota of a VPC: write fewer ids, or all`),
        ),
      TagTables,
      z.literal("all", tables),
    ],
    tables,
  );
}

export type RouteTablesSection = z.infer<ReturnType<typeof routeTables>>;

/** The choice as it is stored; `idOf` makes the cloud's own id of what the file says. */
export function compileTables(tables: RouteTablesSection, idOf = (id: string): string => id): RouteTables {
  if (tables === "all") return { by: "network" };
  if (Array.isArray(tables)) return { by: "id", ids: [...new Set(tables.map(idOf))].sort() };
  const equals = tables.tag.indexOf("=");
  return { by: "tag", key: tables.tag.slice(0, equals), value: tables.tag.slice(equals + 1) };
}

const secret = wrong("not the name of a secret", "the name or ARN of a secret in AWS Secrets Manager");

/** Name or ARN of a secret. */
export const secretText = () => z.string(secret).check(z.regex(/^[A-Za-z0-9/_+=.@:-]{1,512}$/, secret));
