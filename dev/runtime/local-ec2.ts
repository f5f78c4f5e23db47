import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { EC2Client } from "@aws-sdk/client-ec2";
import type { Network } from "../../shared/domain/network.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { createEc2Emulator, type Ec2Emulator } from "../emulators/ec2/emulator.ts";
import { serveEc2 } from "../emulators/ec2/server.ts";
import { DEFAULT_ACCOUNT, type WorldSeed } from "../emulators/ec2/world.ts";
import { missingFrom, worldOf } from "./aws-world.ts";
import { FolderError } from "./folder-lock.ts";

export type LocalEc2 = {
  readonly url: string;
  readonly emulator: Ec2Emulator;
  /** Makes what a network names and the emulator does not have. */
  seed(network: Network): void;
  /** A client of the real SDK for a region, that sees what an account sees; whoever asks for it destroys it. */
  client(region: string, account?: string): EC2Client;
  stop(): Promise<void>;
};

/**
 * The EC2 emulator behind HTTP on a loopback port, kept in a file from one run to the next.
 * Throws `FolderError` when the file is damaged.
 */
export async function startLocalEc2(options: {
  readonly clock: Clock;
  readonly path: string;
  readonly port: number;
}): Promise<LocalEc2> {
  const { clock, path } = options;
  const emulator = createEc2Emulator({ clock });
  if (existsSync(path)) emulator.restore(await readWorld(path));
  const server = await serveEc2(emulator, options.port).catch(() => serveEc2(emulator, 0));
  const saving = new AbortController();
  const saved = saveWhile(emulator, path, clock, saving.signal);

  return {
    url: server.url,
    emulator,
    seed: (network) => emulator.seed(missingFrom(emulator.dump(), worldOf(network))),
    client(region, account = DEFAULT_ACCOUNT) {
      const accessKeyId = account === DEFAULT_ACCOUNT ? "local" : `local${account}`;
      if (account !== DEFAULT_ACCOUNT) emulator.seed({ accessKeys: { [accessKeyId]: account } });
      return new EC2Client({ region, endpoint: server.url, credentials: { accessKeyId, secretAccessKey: "local" } });
    },
    async stop() {
      saving.abort();
      await saved;
      await server.close();
    },
  };
}

const SAVE_EVERY_MS = 2_000;

/** Saves the world whenever it changed, and a last time at the end. */
async function saveWhile(emulator: Ec2Emulator, path: string, clock: Clock, signal: AbortSignal): Promise<void> {
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

async function readWorld(path: string): Promise<WorldSeed> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as WorldSeed;
  } catch (cause) {
    throw new FolderError(`${path} is damaged: remove it, and the emulated routes are made again`, { cause });
  }
}
