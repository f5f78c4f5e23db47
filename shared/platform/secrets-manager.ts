import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from "@aws-sdk/client-secrets-manager";
import { RouteError, type RouteErrorCode } from "../domain/errors.ts";
import { redacted } from "../domain/redact.ts";

const codes: Readonly<Record<string, RouteErrorCode>> = {
  AccessDeniedException: "DENIED",
  DecryptionFailure: "DENIED",
  ResourceNotFoundException: "INVALID",
  InvalidRequestException: "INVALID",
  InvalidParameterException: "INVALID",
  ThrottlingException: "THROTTLED",
};

/**
 * Reads the text of a secret in AWS Secrets Manager by its name or ARN; of an ARN in another region, there. Throws
 * `RouteError`: DENIED, INVALID for one that is not there or holds no text, THROTTLED, else UNREACHABLE.
 */
export function secretsManagerReader(config: SecretsManagerClientConfig): (reference: string) => Promise<string> {
  const clients = new Map<string, SecretsManagerClient>();
  return async (reference) => {
    const region = /^arn:[a-z-]+:secretsmanager:([a-z0-9-]+):/.exec(reference)?.[1] ?? "";
    const client = clients.get(region) ?? new SecretsManagerClient({ ...config, ...(region !== "" && { region }) });
    clients.set(region, client);
    try {
      const { SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: reference }));
      if (text !== undefined && text !== "") return text;
    } catch (error) {
      throw refusal(reference, error);
    }
    const next = "store the key or token as text";
    throw new RouteError("INVALID", `secret ${reference} holds no text`, { retry: "never", next });
  };
}

function refusal(reference: string, error: unknown): RouteError {
  const name = error instanceof Error ? error.name : "";
  const code = codes[name] ?? "UNREACHABLE";
  const message = `secret ${reference} cannot be read: ${redacted(error instanceof Error ? error.message : String(error))}`;
  const next =
    code === "DENIED"
      ? `allow secretsmanager:GetSecretValue on ${reference} to the role of the routes function`
      : "see that the secret is there, in the region of the deployment, under this name";
  return new RouteError(code, message, { cause: error, retry: code === "INVALID" ? "later" : "soon", next });
}
