import { request } from "node:https";
import type { SecureContext } from "node:tls";
import type { Endpoint } from "./wire.ts";

/**
 * How an agent trusts an endpoint: a certificate authority, the same as many agents of one process share it, or no checks
 * at all, as an operator may choose.
 */
export type Trust = { readonly ca: string } | { readonly secureContext: SecureContext } | "anyone";

export type HttpAnswer = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
};

export type Call = {
  readonly endpoint: Endpoint;
  readonly method: "PUT" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly trust: Trust;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** One request to `/link/state` on a TLS connection of its own, as an agent makes it. Rejects on any network failure. */
export function exchange(call: Call): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => outgoing.destroy(new Error(`no answer in ${call.timeoutMs} ms`)), call.timeoutMs);
    const outgoing = request(
      {
        host: call.endpoint.host,
        port: call.endpoint.port,
        method: call.method,
        path: "/link/state",
        headers: { ...call.headers, ...(call.body === undefined ? {} : { "Content-Type": "application/json" }) },
        agent: false,
        signal: call.signal,
        ...(call.trust === "anyone" ? { rejectUnauthorized: false } : call.trust),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const header = (name: string) => {
            const value = incoming.headers[name.toLowerCase()];
            return Array.isArray(value) ? value[0] : value;
          };
          resolve({ status: incoming.statusCode ?? 0, header, body: Buffer.concat(chunks).toString("utf8") });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.on("close", () => clearTimeout(late));
    outgoing.end(call.body);
  });
}
