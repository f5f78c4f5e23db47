import { createCipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { type Certificate, makeCertificate } from "../../serve/http/certificate.ts";
import { startHttpServer } from "../../serve/http/server.ts";

export const silentLog = { warn: () => {}, error: () => {} };

/** A plain text sealed as the protocol notes describe it. */
export function seal(secret: string, plain: unknown): Response {
  const text = Buffer.from(JSON.stringify(plain));
  const padded = Buffer.concat([text, Buffer.alloc((16 - (text.length % 16)) % 16)]);
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", createHash("sha256").update(secret).digest(), iv).setAutoPadding(false);
  const body = Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64");
  return new Response(body, {
    headers: {
      "Cipher-IV": iv.toString("base64"),
      "Cipher-Signature": createHmac("sha512", secret).update(body).digest("base64"),
    },
  });
}

/** A good answer's plain text, with what a test changes. */
export function linkState(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: "host1",
    protocol: "ipsec",
    wg_port: 0,
    ipv6: false,
    action: "restart",
    type: null,
    links: [],
    hosts: {},
    preferred_ike: null,
    preferred_esp: null,
    force_preferred: false,
    hash: "h1",
    ...changes,
  };
}

export type Seen = { readonly method: string; readonly headers: Headers; readonly body: string };

let certificate: Promise<Certificate> | undefined;

/** An HTTPS endpoint on a free port that notes requests and answers as it is told. */
export async function fakeEndpoint(answer: (seen: Seen) => Response | Promise<Response>) {
  certificate ??= makeCertificate(Date.now());
  const made = await certificate;
  const seen: Seen[] = [];
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    certificate: made,
    log: silentLog,
    route: (path) =>
      path === "/link/state"
        ? {
            maxBodyBytes: 64 * 1024,
            handle: async (request) => {
              const one = { method: request.method, headers: request.headers, body: await request.text() };
              seen.push(one);
              return answer(one);
            },
          }
        : undefined,
  });
  return { seen, ca: made.cert, endpoint: { host: "127.0.0.1", port: server.port }, stop: () => server.stop() };
}
