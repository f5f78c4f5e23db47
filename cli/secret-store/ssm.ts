import { ParameterAlreadyExists, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { redacted } from "../../shared/domain/redact.ts";
import { CliError, exitCodes } from "../exit.ts";
import { type SecretStore, tokenHash } from "./secret-store.ts";

/**
 * Secrets as SecureString parameters `/pointsman/STAGE/…` of AWS Systems Manager, with the credentials of the
 * environment. Region and endpoint as the SDK finds them (AWS_REGION, AWS_ENDPOINT_URL), unless a region is given.
 */
export function openSsmSecrets(stage: string, region: string | undefined): SecretStore {
  return ssmSecrets(new SSMClient(region === undefined ? {} : { region }), stage);
}

/** The same over a client. Throws `CliError` when AWS refuses. */
export function ssmSecrets(client: Pick<SSMClient, "send">, stage: string): SecretStore {
  const masterKey = `/pointsman/${stage}/master-key`;
  const adminTokenHash = `/pointsman/${stage}/admin-token-hash`;
  const putNew = async (name: string, value: string): Promise<boolean> => {
    try {
      await put(client, name, value, false);
      return true;
    } catch (error) {
      if (error instanceof ParameterAlreadyExists) return false;
      throw refused(name, error);
    }
  };
  return {
    masterKeyPlace: `SSM parameter ${masterKey}`,
    tokenPlace: `SSM parameter ${adminTokenHash} (its hash alone)`,
    putMasterKey: (key) => putNew(masterKey, key),
    putToken: (token) => putNew(adminTokenHash, tokenHash(token)),
    async replaceToken(token) {
      try {
        await put(client, adminTokenHash, tokenHash(token), true);
      } catch (error) {
        throw refused(adminTokenHash, error);
      }
    },
  };
}

async function put(client: Pick<SSMClient, "send">, name: string, value: string, isOverwrite: boolean): Promise<void> {
  await client.send(
    new PutParameterCommand({ Name: name, Value: value, Type: "SecureString", Overwrite: isOverwrite }),
  );
}

const advice: Readonly<Record<string, string>> = {
  AccessDeniedException:
    "allow ssm:PutParameter on parameter/pointsman/* (and kms:Encrypt on the key) for these credentials",
  CredentialsProviderError:
    "give AWS credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `aws sso login`",
  ExpiredTokenException: "the AWS credentials have expired: renew them",
  UnrecognizedClientException: "AWS does not know these credentials: check AWS_PROFILE or the access key",
};

function refused(place: string, cause: unknown): CliError {
  const name = cause instanceof Error ? cause.name : "unknown";
  const text = cause instanceof Error ? cause.message : String(cause);
  const isRegionMissing = /region is missing/i.test(text);
  const next = isRegionMissing ? "give --region, or set AWS_REGION" : advice[name];
  return new CliError(
    exitCodes.failed,
    "secret-store",
    `SSM parameter ${place} cannot be written: ${name}: ${redacted(text)}`,
    {
      next: next ?? "check the AWS credentials, the region, and that AWS can be reached",
      cause,
    },
  );
}
