import { readFile } from "node:fs/promises";
import type { Network } from "../../shared/domain/network.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Operator } from "./operator.ts";
import type { StartOptions } from "./options.ts";
import { isSample, sampleNetwork, withTimeout } from "./sample-network.ts";
import { type Wait, waitFor } from "./wait.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
/** How long an apply is repeated while hosts that it removes hand over. ms */
const APPLY_MS = 60_000;

/** The network that runs, and in words where it comes from. */
export type InForce = { readonly network: Network; readonly from: string };

type Wanted = { readonly source: string | undefined; readonly from: string };

/**
 * Puts in force what the options ask for: a file, or else what the data folder has, or else the sample. Throws the
 * CLI's `CliError` with every mistake of the file, or why it cannot be applied.
 */
export async function putInForce(
  runtime: Runtime,
  operator: Operator,
  options: Pick<StartOptions, "network" | "timeoutMs" | "clouds">,
  wait: Wait,
): Promise<InForce> {
  const before = (await runtime.store.readNetwork()).value;
  const wanted = await wantedNetwork(options, before.network.version === 0 ? undefined : before.source);
  const { source } = wanted;
  if (source !== undefined) {
    await waitFor(
      wait,
      APPLY_MS,
      () => "waiting until hosts that the new network removes have handed over",
      async () => ((await operator.apply(source, wanted.from)).state === "switching" ? undefined : true),
    );
  }
  const { network } = (await runtime.store.readNetwork()).value;
  runtime.clouds.seed(network);
  return { network, from: wanted.from };
}

async function wantedNetwork(
  options: Pick<StartOptions, "network" | "timeoutMs" | "clouds">,
  stored: string | undefined,
): Promise<Wanted> {
  const { timeoutMs, clouds } = options;
  const timed = (source: string) => (timeoutMs === undefined ? source : withTimeout(source, timeoutMs));
  if (options.network !== undefined) {
    return { source: timed(await readFile(options.network, "utf8")), from: options.network };
  }
  if (stored === undefined || clouds !== undefined || (isSample(stored) && timeoutMs !== undefined)) {
    return { source: sampleNetwork(timeoutMs ?? DEFAULT_TIMEOUT_MS, clouds), from: "sample" };
  }
  if (timeoutMs !== undefined) return { source: timed(stored), from: "from the data folder, other time-out" };
  return { source: undefined, from: isSample(stored) ? "sample" : "from the data folder" };
}
