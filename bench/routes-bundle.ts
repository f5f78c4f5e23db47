import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProviderName } from "../shared/domain/clouds/cloud.ts";
import { bundle } from "./bundle.ts";
import { medianImportMs } from "./import-time.ts";
import { type Bench, plainRow, ratioRow } from "./row.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const imports = 7;
const providers: readonly ProviderName[] = ["aws", "azure", "gcp", "oci", "hetzner"];

/**
 * What the routes function loads before any cloud, and then with the first location of each: KB, and ms of import. The
 * floor of every provider is that of AWS.
 */
export const routesBundle: Bench = {
  name: "routes.bundle",
  async run(note) {
    const folder = mkdtempSync(join(tmpdir(), "pointsman-bundle-"));
    try {
      const whole = await bundle(join(root, "functions/routes/aws.ts"), join(folder, "routes"), {});
      note(`importing each part ${imports} times in a process of its own …`);
      const figures = providers.map((provider) => {
        const part = whole.part(`shared/providers/${provider}/open.ts`);
        if (part === undefined) throw new Error(`${provider} is loaded with the function, not when it is needed`);
        return { provider, kb: part.bytes / 1024, ms: medianImportMs([whole.entry, part.entry], imports) };
      });
      const [floor] = figures;
      return [
        plainRow("routes.bundle.size", whole.bytes / 1024, "KB"),
        plainRow("routes.bundle.import", medianImportMs([whole.entry], imports), "ms"),
        ...figures.flatMap(({ provider, kb, ms }) => [
          ratioRow(`routes.bundle.${provider}.size`, kb, "KB", floor?.kb ?? Number.NaN),
          ratioRow(`routes.bundle.${provider}.import`, ms, "ms", floor?.ms ?? Number.NaN),
        ]),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
