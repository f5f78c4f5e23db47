import { createHash, timingSafeEqual } from "node:crypto";
import { limits } from "../../shared/domain/limits.ts";
import type { AdminDeps } from "./deps.ts";
import { Refusal } from "./refusal.ts";

const operatorPattern = /^[A-Za-z0-9](?:[A-Za-z0-9 ._@+-]{0,62}[A-Za-z0-9])?$/;

/**
 * Guards the API with the bearer token. The right token always passes, so that somebody who hammers the endpoint
 * cannot lock the operators out; wrong ones are answered 401, and 429 after ten within a minute.
 * Throws `Refusal`; the answer to a missing and to a wrong token is the same.
 */
export function createGuard(deps: Pick<AdminDeps, "secrets" | "clock" | "log">): (request: Request) => Promise<void> {
  const failuresMs: number[] = [];
  return async (request) => {
    const token = /^Bearer ([\x21-\x7e]+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    const expected = await expectedHash(deps);
    const given = createHash("sha256")
      .update(token ?? "")
      .digest();
    if (timingSafeEqual(given, expected) && token !== undefined) return;

    const nowMs = deps.clock.monotonicMs();
    const windowStartMs = nowMs - limits.adminFailureWindowMs;
    while (failuresMs[0] !== undefined && failuresMs[0] <= windowStartMs) failuresMs.shift();
    const oldestMs = failuresMs[0];
    if (oldestMs !== undefined && failuresMs.length >= limits.adminFailures) throw tooMany(oldestMs - windowStartMs);
    failuresMs.push(nowMs);
    throw new Refusal(401, "unauthorised", "the admin token is missing or wrong", {
      next: "give the token that `pointsman init` printed, as --token or POINTSMAN_TOKEN; `pointsman rotate token` makes a new one",
      headers: { "www-authenticate": "Bearer" },
    });
  };
}

async function expectedHash({ secrets, log }: Pick<AdminDeps, "secrets" | "log">): Promise<Buffer> {
  try {
    const hash = await secrets.adminTokenHash();
    if (/^[0-9a-f]{64}$/.test(hash)) return Buffer.from(hash, "hex");
    log.error("admin: the hash of the admin token has a wrong form");
  } catch (error) {
    log.error("admin: the hash of the admin token cannot be read", { error: String(error) });
  }
  throw new Refusal(503, "not-set-up", "the deployment has no admin token that can be read", {
    next: "run `pointsman init --stage STAGE` with the cloud's credentials; if that was done, look into the log of the admin function",
  });
}

function tooMany(waitMs: number): Refusal {
  const waitS = Math.max(1, Math.ceil(waitMs / 1000));
  return new Refusal(429, "too-many-failures", "too many wrong admin tokens in a minute", {
    next: `wait ${waitS} s, or give the right token`,
    headers: { "retry-after": String(waitS) },
  });
}

/**
 * Who acts, for the record: `operator NAME` from the header `Pointsman-Operator`, or `operator admin` without it.
 * The name is what the bearer of the token says of himself. Throws `Refusal` for one that is not fit to be recorded.
 */
export function operatorOf(request: Request): `operator ${string}` {
  const name = request.headers.get("pointsman-operator");
  if (name === null) return "operator admin";
  if (operatorPattern.test(name)) return `operator ${name}`;
  throw new Refusal(400, "invalid-request", "the header Pointsman-Operator is not a name", {
    next: "give 1 to 64 letters, digits, spaces or one of . _ @ + -, beginning and ending with a letter or digit",
  });
}
