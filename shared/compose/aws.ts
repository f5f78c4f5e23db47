import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { systemClock } from "../platform/clock.ts";
import { jsonLog } from "../platform/json-log.ts";
import { systemRandom } from "../platform/random.ts";
import { ssmParameterReader } from "../platform/ssm-parameter.ts";
import { parameterSecrets } from "../platform/ssm-secrets.ts";
import { dynamoDatabase } from "../store/dynamo.ts";
import { openStore } from "../store/store.ts";
import { awsCalls } from "./aws-calls.ts";
import { readAwsConfig } from "./config.ts";

const config = readAwsConfig(process.env);
/** The client of the one table's database. */
export const awsDynamo = new DynamoDBClient(awsCalls);
/** The one table. */
export const awsDatabase = dynamoDatabase(awsDynamo, config.tableName, { clock: systemClock, random: systemRandom });

let queues: Promise<ReturnType<typeof import("./aws-queues.ts").openQueues>> | undefined;

function openQueues() {
  queues ??= import("./aws-queues.ts").then((module) => module.openQueues(config));
  return queues;
}

/** What every function on AWS stands on, made once a container. */
export const awsParts = {
  clock: systemClock,
  random: systemRandom,
  log: jsonLog,
  store: openStore(awsDatabase),
  swapQueue: async () => (await openQueues()).swap,
  tickQueue: async () => (await openQueues()).tick,
};

/** The secrets, for the functions whose roles may read them. */
export const awsSecrets = () =>
  parameterSecrets(
    ssmParameterReader(awsDynamo.config, { region: config.region, endpoint: config.ssmEndpoint, clock: systemClock }),
    config.parameters,
    systemClock,
  );

/** What the one table is called. */
export const awsTableName = config.tableName;

/** Where it all runs. */
export const awsRegion = config.region;

/** Where messages to the routes function go. */
export const awsSwapQueueUrl = config.swapQueueUrl;

/** Hosts of the heartbeat endpoints, for the URIs that the admin API gives out. */
export const awsEndpoints = config.endpoints;
