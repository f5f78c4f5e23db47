import type { CloudSecrets } from "../../shared/ports/cloud-secrets.ts";
import type { Secrets } from "../../shared/ports/secrets.ts";
import {
  type EmulatorServer,
  type HttpAnswer,
  type HttpRequest,
  serveEmulator,
} from "../emulators/common/http-server.ts";
import { doorNames } from "./types.ts";

type Options = {
  readonly secrets: Secrets;
  readonly cloudSecrets?: Pick<CloudSecrets, "read">;
  /** Where everything goes that is answered elsewhere: the emulator of EC2. */
  readonly elsewhere: string;
};

/**
 * The side of AWS that platforms outside it enter by: STS takes the web identity tokens of their stand-ins, SSM gives the
 * parameters that `init` would have written, Secrets Manager the secrets of clouds; all other calls are passed on.
 */
export function startAwsDoor(options: Options, port = 0): Promise<EmulatorServer> {
  return serveEmulator((request) => answer(options, request), port);
}

async function answer(options: Options, request: HttpRequest): Promise<HttpAnswer> {
  switch (request.headers["x-amz-target"]) {
    case "AmazonSSM.GetParameter":
      return getParameter(options.secrets, fieldOf(request.body, "Name"));
    case "secretsmanager.GetSecretValue":
      return getSecret(options.cloudSecrets, fieldOf(request.body, "SecretId"));
    default: {
      const form = new URLSearchParams(request.body);
      return form.get("Action") === "AssumeRoleWithWebIdentity" ? enter(form) : passOn(options.elsewhere, request);
    }
  }
}

async function getParameter(secrets: Secrets, name: string): Promise<HttpAnswer> {
  switch (name) {
    case doorNames.masterKey:
      return json(200, { Parameter: { Name: name, Value: Buffer.from(await secrets.masterKey()).toString("base64") } });
    case doorNames.adminTokenHash:
      return json(200, { Parameter: { Name: name, Value: await secrets.adminTokenHash() } });
    default:
      return json(400, { __type: "ParameterNotFound" });
  }
}

async function getSecret(secrets: Options["cloudSecrets"], reference: string): Promise<HttpAnswer> {
  try {
    return json(200, { Name: reference, SecretString: (await secrets?.read(reference)) ?? "" });
  } catch {
    return json(400, { __type: "ResourceNotFoundException", message: "Secrets Manager can't find the secret." });
  }
}

/** Life of a session. ms */
const sessionMs = 3_600_000;

function enter(form: URLSearchParams): HttpAnswer {
  if (form.get("RoleArn") !== doorNames.roleArn) {
    return refused(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
  }
  if (audienceOf(form.get("WebIdentityToken") ?? "") !== doorNames.audience) {
    return refused(400, "InvalidIdentityToken", "Incorrect token audience");
  }
  const endAt = new Date(Date.now() + sessionMs).toISOString();
  const credentials = `<AccessKeyId>AKIALOCALOUTSIDE</AccessKeyId><SecretAccessKey>local</SecretAccessKey><SessionToken>local</SessionToken><Expiration>${endAt}</Expiration>`;
  const body = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>${credentials}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

/** The claim of a token that nobody signed. */
function audienceOf(token: string): string {
  return fieldOf(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"), "aud");
}

async function passOn(elsewhere: string, request: HttpRequest): Promise<HttpAnswer> {
  const headers = new Headers();
  for (const name of ["authorization", "content-type", "x-amz-date", "x-amz-security-token"]) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  const answered = await fetch(new URL(request.path, elsewhere), {
    method: request.method,
    headers,
    ...(request.body !== "" && { body: request.body }),
  });
  const type = answered.headers.get("content-type") ?? "text/xml";
  return { status: answered.status, headers: { "content-type": type }, body: await answered.text() };
}

function fieldOf(text: string, name: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const field: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
    return typeof field === "string" ? field : "";
  } catch {
    return "";
  }
}

function refused(status: number, code: string, message: string): HttpAnswer {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}

function json(status: number, value: object): HttpAnswer {
  return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(value) };
}
