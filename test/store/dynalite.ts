import { randomBytes, randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import type { Database } from "../../shared/ports/database.ts";
import { dynamoDatabase } from "../../shared/store/dynamo.ts";

export const wallClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
export const random: Random = { bytes: (count) => randomBytes(count) };

/** A DynamoDB client for an endpoint on this machine. */
export function localClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 2,
  });
}

/** Creates a fresh table behind an endpoint and opens it. */
export async function openFreshTable(
  endpoint: string,
): Promise<{ readonly database: Database; readonly clock: Clock }> {
  const client = localClient(endpoint);
  const tableName = `t-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
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
    }),
  );
  return { database: dynamoDatabase(client, tableName, { clock: wallClock, random }), clock: wallClock };
}

/** Starts an embedded DynamoDB in memory. */
export async function startDynalite(): Promise<{ readonly endpoint: string; stop(): Promise<void> }> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.listen(0, "127.0.0.1", (error?: Error) => (error === undefined ? resolve() : reject(error)));
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
