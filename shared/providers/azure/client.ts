import { NetworkManagementClient, type NetworkManagementClientOptionalParams } from "@azure/arm-network";
import type { ArmTokens } from "./identity.ts";

/** What clients share. `endpoint`: another address of Azure Resource Manager, as a URL. */
export type ClientParts = {
  readonly endpoint: string;
  readonly httpClient?: NonNullable<NetworkManagementClientOptionalParams["httpClient"]>;
};

/**
 * A client of a subscription that makes each call once, and where it was meant to go: what is to be repeated is repeated
 * above it, behind the guard, and a call that is sent on elsewhere would be made a second time.
 */
export function armClient(subscription: string, tokens: ArmTokens, parts: ClientParts): NetworkManagementClient {
  const getToken = async () => ({ token: await tokens.get(), expiresOnTimestamp: 0 });
  const client = new NetworkManagementClient({ getToken }, subscription, {
    ...parts,
    allowInsecureConnection: parts.endpoint.startsWith("http:"),
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  });
  // The SDK's own policy keeps a token that was refused until its end, and takes no address without TLS.
  client.pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });
  client.pipeline.addPolicy(
    {
      name: "pointsmanTokens",
      async sendRequest(request, next) {
        request.headers.set("authorization", `Bearer ${await tokens.get()}`);
        const response = await next(request);
        if (response.status === 401) tokens.forget();
        return response;
      },
    },
    { phase: "Sign" },
  );
  return client;
}
