import { relative, resolve } from "node:path";
import { systemIo } from "../cli/io.ts";
import { systemClock } from "../shared/platform/clock.ts";
import { systemRandom } from "../shared/platform/random.ts";
import { readOptions } from "./demo/options.ts";

process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
process.exitCode = await main();

async function main(): Promise<number> {
  const io = systemIo(process.env);
  const asked = readOptions(process.argv.slice(2), io);
  if (asked.kind === "end") return asked.exitCode;
  const { options } = asked;
  io.err("Starting …");

  const interrupted = new AbortController();
  const interrupt = () => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  // npm changes to the package's folder, but a path is meant from where the user stands.
  const from = process.env["INIT_CWD"] ?? process.cwd();
  const [{ run }, { deployedFunctions }] = await Promise.all([
    import("./demo/run.ts"),
    import("../serve/functions.ts"),
  ]);
  return run(
    {
      ...options,
      data: options.data === ".pointsman" ? resolve(options.data) : resolve(from, options.data),
      network: options.network === undefined ? undefined : resolve(from, options.network),
    },
    {
      io,
      clock: systemClock,
      random: systemRandom,
      functions: deployedFunctions,
      interrupted: interrupted.signal,
      path: (path) => {
        const short = relative(process.cwd(), path);
        return short.startsWith("..") ? path : short;
      },
    },
  );
}
