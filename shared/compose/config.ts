import * as z from "zod/mini";

/** A value that is not empty. */
export const text = z.string().check(z.minLength(1));
/** An HTTP or HTTPS address. */
export const address = z.url({ protocol: /^https?$/ });

/** What the functions of every platform are told of the state and of themselves. Secrets are not: only the names of their parameters. */
export const stateSettings = {
  AWS_REGION: text,
  /** Stand-ins for AWS's own addresses, for emulators. */
  AWS_ENDPOINT_URL: z.optional(address),
  AWS_ENDPOINT_URL_SSM: z.optional(address),
  POINTSMAN_TABLE: text,
  POINTSMAN_MASTER_KEY_PARAMETER: text,
  POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: text,
  /** Hosts of the heartbeat endpoints as they stand in a host's URI, with commas. */
  POINTSMAN_ENDPOINTS: z._default(z.string(), ""),
};

const StateSettings = z.object(stateSettings);
const AwsConfig = z.object({ ...stateSettings, POINTSMAN_SWAP_QUEUE_URL: address, POINTSMAN_TICK_QUEUE_URL: address });

export type Environment = Readonly<Record<string, string | undefined>>;

export type StateConfig = {
  readonly region: string;
  readonly ssmEndpoint: URL | undefined;
  readonly tableName: string;
  readonly parameters: { readonly masterKey: string; readonly adminTokenHash: string };
  readonly endpoints: readonly string[];
};

export type AwsConfig = StateConfig & { readonly swapQueueUrl: string; readonly tickQueueUrl: string };

/** Reads the environment. Throws an Error that names every variable that is missing or wrong, never a value. */
export function readAwsConfig(environment: Environment): AwsConfig {
  const found = readSettings(AwsConfig, environment);
  return {
    ...stateConfig(found),
    swapQueueUrl: found.POINTSMAN_SWAP_QUEUE_URL,
    tickQueueUrl: found.POINTSMAN_TICK_QUEUE_URL,
  };
}

/** What a schema finds in the environment. Throws an Error that names every variable that is missing or wrong, never a value. */
export function readSettings<S extends z.ZodMiniType>(schema: S, environment: Environment): z.output<S> {
  const result = z.safeParse(schema, environment);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`configuration: ${wrong.join("; ")}`);
}

/** The part of the settings that all platforms share, as it is used. */
export function stateConfig(found: z.output<typeof StateSettings>): StateConfig {
  const ssmEndpoint = found.AWS_ENDPOINT_URL_SSM ?? found.AWS_ENDPOINT_URL;
  return {
    region: found.AWS_REGION,
    ssmEndpoint: ssmEndpoint === undefined ? undefined : new URL(ssmEndpoint),
    tableName: found.POINTSMAN_TABLE,
    parameters: {
      masterKey: found.POINTSMAN_MASTER_KEY_PARAMETER,
      adminTokenHash: found.POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER,
    },
    endpoints: found.POINTSMAN_ENDPOINTS.split(",")
      .map((endpoint) => endpoint.trim())
      .filter((endpoint) => endpoint !== ""),
  };
}
