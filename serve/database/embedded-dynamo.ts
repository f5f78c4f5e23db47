import { rm } from "node:fs/promises";
import { Agent } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as timer } from "node:timers/promises";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { awsCalls } from "../../shared/compose/aws-calls.ts";
import { type OpenDynamo, openDynamo } from "./table.ts";

/** A DynamoDB server that runs, with or without a client. */
export type DynamoServer = {
  /** `http://127.0.0.1:PORT`; `http://localhost` on a Unix socket. */
  readonly endpoint: string;
  stop(): Promise<void>;
};

/** After an answer dynalite reads on to the end of what was queried; a store that is closed under it throws. ms */
const READ_ON_MS = 200;

/**
 * Serves DynamoDB from this process on a loopback port (0 for any free one) or a Unix socket, kept on disk in `folder`.
 * Throws when the port is taken, or the folder cannot be opened or another process has it open.
 */
export async function serveDynamo(folder: string, place: number | { readonly socket: string }): Promise<DynamoServer> {
  const server = dynalite({ path: folder, createTableMs: 0 });
  const at = typeof place === "number" ? { port: place, host: "127.0.0.1" } : { path: place.socket };
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, resolve);
  });
  const address = server.address() as AddressInfo | string;
  return {
    endpoint: typeof address === "string" ? "http://localhost" : `http://127.0.0.1:${address.port}`,
    async stop() {
      await timer(READ_ON_MS);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/**
 * Starts DynamoDB in this process, kept on disk in `folder`, with its table, behind the real SDK over HTTP: on a loopback
 * port, or with `socket` on a Unix socket, which only this user may use: the database knows no passwords.
 * Throws when the folder cannot be opened or another process has it open.
 */
export async function startEmbeddedDynamo(folder: string, socket?: string): Promise<OpenDynamo> {
  if (socket !== undefined) await rm(socket, { force: true });
  const server = await serveDynamo(folder, socket === undefined ? 0 : { socket });
  try {
    const dynamo = await openDynamo(server.endpoint, socket === undefined ? {} : overSocket(socket));
    const stop = async (): Promise<void> => {
      await dynamo.stop();
      await server.stop();
    };
    return { ...dynamo, stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function overSocket(socketPath: string): DynamoDBClientConfig {
  // Every request goes to this path, whatever host it names: Node documents the option for single requests only.
  const toSocket = { keepAlive: true, socketPath };
  const httpAgent = new Agent(toSocket);
  return { ...awsCalls, requestHandler: { ...awsCalls.requestHandler, httpAgent } };
}
