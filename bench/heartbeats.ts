import type { HostPlace, Network } from "../shared/domain/network.ts";
import { peersOf } from "../shared/domain/topology.ts";
import type { PlainRequest } from "../shared/platform/plain-http.ts";
import { hostSecret } from "../shared/protocol/keys.ts";
import { sign, statePath } from "../shared/protocol/signature.ts";
import { addressOf } from "./mesh.ts";

export const masterKey = new Uint8Array(32).fill(7);

/** The body that a healthy host of a mesh sends, as an object: all peers reached, and connected if it is active. */
export function healthyBody(place: HostPlace, isActive: boolean): Record<string, unknown> {
  const peers = peersOf(place.link, place.location);
  const checked = peers.flatMap((peer) => peer.hosts.filter((host) => !host.static));
  return {
    version: "1.0.3594.0",
    public_address: addressOf(place.host.ordinal),
    local_address: addressOf(place.host.ordinal).replace(/^198/, "10"),
    address6: "",
    wg_public_key: "mD6v0tb7fFHQJ0n5lWzRzTnlGFj2vXGJX3p1ZpXo0GY=",
    status: isActive ? Object.fromEntries(peers.map((peer) => [peer.id, "connected"])) : {},
    hosts: place.link.hostCheck
      ? Object.fromEntries(checked.map((host) => [host.id, { state: true, latency: 1_200 + host.ordinal }]))
      : {},
    errors: null,
  };
}

/** Text as it comes from a socket: in one piece of memory, not as the parts that it was put together from. */
const received = (text: string): string => Buffer.from(text).toString();

/** Signs a heartbeat at an agent time. `sequence` makes the nonce. */
export function signedHeartbeat(
  hostId: string,
  bodyWithoutTime: string,
  agentTimeMs: number,
  sequence: number,
  secret = hostSecret(masterKey, hostId, 1),
): PlainRequest {
  const timestamp = String(Math.floor(agentTimeMs / 1000));
  const nonce = `n${String(sequence).padStart(31, "0")}`;
  const parts = { hostId, timestamp, nonce, method: "PUT" as const };
  return {
    method: "PUT",
    path: statePath,
    headers: new Map([
      ["auth-token", hostId],
      ["auth-timestamp", timestamp],
      ["auth-nonce", received(nonce)],
      ["auth-signature", sign(parts, secret)],
    ]),
    body: received(`{"timestamp":${timestamp},${bodyWithoutTime.slice(1)}`),
  };
}

/** Every host of a network with its place. */
export function placesOf(network: Network): readonly HostPlace[] {
  return network.links.flatMap((link) =>
    link.locations.flatMap((location) => location.hosts.map((host) => ({ link, location, host }))),
  );
}
