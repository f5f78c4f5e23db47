import { RouteError } from "../../domain/errors.ts";
import { type CheckName, type Finding, failed, warned } from "../../domain/finding.ts";

/** A group of checks: under which name, and about what, it is told that it could not be made. */
export type Check = readonly [name: CheckName, about: string, make: () => Promise<readonly Finding[]>];

/**
 * What all checks found, made at the same time. One that cannot be made is a finding of its own and does not stop the
 * others; what is no `RouteError` is a fault of ours and thrown.
 */
export async function outcomesOf(checks: readonly Check[]): Promise<readonly Finding[]> {
  const found = await Promise.all(
    checks.map(async ([name, about, make]) => {
      try {
        return await make();
      } catch (error) {
        if (!(error instanceof RouteError)) throw error;
        // What a firewall lets through, a policy gives or a quota leaves is not known then, and all may be well.
        const tell = ["firewall", "permissions", "quota"].includes(name) ? warned : failed;
        return [tell(name, about, `could not be checked: ${error.message}`, error.next)];
      }
    }),
  );
  return found.flat();
}
