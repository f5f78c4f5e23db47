/**
 * Stands in the AWS bundles for `@aws-sdk/middleware-endpoint-discovery`, which the DynamoDB client holds with a cache and
 * never uses unless a caller switches endpoint discovery on.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};

export function resolveEndpointDiscoveryConfig<T extends object>(config: T): T {
  return config;
}
