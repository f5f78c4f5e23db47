import type { LocatedFinding } from "../functions/admin/doctor-schemas.ts";
import { RouteError } from "../shared/domain/errors.ts";
import type { FixAction } from "../shared/domain/finding.ts";
import { systemClock } from "../shared/platform/clock.ts";
import type { OpenFixer } from "../shared/ports/fixer.ts";
import type { Context } from "./context.ts";
import { CliError, exitCodes } from "./exit.ts";
import type { Style } from "./style.ts";

/** One change that is about to be made, as the cloud shows it to the operator's own credentials. */
export type PlannedFix = { readonly action: FixAction; readonly changes: string; readonly isNeeded: boolean };

/** What came of one change. `what`: the change, or why it was not made. */
export type FixedAction = {
  readonly action: FixAction;
  readonly result: "fixed" | "failed";
  readonly what: string;
};

/**
 * What can be switched on of what was found, each setting once, looked at in the cloud. Throws `CliError` when the cloud
 * cannot be asked: nothing was changed then.
 */
export async function planFixes(
  context: Context,
  open: OpenFixer,
  findings: readonly LocatedFinding[],
): Promise<readonly PlannedFix[]> {
  const actions = new Map(findings.flatMap(({ fix }) => (fix === undefined ? [] : [[JSON.stringify(fix), fix]])));
  const plan: PlannedFix[] = [];
  for (const action of actions.values()) {
    try {
      const fixer = await open(action);
      plan.push({ action, ...(await fixer.look(action, context.io.interrupted())) });
    } catch (error) {
      throw cannot(error);
    }
  }
  return plan;
}

/** Makes the changes one after the other, and looks at each again: only what is then as it should be counts as fixed. */
export async function fixAll(
  context: Context,
  open: OpenFixer,
  plan: readonly PlannedFix[],
): Promise<readonly FixedAction[]> {
  const signal = context.io.interrupted();
  const fixed: FixedAction[] = [];
  for (const { action, changes } of plan) {
    if (signal.aborted) break;
    try {
      const fixer = await open(action);
      await fixer.apply(action, signal);
      const after = await fixer.look(action, signal);
      fixed.push(
        after.isNeeded
          ? { action, result: "failed", what: `${changes}: was accepted, but does not show yet` }
          : { action, result: "fixed", what: changes },
      );
    } catch (error) {
      if (!(error instanceof RouteError)) throw error;
      fixed.push({ action, result: "failed", what: `${error.message}; ${error.next}` });
    }
  }
  return fixed;
}

/** The changes, one a line, before anything is asked. */
export function fixText(plan: readonly PlannedFix[], style: Style): string {
  if (plan.length === 0) return "nothing of this can be switched on from here";
  const needed = plan.filter((one) => one.isNeeded);
  if (needed.length === 0) return "what can be switched on from here is on already: examine again";
  return [style.bold("This would be changed, and nothing else:"), ...needed.map((one) => `  ${one.changes}`)].join(
    "\n",
  );
}

/**
 * On the real clock, which calls over a network take. POINTSMAN_AZURE_ENDPOINT and POINTSMAN_OCI_ENDPOINT are other
 * addresses of these clouds' APIs.
 */
export async function openFixers({ world: { env } }: Context): Promise<OpenFixer> {
  const endpoints = { azure: env["POINTSMAN_AZURE_ENDPOINT"], oci: env["POINTSMAN_OCI_ENDPOINT"] };
  return (await import("../shared/providers/fixers.ts")).createFixers(systemClock, endpoints);
}

function cannot(error: unknown): CliError {
  const next = error instanceof RouteError ? error.next : "see that you are logged in to this cloud";
  const message = error instanceof Error ? error.message : String(error);
  return new CliError(exitCodes.failed, "cannot-fix", `nothing was changed: ${message}`, { next, cause: error });
}
