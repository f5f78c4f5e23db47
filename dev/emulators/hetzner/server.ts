import { type EmulatorServer, serveEmulator } from "../common/http-server.ts";
import type { HetznerEmulator } from "./emulator.ts";

/**
 * Serves an emulator on 127.0.0.1; port 0 is any free one. `url` is what the API's address is elsewhere, with the version
 * in it. Rejects when the port is taken.
 */
export async function serveHetzner(emulator: HetznerEmulator, port = 0): Promise<EmulatorServer> {
  const server = await serveEmulator(emulator.handle, port);
  return { ...server, url: `${server.url}/v1` };
}
