import { authHeaders } from "../../dev/link-host/wire.ts";
import type { Id } from "../../shared/domain/ids.ts";
import type { PlainRequest } from "../../shared/platform/plain-http.ts";

/** One request on its way, and what is true of it. */
export type Shipment = {
  readonly request: PlainRequest;
  /** The host that it claims to be from. */
  readonly hostId: Id;
  readonly method: "PUT" | "DELETE";
  /** What it was signed with: its answer is sealed with the same. */
  readonly secret: string;
  /** When its host signed it, true time, ms; 0 for what its host never signed. */
  readonly signedMs: number;
  /** What it reports of its host: how that is, something untrue, or nothing that can be taken. */
  readonly report: "true" | "lie" | "none";
};

export type Letter = Omit<Shipment, "request"> & {
  /** By the clock of its host. */
  readonly timestampS: number;
  readonly nonce: string;
  /** Undefined for one that is too large to be read. */
  readonly body: string | undefined;
};

/** Signs a request as an agent does. */
export function sealed({ timestampS, nonce, body, ...rest }: Letter): Shipment {
  const { hostId, secret, method } = rest;
  const signed = authHeaders({ hostId, secret }, { method, timestampS, nonce });
  return { ...rest, request: { method, path: "/link/state", headers: { get: (name) => header(signed, name) }, body } };
}

function header(signed: Readonly<Record<string, string>>, name: string): string | undefined {
  switch (name) {
    case "auth-token":
      return signed["Auth-Token"];
    case "auth-timestamp":
      return signed["Auth-Timestamp"];
    case "auth-nonce":
      return signed["Auth-Nonce"];
    case "auth-signature":
      return signed["Auth-Signature"];
    default:
      return undefined;
  }
}
