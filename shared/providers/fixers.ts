import type { FixAction } from "../domain/finding.ts";
import type { Clock } from "../ports/clock.ts";
import type { Fixer, OpenFixer } from "../ports/fixer.ts";

/** Fixers that enter a cloud as its own command line would: with the environment's credentials, profile or login. */
export function createFixers(clock: Clock): OpenFixer {
  const open = new Map<FixAction["kind"], Promise<Fixer>>();
  return (action) => {
    const fixer = open.get(action.kind) ?? load(action.kind, clock);
    open.set(action.kind, fixer);
    return fixer;
  };
}

async function load(kind: FixAction["kind"], clock: Clock): Promise<Fixer> {
  switch (kind) {
    case "aws-source-dest-check":
      return (await import("./aws/fix.ts")).awsFixer(clock);
    case "azure-ip-forwarding":
      return (await import("./azure/fix.ts")).azureFixer(clock);
    case "oci-skip-source-dest-check":
      return (await import("./oci/fix.ts")).ociFixer(clock);
    default:
      return kind satisfies never;
  }
}
