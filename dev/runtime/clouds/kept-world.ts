import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import * as z from "zod/mini";
import { FolderError } from "../../../serve/folder-lock.ts";
import type { Clock } from "../../../shared/ports/clock.ts";

/** What an emulator keeps, as plain JSON. */
type Keepable = { dump(): object; restore(world: never): void };

const SAVE_EVERY_MS = 2_000;
const Kept = z.record(z.string(), z.unknown());

/**
 * Keeps an emulator's world in a file from one run to the next. `fresh`: parts that each run makes anew, such as the
 * keys that it takes. Returns what saves it a last time and ends. Throws `FolderError` when the file is damaged.
 */
export async function keepWorld(
  emulator: Keepable,
  path: string,
  clock: Clock,
  fresh: readonly string[] = [],
): Promise<() => Promise<void>> {
  if (existsSync(path)) await restore(emulator, path, fresh);
  const saving = new AbortController();
  const saved = saveWhile(emulator, path, clock, saving.signal);
  return async () => {
    saving.abort();
    await saved;
  };
}

async function restore(emulator: Keepable, path: string, fresh: readonly string[]): Promise<void> {
  const made = Kept.parse(emulator.dump());
  const keys = Object.fromEntries(fresh.map((part) => [part, made[part]]));
  try {
    const kept = Kept.parse(JSON.parse(await readFile(path, "utf8")));
    emulator.restore({ ...kept, ...keys } as never);
  } catch (cause) {
    throw new FolderError(`${path} is damaged: remove it, and the emulated routes are made again`, { cause });
  }
}

/** Saves the world whenever it changed, and a last time at the end. */
async function saveWhile(emulator: Keepable, path: string, clock: Clock, signal: AbortSignal): Promise<void> {
  let written = "";
  for (let isLast = false; !isLast; ) {
    await clock.sleep(SAVE_EVERY_MS, signal);
    isLast = signal.aborted;
    const text = JSON.stringify(emulator.dump());
    if (text === written) continue;
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
    written = text;
  }
}
