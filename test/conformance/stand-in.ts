import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";
import { openDynamo } from "../../serve/database/table.ts";

export type StandIn = {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** While it is down, the database answers every request with an error of its own. */
  isDatabaseDown: boolean;
  stop(): Promise<void>;
};

/**
 * What the functions of every platform ask of AWS, on one port: DynamoDB (dynalite, in memory), parameters of SSM, and STS for
 * web identities.
 */
export async function startStandIn(parameters: ReadonlyMap<string, string>): Promise<StandIn> {
  const dynamo = dynalite({ createTableMs: 0 });
  const state = { isDatabaseDown: false };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = String(request.headers["x-amz-target"] ?? "");
    if (target.startsWith("DynamoDB_")) {
      if (state.isDatabaseDown) return void json(response, 500, { __type: "InternalServerError" });
      return void dynamo.emit("request", request, response);
    }
    const body = await textOf(request);
    if (target === "AmazonSSM.GetParameter") return getParameter(response, body, parameters);
    assumeRole(response, new URLSearchParams(body));
  };
  const server = createServer((request, response) => void serve(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await (await openDynamo(endpoint)).stop();
  return Object.assign(state, {
    endpoint,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

export async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(value));
}

function getParameter(response: ServerResponse, body: string, parameters: ReadonlyMap<string, string>): void {
  const { Name } = JSON.parse(body) as { Name: string };
  const Value = parameters.get(Name);
  if (Value === undefined) json(response, 400, { __type: "ParameterNotFound" });
  else json(response, 200, { Parameter: { Name, Type: "SecureString", Value } });
}

function assumeRole(response: ServerResponse, query: URLSearchParams): void {
  const isGood =
    query.get("Action") === "AssumeRoleWithWebIdentity" && query.get("WebIdentityToken")?.startsWith("identity-token");
  response.writeHead(isGood ? 200 : 400, { "content-type": "text/xml" });
  response.end(isGood ? assumed : refused);
}

const assumed = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>entered</AccessKeyId><SecretAccessKey>entered</SecretAccessKey>
<SessionToken>entered</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
const refused = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>InvalidIdentityToken</Code><Message>no such token</Message></Error></ErrorResponse>`;
