import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { webIdentityCredentials } from "../platform/assumed-role.ts";
import { systemClock } from "../platform/clock.ts";
import { jsonLog } from "../platform/json-log.ts";
import type { SessionCredentials } from "../platform/kept-session.ts";
import { systemRandom } from "../platform/random.ts";
import { ssmParameterReader } from "../platform/ssm-parameter.ts";
import { parameterSecrets } from "../platform/ssm-secrets.ts";
import { dynamoDatabase } from "../store/dynamo.ts";
import { openExaminations } from "../store/examination-records.ts";
import { openStore } from "../store/store.ts";
import { dynamoTableCare } from "../store/table-care.ts";
import { awsCalls } from "./aws-calls.ts";
import { awsCloudParts } from "./aws-clouds.ts";
import { type StateConfig, stateSettings, text } from "./config.ts";

/** What a platform other than AWS is told of the state, and of the AWS role that it enters it by. */
export const outsideSettings = {
  ...stateSettings,
  POINTSMAN_AWS_ROLE_ARN: z.string().check(z.regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, "not the ARN of a role")),
  /** Whom the platform's identity token is for, as the role's trust policy asks it. */
  POINTSMAN_AWS_AUDIENCE: text,
  /** Other addresses of clouds' APIs, such as private ones: `gcp=https://…,azure=https://…`. */
  POINTSMAN_CLOUD_ENDPOINTS: z._default(
    z
      .string()
      .check(z.regex(/^(?:(?:azure|gcp|oci|hetzner)=https?:\/\/[^,\s]+(?:,|$))*$/, "not CLOUD=URL with commas")),
    "",
  ),
};

/** The addresses of `POINTSMAN_CLOUD_ENDPOINTS`, by cloud. */
export function cloudEndpointsOf(setting: string): Readonly<Record<string, string>> {
  const pairs = setting.split(",").filter((pair) => pair !== "");
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2)));
}

type Options = {
  readonly config: StateConfig;
  readonly roleArn: string;
  /** A signed token of the identity that the platform lets this process run as. */
  readonly token: (signal: AbortSignal) => Promise<string>;
};

/**
 * What functions outside AWS stand on: the same table and the same parameters, entered by web identity. `cloudParts` gives what
 * clouds are entered with: the AWS role's credentials, and by these the secrets and web identity tokens of AWS.
 */
export function outsideAws({ config, roleArn, token }: Options) {
  const { region } = config;
  const credentials = webIdentityCredentials({ roleArn, region, token, clock: systemClock });
  const dynamo = new DynamoDBClient({ ...awsCalls, region, credentials });
  const database = dynamoDatabase(dynamo, config.tableName, { clock: systemClock, random: systemRandom });
  return {
    parts: { clock: systemClock, random: systemRandom, log: jsonLog, store: openStore(database) },
    tableCare: dynamoTableCare(dynamo, config.tableName, { database, clock: systemClock }),
    examinations: openExaminations(database),
    secrets: parameterSecrets(
      ssmParameterReader(dynamo.config, { region, endpoint: config.ssmEndpoint, clock: systemClock }),
      config.parameters,
      systemClock,
    ),
    cloudParts: (): CloudParts => ({
      ...awsCloudParts(region, systemClock, credentials),
      awsCredentials: credentials,
    }),
  };
}

type CloudParts = ReturnType<typeof awsCloudParts> & { readonly awsCredentials: () => Promise<SessionCredentials> };
