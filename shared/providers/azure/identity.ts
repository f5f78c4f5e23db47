import type { TokenCredential } from "@azure/identity";
import type { AzureCloud } from "../../domain/clouds/azure.ts";
import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { WebIdentity } from "../../ports/cloud-secrets.ts";
import type { ClientParts } from "./client.ts";

/** Bearer tokens for the API of Azure Resource Manager. */
export type ArmTokens = {
  /** A token, kept and renewed `limits.azureTokenRenewMs` before its end. Throws what the exchange threw. */
  get(): Promise<string>;
  /** Azure refused it, so it may have been revoked: the next one is asked for anew. */
  forget(): void;
};

/** The audience that Entra asks of tokens that are exchanged for its own. */
const AUDIENCE = "api://AzureADTokenExchange";

/** Tokens for `scope`, by a credential that is made when first needed, and made anew after a refusal since it keeps tokens too. */
export function armTokens(clock: Clock, scope: string, make: () => Promise<TokenCredential>): ArmTokens {
  let credential: Promise<TokenCredential> | null = null;
  let held: { readonly token: string; readonly expiresMs: number } | null = null;
  let renewal: Promise<string> | null = null;

  const renew = async (): Promise<string> => {
    credential ??= make();
    try {
      const made = credential;
      const answer = await inTime(clock, async () => (await made).getToken(scope));
      if (answer === null) throw new Error("the credential gave no token");
      held = { token: answer.token, expiresMs: answer.expiresOnTimestamp };
      return answer.token;
    } catch (error) {
      credential = null;
      throw error;
    }
  };

  return {
    async get() {
      if (held !== null && held.expiresMs - clock.nowMs() > limits.azureTokenRenewMs) return held.token;
      renewal ??= renew().finally(() => {
        renewal = null;
      });
      return renewal;
    },
    forget() {
      credential = null;
      held = null;
    },
  };
}

/** A request that hangs, since the container was frozen meanwhile, is not waited for by everybody who comes after it. */
async function inTime<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = clock.sleep(limits.routeCallMs, over.signal).then((): T => {
    throw Object.assign(new Error(`no token within ${limits.routeCallMs} ms`), { code: "ETIMEDOUT" });
  });
  // When it is not needed any more it ends all the same.
  late.catch(() => undefined);
  try {
    return await Promise.race([work(), late]);
  } finally {
    over.abort();
  }
}

/**
 * The credential of a location: the application that its settings name, entered with a token of the AWS role that we
 * run as, or else the identity of the platform (managed identity, environment). Throws `RouteError` INVALID.
 */
export async function credentialOf(
  identity: AzureCloud["identity"],
  awsToken: WebIdentity | undefined,
  httpClient: ClientParts["httpClient"],
): Promise<TokenCredential> {
  const { ClientAssertionCredential, DefaultAzureCredential } = await import("@azure/identity");
  const options = { retryOptions: { maxRetries: 0 }, ...(httpClient && { httpClient }) };
  if (identity === undefined) return new DefaultAzureCredential(options);
  if (awsToken === undefined) {
    throw new RouteError("INVALID", "azure: the location has an identity, but there is no AWS role to enter it with", {
      retry: "never",
      next: "run the routes function on AWS, or leave the location's identity out",
    });
  }
  // Entra's library wraps whatever kept AWS from giving a token: it is told as it was.
  let refusal: unknown;
  const assertion = () =>
    awsToken(AUDIENCE, AbortSignal.timeout(limits.routeCallMs)).catch((error: unknown) => {
      refusal = error;
      throw error;
    });
  const exchange = new ClientAssertionCredential(identity.tenant, identity.client, assertion, options);
  return {
    async getToken(scopes, more) {
      refusal = undefined;
      try {
        return await exchange.getToken(scopes, more);
      } catch (error) {
        throw refusal ?? error;
      }
    },
  };
}

/** Who calls, in words. */
export function callerOf(identity: AzureCloud["identity"]): string {
  return identity === undefined ? "the identity of the routes function" : `application ${identity.client}`;
}
