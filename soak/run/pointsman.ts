import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AdminClient, adminClient } from "../../cli/client.ts";
import { findConnection } from "../../cli/connection.ts";
import { type OpenDynamo, openDynamo, tableName } from "../../serve/database/table.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import type { Store } from "../../shared/ports/store.ts";
import { dynamoDatabase } from "../../shared/store/dynamo.ts";
import { openStore } from "../../shared/store/store.ts";
import { soakBounds } from "../bounds.ts";
import { type Child, createChild, freePort } from "../processes/child.ts";

/** Pointsman as two processes, and the ways that a person has into it. */
export type Pointsman = {
  readonly server: Child;
  readonly database: Child;
  readonly admin: AdminClient;
  /** The server's certificate, PEM. */
  readonly certificate: string;
  /** Reads the database past the server. */
  readonly store: Store;
  startServer(): void;
  startDatabase(): void;
  /** Where the server's EC2 emulator listens since its last start. Throws when the server does not start. */
  ec2Url(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
};

export type PointsmanOptions = {
  readonly folder: string;
  readonly networkFile: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
};

/** Starts both processes on an empty folder and puts the network file in force. Throws when one does not start. */
export async function startPointsman(options: PointsmanOptions): Promise<Pointsman> {
  const { folder, clock, random, signal } = options;
  const networkPath = join(folder, "network.yaml");
  const dataPath = join(folder, "data");
  await writeFile(networkPath, options.networkFile);
  const [databasePort, serverPort] = [await freePort(), await freePort()];
  const databaseUrl = `http://127.0.0.1:${databasePort}`;
  const database = createChild("database", join(folder, "database.log"), clock);
  const server = createChild("server", join(folder, "server.log"), clock);
  const databaseArgs = ["dev/database.ts", "--data", join(folder, "database"), "--port", String(databasePort)];
  const serverArgs = ["dev/start.ts", "--no-demo", "--data", dataPath, "--port", String(serverPort)];
  serverArgs.push("--database", databaseUrl);
  const kill = async () => void (await Promise.all([server.kill(), database.kill()]));
  try {
    database.start(databaseArgs);
    await database.printed("Serving", soakBounds.startMs, signal);
    server.start([...serverArgs, "--network", networkPath]);
    await server.printed("Serving.", soakBounds.startMs, signal);
    const connection = await findConnection({ data: dataPath }, {});
    if (connection.trust.kind !== "pem") throw new Error("the server's certificate was not found");
    const dynamo: OpenDynamo = await openDynamo(databaseUrl);
    return {
      server,
      database,
      admin: adminClient(connection, "soak"),
      certificate: connection.trust.pem,
      store: openStore(dynamoDatabase(dynamo.client, tableName, { clock, random })),
      // Without the network file: that is applied, and a start that applies it again would be another operator.
      startServer: () => server.start(serverArgs),
      startDatabase: () => database.start(databaseArgs),
      async ec2Url(at) {
        const output = await server.printed("Serving.", soakBounds.startMs, at);
        const url = /emulated clouds +aws (http:\S+),/.exec(output)?.[1];
        if (url === undefined) throw new Error("the server does not say where its emulated EC2 listens");
        return url;
      },
      async close() {
        await dynamo.stop();
        await kill();
      },
    };
  } catch (error) {
    await kill();
    throw error;
  }
}
