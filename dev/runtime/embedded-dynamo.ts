import type { AddressInfo } from "node:net";
import { setTimeout as timer } from "node:timers/promises";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

export const tableName = "pointsman";

/** The table as the deployment template makes it, as far as an embedded database knows it. */
export const tableShape: CreateTableCommandInput = {
  TableName: tableName,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
  ],
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
};

/** A DynamoDB server that runs, with or without a client. */
export type DynamoServer = {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  stop(): Promise<void>;
};

/** The table of Pointsman in a DynamoDB, whoever runs that. */
export type OpenDynamo = {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  /** Whether the table was made just now. */
  readonly isNew: boolean;
  /** Ends the client, and the server too where it was started with it. */
  stop(): Promise<void>;
};

/** After an answer dynalite reads on to the end of what was queried; a store that is closed under it throws. ms */
const READ_ON_MS = 200;

/**
 * Serves DynamoDB from this process on a loopback port (0 for any free one), kept on disk in `folder`.
 * Throws when the port is taken, or the folder cannot be opened or another process has it open.
 */
export async function serveDynamo(folder: string, port: number): Promise<DynamoServer> {
  const server = dynalite({ path: folder, createTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      await timer(READ_ON_MS);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Opens the table at an endpoint that runs already, and makes it where it is not there. Throws the SDK's error. */
export async function openDynamo(endpoint: string): Promise<OpenDynamo> {
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const stop = async (): Promise<void> => client.destroy();
  try {
    return { client, endpoint, isNew: await makeTable(client), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Starts DynamoDB in this process, kept on disk in `folder`, with its table, behind the real SDK over HTTP.
 * Throws when the folder cannot be opened or another process has it open.
 */
export async function startEmbeddedDynamo(folder: string): Promise<OpenDynamo> {
  const server = await serveDynamo(folder, 0);
  try {
    const dynamo = await openDynamo(server.endpoint);
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

/** Makes the table unless it is there; true when it was made. */
async function makeTable(client: DynamoDBClient): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName: tableName }));
    return false;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  await client.send(new CreateTableCommand(tableShape));
  for (;;) {
    const found = await client.send(new DescribeTableCommand({ TableName: tableName }));
    if (found.Table?.TableStatus === "ACTIVE") return true;
  }
}
