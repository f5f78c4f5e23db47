import type { TokenCredential } from "@azure/identity";
import { RouteError } from "../../domain/errors.ts";

const PUBLIC = "https://management.azure.com";

/** Where Azure Resource Manager is. `isLocal`: on this machine, where an emulator may be without TLS. */
export type ArmEndpoint = { readonly endpoint: string; readonly isLocal: boolean };

/**
 * The address of Azure Resource Manager: the public one when none is given. Throws `RouteError` INVALID for one that would
 * take tokens over the network in the clear.
 */
export function armEndpoint(given: string | undefined): ArmEndpoint {
  const endpoint = (given ?? PUBLIC).replace(/\/$/, "");
  const isLocal = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(endpoint);
  if (isLocal || endpoint.startsWith("https://")) return { endpoint, isLocal };
  const message = `azure: the endpoint ${endpoint} is no https address, nor one of this machine`;
  throw new RouteError("INVALID", message, { retry: "never", next: "correct the endpoint of Azure" });
}

/** For an emulator on this machine, which no real token may ever be sent to. */
export async function localCredential(): Promise<TokenCredential> {
  return { getToken: async () => ({ token: "local", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
}
