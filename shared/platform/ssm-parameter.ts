import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SignatureV4 } from "@smithy/signature-v4";
import * as z from "zod/mini";
import type { Clock } from "../ports/clock.ts";

/** What is borrowed of the DynamoDB client that every function holds anyway: credentials, hash, sockets. */
type Borrowed = Pick<DynamoDBClient["config"], "credentials" | "sha256" | "requestHandler" | "streamCollector">;

type Options = {
  readonly region: string;
  /** Stands in for the service's own address, such as an emulator's. */
  readonly endpoint: URL | undefined;
  readonly clock: Clock;
};

const Found = z.object({ Parameter: z.object({ Value: z.string().check(z.minLength(1)) }) });
const Refused = z.object({ __type: z.string() });

/** Requests for one parameter, and the pause before the second; it doubles. ms */
const attempts = 3;
const pauseMs = 100;

/**
 * Reads one SecureString parameter, decrypted, by a signed GetParameter call: @aws-sdk/client-ssm would make the heartbeat
 * function load a third more code (docs/decisions/0010-one-signed-call-for-secrets.md). Retries throttling, faults and
 * broken connections. Throws an Error that names the parameter, never a value.
 */
export function ssmParameterReader(client: Borrowed, options: Options): (name: string) => Promise<string> {
  const suffix = options.region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const address = options.endpoint ?? new URL(`https://ssm.${options.region}.${suffix}`);
  const signer = new SignatureV4({
    service: "ssm",
    region: options.region,
    credentials: client.credentials,
    sha256: client.sha256,
  });

  const ask = async (name: string): Promise<{ readonly status: number; readonly answer: unknown }> => {
    const signed = await signer.sign({
      method: "POST",
      protocol: address.protocol,
      hostname: address.hostname,
      ...(address.port === "" ? {} : { port: Number(address.port) }),
      path: "/",
      query: {},
      headers: {
        host: address.host,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AmazonSSM.GetParameter",
      },
      body: JSON.stringify({ Name: name, WithDecryption: true }),
    });
    const { response } = await client.requestHandler.handle(signed);
    const text = Buffer.from(await client.streamCollector(response.body)).toString("utf8");
    return { status: response.statusCode, answer: parseJson(text) };
  };

  return async (name) => {
    let reason = "";
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await options.clock.sleep(pauseMs * 2 ** (attempt - 1));
      try {
        const { status, answer } = await ask(name);
        const found = z.safeParse(Found, answer);
        if (status === 200 && found.success) return found.data.Parameter.Value;
        reason = reasonOf(status, answer);
        if (status < 500 && !/Throttl|TooManyUpdates/.test(reason)) break;
      } catch (error) {
        reason = error instanceof Error ? error.name : "no answer";
      }
    }
    throw new Error(`ssm: parameter ${name} cannot be read (${reason}): has \`pointsman init\` been run?`);
  };
}

function reasonOf(status: number, answer: unknown): string {
  const refused = z.safeParse(Refused, answer);
  return refused.success ? refused.data.__type.replace(/^.*#/, "") : `HTTP ${status}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
