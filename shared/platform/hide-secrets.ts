import { redacted } from "../domain/redact.ts";

/** Takes what could be a secret out of an error that a function is about to fail with: the platform writes it into its own log, too. */
export function hideSecrets(error: unknown): void {
  if (!(error instanceof Error)) return;
  error.message = redacted(error.message);
  if (error.stack !== undefined) error.stack = redacted(error.stack);
}
