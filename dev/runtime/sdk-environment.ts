type Environment = Record<string, string | undefined>;

/** What could lead the SDK past the emulator, to an account of the user of this machine. */
const misleading = [
  "AWS_PROFILE",
  "AWS_SESSION_TOKEN",
  "AWS_ENDPOINT_URL_EC2",
  "AWS_ENDPOINT_URL_STS",
  "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
] as const;

/**
 * Points every AWS client that is made in this process, and names no endpoint of its own, at the emulator, with
 * credentials that are worth nothing anywhere else: a run on a developer's machine must not reach a real account.
 */
export function pointSdkAt(environment: Environment, url: string): void {
  for (const name of misleading) delete environment[name];
  environment["AWS_ENDPOINT_URL"] = url;
  environment["AWS_ACCESS_KEY_ID"] = "local";
  environment["AWS_SECRET_ACCESS_KEY"] = "local";
}
