import * as z from "zod/mini";
import { interfaceBody } from "./bodies.ts";
import { ApiError, invalid, notFound } from "./errors.ts";
import type { Asked } from "./paths.ts";
import { keyOf, type State } from "./state.ts";

const Body = z.looseObject({
  location: z.string(),
  tags: z.optional(z.record(z.string(), z.string())),
  properties: z.looseObject({
    enableIPForwarding: z._default(z.boolean(), false),
    networkSecurityGroup: z.optional(z.looseObject({ id: z.string() })),
    ipConfigurations: z.array(z.looseObject({ properties: z.looseObject({ privateIPAddress: z.string() }) })),
  }),
});

/**
 * A PUT of a whole interface, of which IP forwarding alone may differ from what stands: everything else is refused, so
 * that a caller who drops something is found out. Throws `ApiError`.
 */
export function putInterface(state: State, at: Asked, text: string, ifMatch: string | undefined): State {
  const key = keyOf("networkInterfaces", at);
  const found = state.interfaces.get(key);
  if (found === undefined) throw notFound(at.path);
  const { etag } = interfaceBody(found) as { readonly etag: string };
  if (ifMatch !== undefined && ifMatch !== etag) {
    throw new ApiError(412, "PreconditionFailed", "The etag does not match that of the interface.");
  }
  const read = Body.safeParse(JSON.parse(text));
  if (!read.success) throw invalid("InvalidRequestContent", `The request content is not valid: ${read.error.message}`);
  const { location, tags = {}, properties } = read.data;
  const same =
    location === found.location &&
    JSON.stringify(tags) === JSON.stringify(found.tags) &&
    properties.networkSecurityGroup?.id === found.securityGroup &&
    JSON.stringify(properties.ipConfigurations.map((one) => one.properties.privateIPAddress)) ===
      JSON.stringify(found.addresses.map(({ address }) => address));
  if (!same) throw invalid("NotEmulated", "The emulator changes nothing of an interface but its IP forwarding.");
  const next = { ...found, ipForwarding: properties.enableIPForwarding };
  return { ...state, interfaces: new Map(state.interfaces).set(key, next) };
}
