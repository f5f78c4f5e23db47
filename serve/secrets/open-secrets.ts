import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { awsCloudParts } from "../../shared/compose/aws-clouds.ts";
import { RouteError } from "../../shared/domain/errors.ts";
import { keptSecrets } from "../../shared/platform/kept-secrets.ts";
import { ssmParameterReader } from "../../shared/platform/ssm-parameter.ts";
import { parameterSecrets } from "../../shared/platform/ssm-secrets.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Secrets } from "../../shared/ports/secrets.ts";
import type { ProviderParts } from "../../shared/providers/registry.ts";
import { type Folder, folderSecrets } from "../data-folder.ts";
import { ServeError } from "../error.ts";
import type { Settings } from "../settings.ts";
import { cloudSecretFiles, folderFileSecrets } from "./folder-secrets.ts";

type Deps = {
  readonly clock: Clock;
  readonly folder: Folder | undefined;
  readonly client: Pick<DynamoDBClient, "config">;
};

/** Master key and admin token, read once so that a server does not start without them. Throws `ServeError`. */
export async function openSecrets(settings: Pick<Settings, "keys">, deps: Deps): Promise<Secrets> {
  try {
    const secrets = await secretsOf(settings, deps);
    await Promise.all([secrets.masterKey(), secrets.adminTokenHash()]);
    return secrets;
  } catch (cause) {
    if (cause instanceof ServeError || !(cause instanceof Error) || cause.name === "FolderError") throw cause;
    throw new ServeError("failed", cause.message, {
      next: "run `pointsman init` once, with the same --stage and --region or --data, and check who may read them",
      cause,
    });
  }
}

async function secretsOf({ keys }: Pick<Settings, "keys">, { clock, folder, client }: Deps): Promise<Secrets> {
  switch (keys.kind) {
    case "stage": {
      const endpoint = process.env["AWS_ENDPOINT_URL_SSM"] ?? process.env["AWS_ENDPOINT_URL"];
      const read = ssmParameterReader(client.config, {
        region: keys.region,
        endpoint: endpoint === undefined ? undefined : new URL(endpoint),
        clock,
      });
      const name = (last: string) => `/pointsman/${keys.stage}/${last}`;
      return parameterSecrets(read, { masterKey: name("master-key"), adminTokenHash: name("admin-token-hash") }, clock);
    }
    case "folder":
      return folderFileSecrets(keys.path, clock);
    case "data": {
      if (folder === undefined) throw new Error("there is no data folder");
      return (await folderSecrets(folder)).secrets;
    }
    default:
      return keys satisfies never;
  }
}

/**
 * What clouds are entered with beside the machine's own credentials: secrets from files or Secrets Manager (an ARN is always
 * read there), and web identities of the machine's AWS role where a region is known.
 */
export function openCloudParts(
  { secretsPath, region }: Pick<Settings, "secretsPath" | "region">,
  clock: Clock,
): Pick<ProviderParts, "cloudSecrets" | "awsToken"> {
  const aws = region === undefined ? undefined : awsCloudParts(region, clock);
  const files = secretsPath === undefined ? undefined : keptSecrets(cloudSecretFiles(secretsPath), clock);
  const of = (reference: string) => (files === undefined || reference.startsWith("arn:") ? aws?.cloudSecrets : files);
  return {
    cloudSecrets: {
      async read(reference) {
        const secrets = of(reference);
        if (secrets !== undefined) return secrets.read(reference);
        throw new RouteError("INVALID", `secret ${reference} cannot be read: no place of secrets is named`, {
          retry: "never",
          next: "start pointsman serve with --secrets DIR for files, or --region for AWS Secrets Manager",
        });
      },
      forget: (reference) => of(reference)?.forget(reference),
    },
    ...(aws === undefined ? {} : { awsToken: aws.awsToken }),
  };
}
