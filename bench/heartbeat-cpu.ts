import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle } from "./bundle.ts";
import type { HeartbeatTimes } from "./heartbeat-run.ts";
import { type Bench, ratioRow } from "./row.ts";

/** Each host writes once in this time. */
const persistSeconds = 5;
/** Writes come every 5 s and the pulse every 9 s: after this time all heartbeats come again in the same order. */
const roundSeconds = 45;
const warmRounds = 60;
const rounds = 200;

/** Heartbeats a second through the whole handler, against a floor that only verifies a signature and seals an answer. */
export const heartbeatCpu: Bench = {
  name: "heartbeat.cpu",
  async run(note) {
    const measured = (await measure(2, warmRounds + rounds, roundSeconds)).slice(warmRounds);
    const wholeUs = typical(measured, (times) => times.wholeUs);
    const floorUs = typical(measured, (times) => times.floorUs);
    note(`${wholeUs.toFixed(1)} µs a heartbeat, ${floorUs.toFixed(1)} µs its floor, in turn with each other`);
    note(`means of ${roundSeconds} simulated seconds; each heartbeat the median of ${rounds} that are like it`);
    return [ratioRow("heartbeat.cpu", 1e6 / wholeUs, "heartbeats/s", 1e6 / floorUs, { least: 0.4 })];
  },
};

/** Time of one heartbeat of a mesh of `locations` with two hosts each, in µs; about `count` are measured. */
export async function measureCpuUs(locations: number, count: number): Promise<number> {
  const wanted = Math.ceil(count / (locations * 2 * persistSeconds));
  const warm = Math.ceil(wanted / 4);
  return typical((await measure(locations, warm + wanted, persistSeconds)).slice(warm), (times) => times.wholeUs);
}

/** Runs the handler as it is deployed: bundled and minified, without what a development loader puts around functions. */
async function measure(
  locations: number,
  blocks: number,
  blockSeconds: number,
): Promise<readonly (readonly HeartbeatTimes[])[]> {
  const folder = mkdtempSync(join(tmpdir(), "pointsman-cpu-"));
  try {
    const { entry } = await bundle(fileURLToPath(new URL("heartbeat-run.ts", import.meta.url)), folder, {});
    const run: typeof import("./heartbeat-run.ts") = await import(pathToFileURL(entry).href);
    return await run.measureHeartbeats(locations, blocks, blockSeconds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The mean of a block whose heartbeats each take the median of those in their place in all blocks: other work of the
 * machine, and collections of garbage that fall on one side by chance, do not count.
 */
function typical(blocks: readonly (readonly HeartbeatTimes[])[], timeOf: (times: HeartbeatTimes) => number): number {
  const places = blocks[0] ?? [];
  const medians = places.map((_, at) => median(blocks.flatMap((block) => block.slice(at, at + 1).map(timeOf))));
  return medians.reduce((sum, value) => sum + value, 0) / medians.length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
