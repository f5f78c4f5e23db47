import { AsyncLocalStorage } from "node:async_hooks";
import type { HttpRequest } from "oci-common";
import { CircuitBreaker, NoRetryConfigurationDetails } from "oci-common";
import { VirtualNetworkClient } from "oci-core/lib/client.js";
import { tried } from "../common/pace.ts";
import { OciFailure } from "./failure.ts";
import type { OciIdentity } from "./identity.ts";

/** The calls of OCI's networking API that are made, and the one that tells whether a VCN is there. */
export type OciNetwork = Pick<
  VirtualNetworkClient,
  | "getPrivateIp"
  | "getRouteTable"
  | "getSecurityList"
  | "getSubnet"
  | "getVcn"
  | "getVnic"
  | "listNetworkSecurityGroupSecurityRules"
  | "listPrivateIps"
  | "listRouteTables"
  | "listSubnets"
  | "privateIpVnicDetach"
  | "updatePrivateIp"
  | "updateRouteTable"
  | "updateVnic"
>;

export type OciClient = {
  /** Makes one call, once. Rejects with `OciFailure` when the answer is no success, or with what the network threw. */
  send<T>(request: (network: OciNetwork) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Resolves when there is what requests are signed with, or when there will be none. */
  entered(): Promise<void>;
  /** OCI refused who we are: the identity is read anew for the next call. */
  forgetIdentity(): void;
};

type Under = { readonly signal: AbortSignal; readonly fail: (error: unknown) => void };

/** How a signed request is sent and answered: in the way of `fetch`. */
export type Transport = (uri: string, request: RequestInit) => Promise<Response>;

/**
 * A client for a region under one identity. `endpoint`: another address of the API, as a URL. The SDK's own HTTP client
 * takes no signal, and its retrier writes what failed to the console: signing and encoding are the SDK's, the exchange
 * is ours, and failures go around the retrier.
 */
export function ociClient(
  region: string,
  identity: OciIdentity,
  endpoint?: string,
  transport: Transport = fetch,
): OciClient {
  const under = new AsyncLocalStorage<Under>();
  const httpClient = {
    async send(request: HttpRequest): Promise<Response> {
      const { signal, fail } = under.getStore() ?? {};
      try {
        const answer = await exchange(transport, request, identity, signal);
        if (answer.ok) return answer;
        throw await failureOf(answer);
      } catch (error) {
        if (fail === undefined) throw error;
        fail(error);
        return new Promise<never>(() => undefined);
      }
    },
  };
  const network = new VirtualNetworkClient(
    { httpClient },
    // A changing call that is repeated blindly could land after a newer decision: nothing is repeated below the guard.
    {
      retryConfiguration: NoRetryConfigurationDetails,
      circuitBreaker: new CircuitBreaker({ disableClientCircuitBreaker: true }),
    },
  );
  if (endpoint === undefined) network.regionId = region;
  else network.endpoint = endpoint.replace(/\/+$/, "");
  return {
    send: (request, signal) =>
      new Promise((resolve, reject) => {
        under.run({ signal, fail: reject }, () => request(network).then(resolve, reject));
      }),
    entered: () => tried(() => identity.signer()),
    forgetIdentity: () => identity.forget(),
  };
}

async function exchange(
  transport: Transport,
  request: HttpRequest,
  identity: OciIdentity,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const { method, headers, uri } = request;
  const body = typeof request.body === "string" ? request.body : undefined;
  const signer = await identity.signer();
  await signer.signHttpRequest({ method, headers, uri, ...(body !== undefined && { body }) });
  // A call that is sent on elsewhere would be made a second time, without its guard.
  return transport(uri, {
    method,
    headers,
    redirect: "manual",
    ...(body !== undefined && { body }),
    ...(signal && { signal }),
  });
}

async function failureOf(answer: Response): Promise<OciFailure> {
  const text = await answer.text();
  const { code = "", message = text } = fieldsOf(text);
  return new OciFailure(answer.status, code, message);
}

/** A gateway between may answer something that is no JSON. */
function fieldsOf(text: string): { readonly code?: string; readonly message?: string } {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== "object" || read === null) return {};
    return {
      ...("code" in read && typeof read.code === "string" && { code: read.code }),
      ...("message" in read && typeof read.message === "string" && { message: read.message }),
    };
  } catch {
    return {};
  }
}
