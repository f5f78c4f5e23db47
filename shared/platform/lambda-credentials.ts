import { fromEnv } from "@aws-sdk/credential-provider-env";

/**
 * Stands in the AWS bundles for `@aws-sdk/credential-provider-node`: Lambda hands credentials over in the environment, so
 * looking for them in profiles, SSO sessions and metadata services is code that would be loaded for nothing.
 */
export const defaultProvider = () => fromEnv();
