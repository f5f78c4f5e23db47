import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PERMISSIONS } from "../../../shared/providers/oci/errors.ts";

const STATEMENT =
  /^Allow group pointsman to (?:inspect|read|use|manage) [a-z-]+ in compartment network where (?:any \{(.+)\}|(.+))$/;

/** The permissions that a policy file gives. Throws for a statement that gives more than it names. */
export function permissionsIn(file: string): ReadonlySet<string> {
  const path = fileURLToPath(new URL(`../../../deploy/policies/${file}`, import.meta.url));
  const statements = JSON.parse(readFileSync(path, "utf8")) as string[];
  const permissions = statements.flatMap((statement) => {
    const [, many, one] = STATEMENT.exec(statement) ?? [];
    const conditions = (many ?? one ?? "").split(", ");
    return conditions.map((condition) => {
      const permission = /^request\.permission = '([A-Z_]+)'$/.exec(condition)?.[1];
      if (permission === undefined) throw new Error(`not one permission: ${statement}`);
      return permission;
    });
  });
  return new Set(permissions);
}

/** The permissions that calls need. Throws for a call that no permission is known for. */
export function permissionsOf(operations: Iterable<string>): ReadonlySet<string> {
  const known: Readonly<Record<string, readonly string[]>> = PERMISSIONS;
  return new Set(
    [...operations].flatMap((operation) => {
      const needed = known[operation];
      if (needed === undefined) throw new Error(`no permission is known for ${operation}`);
      return needed;
    }),
  );
}
