import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Clock, Random } from "../ports/clock.ts";
import type {
  Consistency,
  Data,
  Database,
  Expected,
  Key,
  NewItem,
  Observed,
  Query,
  StoredItem,
  WriteOutcome,
} from "../ports/database.ts";
import { watchDate } from "./database-date.ts";
import { isConditionFailure, translateDynamoError } from "./dynamo-errors.ts";

type Client = Pick<DynamoDBClient, "send">;
type Attributes = Record<string, AttributeValue>;
type Deps = { readonly clock: Clock; readonly random: Random };

/**
 * The database port on one DynamoDB table with the key `pk`, `sk`. Attributes: `r` revision, `v` schema version,
 * `w` write token, `x` expiry in Unix seconds (the table's TTL attribute), `d` data.
 *
 * A conditional write whose answer was lost is sent again by the SDK and then meets its own success as a failed
 * condition; the write token tells that apart from somebody else's write.
 */
export function dynamoDatabase(client: Client, tableName: string, deps: Deps): Database {
  const { clock, random } = deps;

  const observed = async <T>(call: (note: (date: number | undefined) => void) => Promise<T>): Promise<Observed<T>> => {
    const sentMs = clock.nowMs();
    const monotonicMs = clock.monotonicMs();
    let databaseMs: number | undefined;
    const value = await call((date) => {
      databaseMs = date;
    });
    return { value, sentMs, receivedMs: clock.nowMs(), monotonicMs, databaseMs };
  };

  const read = async (key: Key, consistency: Consistency) => {
    const command = new GetItemCommand({
      TableName: tableName,
      Key: marshall(key),
      ConsistentRead: consistency === "strong",
    });
    const date = watchDate(command);
    const answer = await client.send(command).catch(translateDynamoError);
    return { item: answer.Item, date: date() };
  };

  const settle = async (key: Key, token: string, revision: number): Promise<WriteOutcome> => {
    const { item } = await read(key, "strong");
    return item?.["w"]?.S === token ? { kind: "written", revision } : { kind: "conflict" };
  };

  return {
    get: (key, consistency) =>
      observed(async (note) => {
        const { item, date } = await read(key, consistency);
        note(date);
        return item === undefined ? undefined : fresh([item], clock.nowMs())[0];
      }),

    query: (query, consistency) =>
      observed(async (note) => {
        const items: StoredItem[] = [];
        let from: Attributes | undefined;
        do {
          const command = new QueryCommand({ ...queryInput(tableName, query, consistency), ExclusiveStartKey: from });
          const date = watchDate(command);
          const answer = await client.send(command).catch(translateDynamoError);
          note(date());
          items.push(...fresh(answer.Items ?? [], clock.nowMs()));
          from = answer.LastEvaluatedKey;
        } while (from !== undefined && items.length < (query.limit ?? Number.POSITIVE_INFINITY));
        return items.slice(0, query.limit ?? items.length);
      }),

    async put(item, expected) {
      const token = Buffer.from(random.bytes(9)).toString("base64url");
      const revision = expected.kind === "absent" ? Math.floor(clock.nowMs()) : expected.revision + 1;
      const command = new PutItemCommand({
        TableName: tableName,
        Item: toAttributes(item, revision, token),
        ...condition(expected, clock.nowMs()),
      });
      try {
        await client.send(command);
        return { kind: "written", revision };
      } catch (error) {
        if (!isConditionFailure(error)) return translateDynamoError(error);
        return settle(item.key, token, revision);
      }
    },

    async remove(key, expected) {
      const command = new DeleteItemCommand({
        TableName: tableName,
        Key: marshall(key),
        ...condition(expected, clock.nowMs()),
      });
      try {
        await client.send(command);
        return { kind: "written", revision: expected.revision };
      } catch (error) {
        if (!isConditionFailure(error)) return translateDynamoError(error);
        return { kind: "conflict" };
      }
    },
  };
}

function toAttributes(item: NewItem, revision: number, token: string): Attributes {
  const expiry = item.expiresAtS === undefined ? {} : { x: item.expiresAtS };
  return marshall(
    { ...item.key, r: revision, v: item.schema, w: token, ...expiry, d: item.data },
    { removeUndefinedValues: true },
  );
}

function fresh(items: readonly Attributes[], nowMs: number): StoredItem[] {
  const found: StoredItem[] = [];
  for (const attributes of items) {
    const item = unmarshall(attributes);
    const expiresAtS: unknown = item["x"];
    if (typeof expiresAtS === "number" && expiresAtS * 1000 <= nowMs) continue;
    found.push({
      key: { pk: String(item["pk"]), sk: String(item["sk"]) },
      revision: Number(item["r"]),
      schema: Number(item["v"]),
      data: item["d"] as Data,
    });
  }
  return found;
}

function condition(expected: Expected, nowMs: number) {
  return expected.kind === "absent"
    ? {
        ConditionExpression: "attribute_not_exists(pk) OR x <= :now",
        ExpressionAttributeValues: marshall({ ":now": Math.floor(nowMs / 1000) }),
      }
    : {
        ConditionExpression: "r = :revision",
        ExpressionAttributeValues: marshall({ ":revision": expected.revision }),
      };
}

function queryInput(tableName: string, query: Query, consistency: Consistency): QueryCommandInput {
  const range =
    query.prefix !== undefined
      ? { test: " AND begins_with(sk, :range)", value: query.prefix }
      : query.after !== undefined
        ? { test: " AND sk > :range", value: query.after }
        : undefined;
  return {
    TableName: tableName,
    KeyConditionExpression: `pk = :pk${range?.test ?? ""}`,
    ExpressionAttributeValues: marshall({ ":pk": query.pk, ...(range === undefined ? {} : { ":range": range.value }) }),
    ConsistentRead: consistency === "strong",
    ScanIndexForward: query.order !== "descending",
    ...(query.limit === undefined ? {} : { Limit: query.limit }),
  };
}
