import { type AttributeValue, DeleteItemCommand, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import * as z from "zod/mini";
import { tableLimits } from "../domain/limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { Database } from "../ports/database.ts";
import { decode } from "./codec.ts";
import { isConditionFailure, translateDynamoError } from "./dynamo-errors.ts";
import { cleanedKey } from "./keys.ts";
import { writeRecord } from "./write.ts";

type Attributes = Record<string, AttributeValue>;
type Client = Pick<DynamoDBClient, "send">;
type Table = { readonly client: Client; readonly tableName: string };

/** Where the last pass stopped; empty at the table's end. */
const Cleaned = z.object({ pk: z.string(), sk: z.string() });

/**
 * Looks through one page of the table and deletes what has expired. Where it stopped is kept in the table, so that
 * whoever is next goes on there; two who do so at once do the same work twice, and no harm. Throws `DatabaseError`.
 */
export async function removeExpired(table: Table, database: Database, clock: Clock): Promise<number> {
  const found = (await database.get(cleanedKey, "strong")).value;
  const last = found === undefined ? undefined : decode(Cleaned, found);
  const now = marshall({ ":now": Math.floor(clock.nowMs() / 1000) });
  const command = new ScanCommand({
    TableName: table.tableName,
    Limit: tableLimits.cleanItems,
    FilterExpression: "x <= :now",
    ProjectionExpression: "pk, sk",
    ExpressionAttributeValues: now,
    ...(last === undefined || last.value.pk === "" ? {} : { ExclusiveStartKey: marshall(last.value) }),
  });
  const page = await table.client.send(command).catch(translateDynamoError);
  const removed = await Promise.all((page.Items ?? []).map((key) => removeIfExpired(table, key, now)));
  const next = page.LastEvaluatedKey === undefined ? { pk: "", sk: "" } : unmarshall(page.LastEvaluatedKey);
  await writeRecord(database, cleanedKey, next, last?.revision);
  return removed.filter((done) => done).length;
}

async function removeIfExpired({ client, tableName }: Table, Key: Attributes, now: Attributes): Promise<boolean> {
  const command = new DeleteItemCommand({
    TableName: tableName,
    Key,
    ConditionExpression: "x <= :now",
    ExpressionAttributeValues: now,
  });
  try {
    await client.send(command);
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    return translateDynamoError(error);
  }
}
