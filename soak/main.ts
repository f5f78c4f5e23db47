import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError } from "../cli/exit.ts";
import { systemIo } from "../cli/io.ts";
import { systemClock } from "../shared/platform/clock.ts";
import { systemRandom } from "../shared/platform/random.ts";
import { readSoakOptions } from "./options.ts";
import { reportText } from "./report.ts";
import { soak } from "./run/run.ts";

process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
process.exit(await main());

async function main(): Promise<number> {
  const io = systemIo(process.env);
  const asked = readSoakOptions(process.argv.slice(2), io);
  if (asked.kind === "end") return asked.exitCode;
  const { options } = asked;
  const interrupted = new AbortController();
  process.on("SIGINT", () => interrupted.abort());
  process.on("SIGTERM", () => interrupted.abort());
  const folder = await mkdtemp(join(tmpdir(), "pointsman-soak-"));
  let isKept = options.keep;
  try {
    const report = await soak(options, {
      folder,
      clock: systemClock,
      random: systemRandom,
      signal: interrupted.signal,
      tell: (text) => io.err(`  ${text}`),
    });
    isKept ||= !report.ok;
    io.out(options.json ? JSON.stringify(report, null, 2) : reportText(report));
    return report.ok ? 0 : 1;
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    isKept = true;
    io.err(`npm run soak: ${error instanceof CliError ? `${error.message}: ${error.next}` : String(error)}`);
    io.err(`  logs are kept in ${folder}`);
    return 1;
  } finally {
    if (!isKept) await rm(folder, { recursive: true, force: true });
  }
}
