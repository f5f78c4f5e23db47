import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { CliError, exitCodes } from "./exit.ts";

const timeoutMs = 30_000;
const maxAnswerBytes = 64 * 1024 * 1024;

export type HttpAnswer = { readonly status: number; readonly body: string };

/** How the server's certificate is judged: by the system's authorities, by one PEM alone, or not at all. */
export type Trust =
  | { readonly kind: "system" }
  | { readonly kind: "pem"; readonly pem: string }
  | { readonly kind: "none" };

export type HttpCall = {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly trust: Trust;
};

/** One request, redirects not followed. Throws `CliError` (exit code 3) when there is no answer within 30 s. */
export function sendHttp(call: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(unreachable(call.url, error));
    const options = {
      method: call.method,
      headers: { ...call.headers },
      timeout: timeoutMs,
      ...tlsOptions(call.trust),
    };
    const send = call.url.protocol === "http:" ? httpRequest : httpsRequest;
    const request = send(call.url, options, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on("data", (part: Buffer) => {
        size += part.length;
        parts.push(part);
        if (size > maxAnswerBytes) request.destroy(new Error(`the answer is larger than ${maxAnswerBytes} bytes`));
      });
      response.on("error", fail);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }),
      );
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    request.on("error", fail);
    request.end(call.body);
  });
}

function tlsOptions(trust: Trust): { ca?: string; rejectUnauthorized?: boolean } {
  switch (trust.kind) {
    case "system":
      return {};
    case "pem":
      return { ca: trust.pem };
    case "none":
      return { rejectUnauthorized: false };
    default:
      return trust satisfies never;
  }
}

const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: start it (`npm start`), or correct --url",
  ENOTFOUND: "this name does not exist: correct the host name in --url",
  EAI_AGAIN: "the name cannot be looked up now: check the network and the name",
  ETIMEDOUT: "check the network, and that a firewall lets this machine through",
  ECONNRESET: "the connection was cut: try again; check that --url has the right scheme (https) and port",
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned(),
  SELF_SIGNED_CERT_IN_CHAIN: selfSigned(),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: selfSigned(),
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another name: use the name that it is for",
  CERT_HAS_EXPIRED: "the server's certificate has expired: renew it",
  EPROTO: "the server does not speak TLS there: check scheme and port in --url",
};

function selfSigned(): string {
  return "the certificate is not from a known authority: for a local server give its data folder with --data instead of --url, or --insecure if you know whose it is";
}

function unreachable(url: URL, error: unknown): CliError {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const cause = error instanceof Error && error.message !== "" ? error.message : code;
  return new CliError(exitCodes.unreachable, "unreachable", `${url.origin} cannot be reached: ${cause}`, {
    next: advice[code] ?? "check the address, the network, and that the server runs",
    cause: error,
  });
}
