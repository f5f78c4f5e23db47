import { randomUUID } from "node:crypto";
import { CreateTableCommand, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tableLimits } from "../../shared/domain/limits.ts";
import type { Database } from "../../shared/ports/database.ts";
import type { TableCare } from "../../shared/ports/table-care.ts";
import { dynamoDatabase } from "../../shared/store/dynamo.ts";
import { dynamoTableCare } from "../../shared/store/table-care.ts";
import { localClient, random, startDynalite, wallClock } from "./dynalite.ts";

const nowS = 1_700_000_000;
const clock = { ...wallClock, nowMs: () => nowS * 1_000 };

let dynalite: Awaited<ReturnType<typeof startDynalite>>;
let client: DynamoDBClient;
let tableName: string;
let database: Database;
let care: TableCare;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.stop());
beforeEach(async () => {
  client = localClient(dynalite.endpoint);
  tableName = `t-${randomUUID()}`;
  const keys = [
    ["pk", "HASH"],
    ["sk", "RANGE"],
  ] as const;
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: keys.map(([AttributeName]) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: keys.map(([AttributeName, KeyType]) => ({ AttributeName, KeyType })),
    }),
  );
  database = dynamoDatabase(client, tableName, { clock, random });
  care = dynamoTableCare(client, tableName, { database, clock });
});

const put = (pk: string, sk: string, expiresAtS?: number) => {
  const expiry = expiresAtS === undefined ? {} : { expiresAtS };
  return database.put({ key: { pk, sk }, schema: 1, data: {}, ...expiry }, { kind: "absent" });
};
const left = async () => {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: tableName }));
  return Items.map((item) => `${item["pk"]?.S} ${item["sk"]?.S}`)
    .filter((key) => key !== "cleaned last")
    .sort();
};

describe("the deletion of expired items", () => {
  it("takes what has expired and nothing else", async () => {
    await put("events/2023-08-16", "1", nowS - 1);
    await put("events/2023-08-16", "2", nowS);
    await put("events/2023-11-14", "3", nowS + 1);
    await put("network", "000000001");

    expect(await care.removeExpired()).toBe(2);
    expect(await left()).toEqual(["events/2023-11-14 3", "network 000000001"]);
  });

  it("looks at a bounded part each time, goes on from there in whatever container, and begins anew at the end", async () => {
    const many = tableLimits.cleanItems + 30;
    await Promise.all(Array.from({ length: many }, (_, n) => put("events/once", String(n), nowS - 1)));

    expect(await care.removeExpired()).toBe(tableLimits.cleanItems);
    let removed = 0;
    for (let runs = 0; runs < 3; runs++) {
      removed += await dynamoTableCare(client, tableName, { database, clock }).removeExpired();
    }
    expect(removed).toBe(many - tableLimits.cleanItems);
    expect(await left()).toEqual([]);

    await put("a", "late", nowS - 1);
    await care.removeExpired();
    await care.removeExpired();
    expect(await left()).toEqual([]);
  });

  it("leaves what was written anew between looking and deleting", async () => {
    await put("events/once", "1", nowS - 1);
    const slow = {
      send: async (command: ScanCommand) => {
        const answer = await client.send(command);
        if (command instanceof ScanCommand) await put("events/once", "1", nowS + 100);
        return answer;
      },
    } as Pick<DynamoDBClient, "send">;

    expect(await dynamoTableCare(slow, tableName, { database, clock }).removeExpired()).toBe(0);
    expect(await left()).toEqual(["events/once 1"]);
  });

  it("finds one region in the description of the embedded database", async () => {
    expect(await care.replication()).toEqual({ kind: "one-region" });
  });
});
