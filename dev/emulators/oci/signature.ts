import { createHash, verify } from "node:crypto";
import type { HttpRequest } from "../common/http-server.ts";
import { notAuthenticated } from "./errors.ts";

const FORM =
  /^Signature version="1",keyId="([^"]+)",algorithm="rsa-sha256",headers="([^"]+)",signature="([A-Za-z0-9+/=]+)"$/;
const ALWAYS = ["x-date", "(request-target)", "host"];
const WITH_BODY = [...ALWAYS, "content-length", "content-type", "x-content-sha256"];

/**
 * Looks at who signed a request and how, and answers the key id. The digest of the body must be right; so must be the
 * signature, where public keys are known. Throws `ApiError` 401.
 * https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm
 */
export function callerOf(request: HttpRequest, keys: ReadonlyMap<string, string>): string {
  const { headers, method, path, body } = request;
  const [, keyId = "", names = "", signature = ""] = FORM.exec(headers["authorization"] ?? "") ?? [];
  const signed = names.toLowerCase().split(" ");
  const needed = method === "PUT" || method === "POST" ? WITH_BODY : ALWAYS;
  if (keyId === "" || needed.some((name) => !signed.includes(name))) throw notAuthenticated();
  if (Number.isNaN(Date.parse(headers["x-date"] ?? ""))) throw notAuthenticated();
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
