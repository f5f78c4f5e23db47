import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";

/** Milliseconds that the import of the last entry takes in a new process that has imported the others: the median of `runs`. */
export function medianImportMs(entries: readonly string[], runs: number): number {
  const imports = entries.map((entry) => `await import(${JSON.stringify(pathToFileURL(entry).href)});`);
  const last = imports.pop() ?? "";
  const script = `${imports.join("")}const t = performance.now();${last}console.log(performance.now() - t);process.exit(0);`;
  const env = {
    ...process.env,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    POINTSMAN_TABLE: "t",
    POINTSMAN_SWAP_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/000000000000/swaps.fifo",
    POINTSMAN_TICK_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/000000000000/ticks",
    POINTSMAN_MASTER_KEY_PARAMETER: "/pointsman/bench/master-key",
    POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: "/pointsman/bench/admin-token-hash",
  };
  const times = Array.from({ length: runs }, () => {
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], { env, encoding: "utf8" });
    const timeMs = Number(run.stdout.trim());
    if (run.status !== 0 || Number.isNaN(timeMs)) throw new Error(`the bundle cannot be imported: ${run.stderr}`);
    return timeMs;
  });
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}
