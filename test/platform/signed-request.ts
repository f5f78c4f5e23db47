import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export type Received = { readonly method: string; readonly path: string; readonly body: string } & {
  readonly headers: IncomingHttpHeaders;
};

/** An HTTP server on this machine that notes requests and answers them by turns; the last answer repeats. */
export async function answeringServer(answers: readonly { readonly status: number; readonly body: unknown }[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const answer = answers[Math.min(received.length, answers.length - 1)];
    received.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body });
    response.writeHead(answer?.status ?? 500, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(answer?.body ?? {}));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    received,
    endpoint: new URL(`http://127.0.0.1:${port}`),
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The signature that AWS would compute for a received request (Signature Version 4, from its documentation). */
export function expectedSignature(request: Received, secret: string): string {
  const { scope, signedHeaders } = readAuthorization(request);
  const [date = "", region = "", service = ""] = scope.split("/");
  const headers = signedHeaders.map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join("");
  const bodyHash = createHash("sha256").update(request.body).digest("hex");
  const canonical = [request.method, request.path, "", headers, signedHeaders.join(";"), bodyHash].join("\n");
  const hash = createHash("sha256").update(canonical).digest("hex");
  const text = ["AWS4-HMAC-SHA256", String(request.headers["x-amz-date"]), scope, hash].join("\n");
  const key = [date, region, service, "aws4_request"].reduce<string | Buffer>(
    (held, part) => createHmac("sha256", held).update(part).digest(),
    `AWS4${secret}`,
  );
  return createHmac("sha256", key).update(text).digest("hex");
}

/** The parts of a request's Authorization header. */
export function readAuthorization(request: Received) {
  const match = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)/.exec(
    request.headers.authorization ?? "",
  );
  return { scope: match?.[1] ?? "", signedHeaders: (match?.[2] ?? "").split(";"), signature: match?.[3] ?? "" };
}
