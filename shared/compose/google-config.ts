import * as z from "zod/mini";
import { cloudTasksEndpoint } from "../platform/google-tasks.ts";
import { address, type Environment, readSettings, type StateConfig, stateConfig, text } from "./config.ts";
import { cloudEndpointsOf, outsideSettings } from "./outside-aws.ts";

const GoogleConfig = z.object({
  ...outsideSettings,
  POINTSMAN_TASKS_PROJECT: text,
  POINTSMAN_TASKS_LOCATION: text,
  /** The service account that tasks are delivered as. */
  POINTSMAN_TASKS_ACCOUNT: z.string().check(z.regex(/^[^\s@]+@[^\s@]+$/, "not a service account")),
  /** Stands in for Cloud Tasks' own address, for an emulator. */
  POINTSMAN_TASKS_ENDPOINT: z._default(address, cloudTasksEndpoint),
  /** Addresses of the functions `ticks` and `routes`. */
  POINTSMAN_FAILOVER_URL: address,
  POINTSMAN_ROUTES_URL: address,
  /** Stands in for the metadata server, for an emulator: `host:port`. */
  GCE_METADATA_HOST: z.optional(text),
});

export type GoogleConfig = StateConfig & {
  readonly roleArn: string;
  readonly audience: string;
  readonly metadataHost: string | undefined;
  readonly cloudEndpoints: Readonly<Record<string, string>>;
  readonly tasks: {
    readonly endpoint: string;
    /** `projects/P/locations/L/queues/`. */
    readonly queues: string;
    readonly account: string;
    readonly ticksUrl: string;
    readonly routesUrl: string;
  };
};

/** Reads the environment. Throws an Error that names every variable that is missing or wrong, never a value. */
export function readGoogleConfig(environment: Environment): GoogleConfig {
  const found = readSettings(GoogleConfig, environment);
  return {
    ...stateConfig(found),
    roleArn: found.POINTSMAN_AWS_ROLE_ARN,
    audience: found.POINTSMAN_AWS_AUDIENCE,
    metadataHost: found.GCE_METADATA_HOST,
    cloudEndpoints: cloudEndpointsOf(found.POINTSMAN_CLOUD_ENDPOINTS),
    tasks: {
      endpoint: found.POINTSMAN_TASKS_ENDPOINT,
      queues: `projects/${found.POINTSMAN_TASKS_PROJECT}/locations/${found.POINTSMAN_TASKS_LOCATION}/queues/`,
      account: found.POINTSMAN_TASKS_ACCOUNT,
      ticksUrl: found.POINTSMAN_FAILOVER_URL,
      routesUrl: found.POINTSMAN_ROUTES_URL,
    },
  };
}
