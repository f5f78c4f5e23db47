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

export type EmbeddedDynamo = {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  readonly isNew: boolean;
  stop(): Promise<void>;
};

/** After an answer dynalite reads on to the end of what was queried; a store that is closed under it throws. ms */
const READ_ON_MS = 200;

/**
 * Starts DynamoDB in this process, kept on disk in `folder`, with its table, behind the real SDK over HTTP.
 * Throws when the folder cannot be opened or another process has it open.
 */
export async function startEmbeddedDynamo(folder: string): Promise<EmbeddedDynamo> {
  const server = dynalite({ path: folder, createTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const stop = async (): Promise<void> => {
    client.destroy();
    await timer(READ_ON_MS);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  try {
    return { client, endpoint, isNew: await makeTable(client), stop };
  } catch (error) {
    await stop();
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
