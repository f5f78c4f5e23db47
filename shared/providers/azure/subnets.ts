import type { IPConfiguration, Subnet } from "@azure/arm-network";
import { type ArmSession, allPages, networkPlace, pageOf, read } from "./call.ts";
import type { Call } from "./errors.ts";
import { idOf } from "./ids.ts";

/** Every subnet of the location's network. Throws `RouteError`, with the code `missing` when the network is not there. */
export function networkSubnets(
  session: ArmSession,
  missing: Call["missing"],
  signal: AbortSignal,
): Promise<readonly Subnet[]> {
  const place = networkPlace(session);
  const call = subnetCall(session, missing);
  return allPages(call, (token) =>
    read(
      session,
      place.subscription,
      call,
      (client, abortSignal) => pageOf(client.subnets.list(place.resourceGroup, place.name, { abortSignal }), token),
      signal,
    ),
  );
}

/** What has addresses in a subnet of the location's network, with the addresses. Throws `RouteError`. */
export async function subnetAddresses(
  session: ArmSession,
  subnet: string,
  signal: AbortSignal,
): Promise<readonly IPConfiguration[]> {
  const place = networkPlace(session);
  const found = await read(
    session,
    place.subscription,
    subnetCall(session, "TARGET_MISSING"),
    (client, abortSignal) =>
      client.subnets.get(place.resourceGroup, place.name, subnet, { abortSignal, expand: "ipConfigurations" }),
    signal,
  );
  return found.ipConfigurations ?? [];
}

function subnetCall(session: ArmSession, missing: Call["missing"]): Call {
  const scope = idOf("virtualnetworks", networkPlace(session));
  const action = "Microsoft.Network/virtualNetworks/subnets/read";
  return { action, about: scope, scope, missing, caller: session.caller };
}
