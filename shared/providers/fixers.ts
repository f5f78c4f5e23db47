import type { FixAction } from "../domain/finding.ts";
import type { Clock } from "../ports/clock.ts";
import type { Fixer, OpenFixer } from "../ports/fixer.ts";

/** Other addresses of a cloud's API, as URLs; AWS's SDK reads its own from the environment. */
export type FixEndpoints = { readonly azure?: string | undefined; readonly oci?: string | undefined };

/** Fixers that enter a cloud as its own command line would: with the environment's credentials, profile or login. */
export function createFixers(clock: Clock, endpoints: FixEndpoints): OpenFixer {
  const open = new Map<FixAction["kind"], Promise<Fixer>>();
  return (action) => {
    const fixer = open.get(action.kind) ?? load(action.kind, clock, endpoints);
    open.set(action.kind, fixer);
    return fixer;
  };
}

async function load(kind: FixAction["kind"], clock: Clock, endpoints: FixEndpoints): Promise<Fixer> {
  switch (kind) {
    case "aws-source-dest-check":
      return (await import("./aws/fix.ts")).awsFixer(clock);
    case "azure-ip-forwarding": {
      const { ambientClients, azureFixer } = await import("./azure/fix.ts");
      return azureFixer(clock, ambientClients(clock, endpoints.azure));
    }
    case "oci-skip-source-dest-check": {
      const { ambientClients, ociFixer } = await import("./oci/fix.ts");
      return ociFixer(clock, ambientClients(endpoints.oci));
    }
    default:
      return kind satisfies never;
  }
}
