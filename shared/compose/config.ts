import * as z from "zod/mini";

const text = z.string().check(z.minLength(1));
const address = z.url({ protocol: /^https?$/ });

/** What every function on AWS is told by its environment. Secrets are not: only the names of their parameters. */
const AwsConfig = z.object({
  AWS_REGION: text,
  /** Stand-ins for AWS's own addresses, for emulators. */
  AWS_ENDPOINT_URL: z.optional(address),
  AWS_ENDPOINT_URL_SSM: z.optional(address),
  POINTSMAN_TABLE: text,
  POINTSMAN_SWAP_QUEUE_URL: address,
  POINTSMAN_TICK_QUEUE_URL: address,
  POINTSMAN_MASTER_KEY_PARAMETER: text,
  POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: text,
  /** Hosts of the heartbeat endpoints as they stand in a host's URI, with commas. */
  POINTSMAN_ENDPOINTS: z._default(z.string(), ""),
});

export type AwsConfig = {
  readonly region: string;
  readonly ssmEndpoint: URL | undefined;
  readonly tableName: string;
  readonly swapQueueUrl: string;
  readonly tickQueueUrl: string;
  readonly parameters: { readonly masterKey: string; readonly adminTokenHash: string };
  readonly endpoints: readonly string[];
};

/** Reads the environment. Throws an Error that names every variable that is missing or wrong, never a value. */
export function readAwsConfig(environment: Readonly<Record<string, string | undefined>>): AwsConfig {
  const result = z.safeParse(AwsConfig, environment);
  if (!result.success) {
    const wrong = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`configuration: ${wrong.join("; ")}`);
  }
  const found = result.data;
  const ssmEndpoint = found.AWS_ENDPOINT_URL_SSM ?? found.AWS_ENDPOINT_URL;
  return {
    region: found.AWS_REGION,
    ssmEndpoint: ssmEndpoint === undefined ? undefined : new URL(ssmEndpoint),
    tableName: found.POINTSMAN_TABLE,
    swapQueueUrl: found.POINTSMAN_SWAP_QUEUE_URL,
    tickQueueUrl: found.POINTSMAN_TICK_QUEUE_URL,
    parameters: {
      masterKey: found.POINTSMAN_MASTER_KEY_PARAMETER,
      adminTokenHash: found.POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER,
    },
    endpoints: found.POINTSMAN_ENDPOINTS.split(",")
      .map((endpoint) => endpoint.trim())
      .filter((endpoint) => endpoint !== ""),
  };
}
