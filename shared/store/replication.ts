import { DescribeTableCommand, type DynamoDBClient, type TableDescription } from "@aws-sdk/client-dynamodb";
import { tableLimits } from "../domain/limits.ts";
import type { Replication } from "../domain/replication.ts";

/** The version of global tables that knows eventual consistency alone, and whose tables do not list their replicas. */
const oldGlobalTables = "2017.11.29";

/**
 * How a table is replicated, by its description. A replica that is still being made, or is on its way out, counts: its
 * region may be written to already, or still. Strong consistency is what the description says, nothing else:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
 */
export function replicationOf(table: TableDescription): Replication {
  const { Replicas = [], GlobalTableWitnesses = [], GlobalTableVersion, MultiRegionConsistency } = table;
  const regions = [...Replicas, ...GlobalTableWitnesses].flatMap(({ RegionName }) => RegionName ?? []);
  const isReplicated = Replicas.length + GlobalTableWitnesses.length > 0 || GlobalTableVersion === oldGlobalTables;
  if (!isReplicated) return { kind: "one-region" };
  return { kind: MultiRegionConsistency === "STRONG" ? "strong" : "eventual", regions: [...new Set(regions)].sort() };
}

/** Asks DynamoDB how the table is replicated. Never rejects, and answers within two seconds. */
export async function readReplication(client: Pick<DynamoDBClient, "send">, tableName: string): Promise<Replication> {
  const abortSignal = AbortSignal.timeout(tableLimits.describeMs);
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }), { abortSignal });
    return Table === undefined ? { kind: "unknown", why: "DescribeTable told nothing" } : replicationOf(Table);
  } catch (error) {
    return { kind: "unknown", why: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
