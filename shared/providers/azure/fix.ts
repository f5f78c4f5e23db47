import type { NetworkInterface, NetworkManagementClient } from "@azure/arm-network";
import type { FixAction } from "../../domain/finding.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Fixer } from "../../ports/fixer.ts";
import { attempt } from "./call.ts";
import { armClient } from "./client.ts";
import { armEndpoint, localCredential } from "./endpoint.ts";
import type { Call } from "./errors.ts";
import { armTokens, credentialOf } from "./identity.ts";
import { idOf } from "./ids.ts";

type Action = Extract<FixAction, { kind: "azure-ip-forwarding" }>;
type ClientOf = (subscription: string) => NetworkManagementClient;

/**
 * Clients with the ambient login (environment, `az login`, managed identity), one a subscription. `given`: another address
 * of Azure Resource Manager. Throws `RouteError` INVALID where it would take tokens in the clear.
 */
export function ambientClients(clock: Clock, given: string | undefined): ClientOf {
  const { endpoint, isLocal } = armEndpoint(given);
  const credential = isLocal ? localCredential : () => credentialOf(undefined, undefined, undefined);
  const tokens = armTokens(clock, `${endpoint}/.default`, credential);
  return (subscription) => armClient(subscription, tokens, { endpoint });
}

/** Switches the IP forwarding of an interface on. */
export function azureFixer(clock: Clock, clientOf: ClientOf): Fixer {
  const read = (action: Action, signal: AbortSignal) =>
    attempt(
      clock,
      callOf(action, "read"),
      (abortSignal) =>
        clientOf(action.subscription).networkInterfaces.get(action.resourceGroup, action.networkInterface, {
          abortSignal,
        }),
      signal,
    );
  return {
    async look(action, signal) {
      const found = await read(only(action), signal);
      return { changes: `${found.id}: IP forwarding off → on`, isNeeded: found.enableIPForwarding !== true };
    },
    async apply(action, signal) {
      const { subscription, resourceGroup, networkInterface } = only(action);
      const found = await read(only(action), signal);
      const next: NetworkInterface = { ...found, enableIPForwarding: true };
      // Azure takes the interface as a whole: what somebody else changed meanwhile must not be undone.
      const requestOptions = found.etag === undefined ? {} : { customHeaders: { "If-Match": found.etag } };
      await attempt(
        clock,
        callOf(only(action), "write"),
        (abortSignal) =>
          clientOf(subscription).networkInterfaces.beginCreateOrUpdateAndWait(resourceGroup, networkInterface, next, {
            abortSignal,
            requestOptions,
          }),
        signal,
      );
    },
  };
}

function only(action: FixAction): Action {
  if (action.kind === "azure-ip-forwarding") return action;
  throw new Error(`${action.kind} is not of Azure`);
}

function callOf({ subscription, resourceGroup, networkInterface: name }: Action, verb: "read" | "write"): Call {
  const scope = idOf("networkinterfaces", { subscription, resourceGroup, name });
  const action = `Microsoft.Network/networkInterfaces/${verb}`;
  return { action, about: scope, scope, missing: "TARGET_MISSING", caller: "your own login" };
}
