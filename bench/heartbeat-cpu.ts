import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle } from "./bundle.ts";
import type { HeartbeatTimes } from "./heartbeat-run.ts";
import { type Bench, ratioRow } from "./row.ts";

const warmBlocks = 400;
const blocks = 1_000;
/** As long as a record without news may stay unwritten: each host writes once a block. */
const blockSeconds = 5;

/** Heartbeats a second through the whole handler, against a floor that only verifies a signature and seals an answer. */
export const heartbeatCpu: Bench = {
  name: "heartbeat.cpu",
  async run(note) {
    const times = (await measure(2, warmBlocks + blocks)).slice(warmBlocks);
    const wholeUs = median(times.map((time) => time.wholeUs));
    const floorUs = median(times.map((time) => time.floorUs));
    note(`${wholeUs.toFixed(1)} µs a heartbeat, ${floorUs.toFixed(1)} µs its floor, in turn with each other`);
    note(`medians of ${blocks} times ${blockSeconds} simulated seconds`);
    return [ratioRow("heartbeat.cpu", 1e6 / wholeUs, "heartbeats/s", 1e6 / floorUs, { least: 0.4 })];
  },
};

/** Time of one heartbeat of a mesh of `locations` with two hosts each, in µs. */
export async function measureCpuUs(locations: number, count: number): Promise<number> {
  const wanted = Math.max(1, Math.ceil(count / (locations * 2 * blockSeconds)));
  const warm = Math.ceil(wanted / 4);
  return median((await measure(locations, warm + wanted)).slice(warm).map((time) => time.wholeUs));
}

/** Runs the handler as it is deployed: bundled and minified, without what a development loader puts around functions. */
async function measure(locations: number, count: number): Promise<readonly HeartbeatTimes[]> {
  const folder = mkdtempSync(join(tmpdir(), "pointsman-cpu-"));
  try {
    const { entry } = await bundle(fileURLToPath(new URL("heartbeat-run.ts", import.meta.url)), folder, {});
    const run: typeof import("./heartbeat-run.ts") = await import(pathToFileURL(entry).href);
    return await run.measureHeartbeats(locations, count, blockSeconds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The middle value: other work of the machine, and collections of garbage that fall on one side by chance, do not count. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
