import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";

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

/** The table of Pointsman in a DynamoDB, whoever runs that. */
export type OpenDynamo = {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  /** Whether the table was made just now. */
  readonly isNew: boolean;
  /** Ends the client, and the server too where it was started with it. */
  stop(): Promise<void>;
};

/** For databases that ask for credentials and do not look at them. */
export const anyCredentials = { accessKeyId: "local", secretAccessKey: "local" };

/** Opens the table at an endpoint that runs already, and makes it where it is not there. Throws the SDK's error. */
export async function openDynamo(
  endpoint: string,
  settings: DynamoDBClientConfig & { readonly table?: string } = {},
): Promise<OpenDynamo> {
  const { table = tableName, ...config } = settings;
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: anyCredentials, ...config });
  const stop = async (): Promise<void> => client.destroy();
  try {
    return { client, endpoint, isNew: await makeTable(client, table), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes the table unless it is there; true when it was made. */
async function makeTable(client: DynamoDBClient, table: string): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName: table }));
    return false;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  await client.send(new CreateTableCommand({ ...tableShape, TableName: table })).catch(passOverRace);
  for (;;) {
    const found = await client.send(new DescribeTableCommand({ TableName: table }));
    if (found.Table?.TableStatus === "ACTIVE") return true;
  }
}

/** Another instance that starts at the same time may have made it. */
function passOverRace(error: unknown): void {
  if (!(error instanceof Error && error.name === "ResourceInUseException")) throw error;
}
