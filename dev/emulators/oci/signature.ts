import { createHash, verify } from "node:crypto";
import type { HttpRequest } from "../common/http-server.ts";
import { notAuthenticated } from "./errors.ts";

/** The fields of an authorization, in whatever order: Oracle's SDKs differ in it. */
const FIELD = /(\w+)="([^"]*)"/g;
const ALWAYS = ["(request-target)", "host"];
const WITH_BODY = [...ALWAYS, "content-length", "content-type", "x-content-sha256"];

/**
 * Looks at who signed a request and how, and answers the key id. The digest of the body must be right; so must be the
 * signature, where public keys are known. Throws `ApiError` 401.
 * https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm
 */
export function callerOf(request: HttpRequest, keys: ReadonlyMap<string, string>): string {
  const { headers, method, path, body } = request;
  const { keyId, names, signature } = fieldsOf(headers["authorization"] ?? "");
  const signed = names.toLowerCase().split(" ");
  const needed = method === "PUT" || method === "POST" ? WITH_BODY : ALWAYS;
  // Either will do: Oracle's SDK for Python signs `date`, that for TypeScript `x-date`.
  const dated = ["x-date", "date"].find((name) => signed.includes(name));
  if (keyId === "" || dated === undefined || needed.some((name) => !signed.includes(name))) throw notAuthenticated();
  if (Number.isNaN(Date.parse(headers[dated] ?? ""))) throw notAuthenticated();
  if (needed === WITH_BODY) {
    const digest = createHash("sha256").update(body).digest("base64");
    if (headers["x-content-sha256"] !== digest) throw notAuthenticated();
  }
  if (keys.size === 0) return keyId;
  const lines = signed.map((name) =>
    name === "(request-target)" ? `${name}: ${method.toLowerCase()} ${path}` : `${name}: ${headers[name] ?? ""}`,
  );
  const key = keys.get(keyId);
  const isRight =
    key !== undefined && verify("sha256", Buffer.from(lines.join("\n")), key, Buffer.from(signature, "base64"));
  if (!isRight) throw notAuthenticated();
  return keyId;
}

function fieldsOf(authorization: string) {
  const [scheme = ""] = authorization.split(" ", 1);
  const given = new Map([...authorization.matchAll(FIELD)].map(([, name = "", value = ""]) => [name, value]));
  const isKnown =
    scheme === "Signature" &&
    given.get("version") === "1" &&
    given.get("algorithm") === "rsa-sha256" &&
    given.size === 5;
  if (!isKnown) throw notAuthenticated();
  return {
    keyId: given.get("keyId") ?? "",
    names: given.get("headers") ?? "",
    signature: given.get("signature") ?? "",
  };
}
