import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Clock } from "../ports/clock.ts";
import type { Database } from "../ports/database.ts";
import type { TableCare } from "../ports/table-care.ts";
import { removeExpired } from "./expired.ts";
import { readReplication } from "./replication.ts";

/** The care of a DynamoDB table, for the failover and the admin function: apart from what every heartbeat loads. */
export function dynamoTableCare(
  client: Pick<DynamoDBClient, "send">,
  tableName: string,
  { database, clock }: { readonly database: Database; readonly clock: Clock },
): TableCare {
  return {
    replication: () => readReplication(client, tableName),
    removeExpired: () => removeExpired({ client, tableName }, database, clock),
  };
}
