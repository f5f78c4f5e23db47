/** Secrets that clouds are entered with, by the name or ARN that a network file gives. */
export type CloudSecrets = {
  /** The secret as text; kept for a few minutes. Throws `RouteError` DENIED or UNREACHABLE, never with the secret in it. */
  read(reference: string): Promise<string>;
  /** Reads it anew the next time: the cloud refused it, so it may have been rotated. */
  forget(reference: string): void;
};

/**
 * A web identity token of the AWS role that Pointsman runs as, for `audience`: what other clouds exchange for a session
 * of their own. Throws `RouteError`.
 */
export type WebIdentity = (audience: string, signal: AbortSignal) => Promise<string>;
