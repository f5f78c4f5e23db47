import { type EmulatorServer, serveEmulator } from "../common/http-server.ts";
import type { AzureEmulator } from "./emulator.ts";

/** Serves an emulator on 127.0.0.1; port 0 is any free one. Rejects when the port is taken. */
export function serveAzure(emulator: AzureEmulator, port = 0): Promise<EmulatorServer> {
  return serveEmulator((request) => emulator.handle(request), port);
}
