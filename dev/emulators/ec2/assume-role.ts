import { ApiError } from "./errors.ts";
import type { Credentials } from "./identity.ts";
import type { Parameters } from "./parameters.ts";
import type { Role } from "./world.ts";
import type { Xml } from "./xml.ts";

export const ASSUME_ROLE_PARAMETERS: ReadonlySet<string> = new Set([
  "DurationSeconds",
  "ExternalId",
  "RoleArn",
  "RoleSessionName",
]);

/**
 * STS AssumeRole: gives credentials for the role's account when the external id is the one that the role asks for.
 * A wrong one and a role that does not exist get the same answer, as from AWS.
 */
export function assumeRole(
  parameters: Parameters,
  roles: readonly Role[],
  nowMs: number,
  open: (account: string, expiresMs: number) => Credentials,
): Xml {
  const arn = required(parameters, "RoleArn");
  const session = required(parameters, "RoleSessionName");
  if (!/^[\w+=,.@-]{2,64}$/.test(session)) throw invalid("roleSessionName", session);
  const durationS = Number(parameters.text("DurationSeconds") ?? "3600");
  if (!Number.isInteger(durationS) || durationS < 900 || durationS > 43_200) {
    throw invalid("durationSeconds", String(durationS));
  }
  const role = roles.find((known) => known.arn === arn);
  if (role === undefined || (role.externalId !== undefined && role.externalId !== parameters.text("ExternalId"))) {
    throw new ApiError(
      "AccessDenied",
      `The caller is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
      403,
    );
  }
  const [, , , , account = "", path = ""] = arn.split(":");
  const credentials = open(account, nowMs + durationS * 1_000);
  return {
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: new Date(credentials.expiresMs),
    },
    AssumedRoleUser: {
      AssumedRoleId: `AROA${account}:${session}`,
      Arn: `arn:aws:sts::${account}:assumed-role/${path.split("/").at(-1) ?? ""}/${session}`,
    },
  };
}

function required(parameters: Parameters, name: string): string {
  const value = parameters.text(name);
  if (value === undefined || value === "") throw invalid(name, "null");
  return value;
}

function invalid(name: string, value: string): ApiError {
  return new ApiError("ValidationError", `1 validation error detected: Value '${value}' at '${name}' is not valid`);
}
