import { createDecipheriv, createHash, createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod/mini";

/** The link-host wire format as an agent sees it, written apart from the server's, so that each tests the other. */

const LINK_PATH = "/link/state";

export type Endpoint = { readonly host: string; readonly port: number };
export type HostUri = { readonly hostId: string; readonly secret: string; readonly endpoints: readonly Endpoint[] };

/** One tunnel that the answer tells a host to hold; `id` is the other location. */
export const TunnelOrder = z.object({
  id: z.string(),
  static: z.boolean(),
  pre_shared_key: z.string(),
  right: z.string(),
  wg_public_key: z.string(),
  left_subnets: z.array(z.string()),
  right_subnets: z.array(z.string()),
  hash: z.string(),
});
export type TunnelOrder = z.infer<typeof TunnelOrder>;

/** The plaintext of a good answer. `hosts` maps host ids to the addresses to check. */
export const LinkState = z.object({
  id: z.string(),
  protocol: z.enum(["ipsec", "wg"]),
  wg_port: z.int(),
  ipv6: z.boolean(),
  action: z.enum(["restart", "hold"]),
  type: z.nullable(z.string()),
  links: z.array(TunnelOrder),
  hosts: z.record(z.string(), z.string()),
  preferred_ike: z.nullable(z.string()),
  preferred_esp: z.nullable(z.string()),
  force_preferred: z.boolean(),
  hash: z.string(),
});
export type LinkState = z.infer<typeof LinkState>;

/**
 * Reads `pritunl://HOST_ID:SECRET@ENDPOINT[,ENDPOINT…]` (or `pointsman://`); the port is 443 when none is given.
 * Throws a plain Error that does not repeat the secret.
 */
export function parseHostUri(uri: string): HostUri {
  const parts = /^(?:pritunl|pointsman):\/\/([A-Za-z0-9]+):([^@/]+)@([^/]+)$/.exec(uri);
  const [, hostId, secret, list] = parts ?? [];
  if (hostId === undefined || secret === undefined || list === undefined) {
    throw new Error("not a host URI: pritunl://HOST_ID:SECRET@ENDPOINT[,ENDPOINT…]");
  }
  return { hostId, secret, endpoints: list.split(",").map(parseEndpoint) };
}

function parseEndpoint(text: string): Endpoint {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new Error(`not an endpoint: ${text}: write host or host:port`);
  return { host, port: port === undefined ? 443 : Number(port) };
}

/** The four headers of a request. `timestampS` is the agent's own Unix time in seconds. */
export function authHeaders(
  uri: Pick<HostUri, "hostId" | "secret">,
  request: { readonly method: "PUT" | "DELETE"; readonly timestampS: number; readonly nonce: string },
): Record<string, string> {
  const message = [uri.hostId, request.timestampS, request.nonce, request.method, LINK_PATH].join("&");
  return {
    "Auth-Token": uri.hostId,
    "Auth-Timestamp": String(request.timestampS),
    "Auth-Nonce": request.nonce,
    "Auth-Signature": createHmac("sha512", uri.secret).update(message).digest("base64"),
  };
}

/** Checks the signature of a 200 answer, decrypts and parses it. Throws with the reason when any step fails. */
export function openAnswer(
  secret: string,
  answer: { readonly body: string; readonly iv: string | undefined; readonly signature: string | undefined },
): LinkState {
  if (answer.iv === undefined || answer.signature === undefined) throw new Error("answer without Cipher headers");
  const wanted = createHmac("sha512", secret).update(answer.body).digest();
  const given = Buffer.from(answer.signature, "base64");
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Error("answer with a bad signature");

  const key = createHash("sha256").update(secret).digest();
  const decipher = createDecipheriv("aes-256-cbc", key, Buffer.from(answer.iv, "base64")).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(Buffer.from(answer.body, "base64")), decipher.final()]);
  const end = padded.findLastIndex((byte) => byte !== 0) + 1;
  return LinkState.parse(JSON.parse(padded.subarray(0, end).toString("utf8")));
}
