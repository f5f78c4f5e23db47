import type { Link } from "../shared/domain/network.ts";
import type { PlainHandler, PlainRequest } from "../shared/platform/plain-http.ts";
import { buildAnswer } from "../shared/protocol/answer.ts";
import { hostSecret } from "../shared/protocol/keys.ts";
import { seal } from "../shared/protocol/seal.ts";
import { isSigned, sign } from "../shared/protocol/signature.ts";
import { heartbeatWorld } from "./heartbeat-world.ts";
import { healthyBody, masterKey, placesOf, signedHeartbeat } from "./heartbeats.ts";
import { addressOf, makeMesh } from "./mesh.ts";

/** Time of one heartbeat through the whole handler, and of its floor, in µs. */
export type HeartbeatTimes = { readonly wholeUs: number; readonly floorUs: number };

/**
 * Every host of a mesh of `locations` with two hosts each heartbeats once a simulated second. Gives the heartbeats of
 * each `blockSeconds`. The whole handler and the floor take turns, so that both find caches and the heap alike.
 */
export async function measureHeartbeats(
  locations: number,
  blocks: number,
  blockSeconds: number,
): Promise<readonly (readonly HeartbeatTimes[])[]> {
  const network = makeMesh({ locations, hostsPerLocation: 2, timeoutMs: 30_000, hostCheck: true });
  const { clock, containers } = await heartbeatWorld(network, 1, false);
  const [receive] = containers;
  const [link] = network.links;
  if (receive === undefined || link === undefined) throw new Error("nothing to measure");
  const floor = floorOf(link);
  const hosts = placesOf(network).map((place) => ({
    id: place.host.id,
    text: JSON.stringify(healthyBody(place, place.host === place.location.hosts[0])),
    secret: hostSecret(masterKey, place.host.id, 1),
  }));
  const measured: HeartbeatTimes[][] = [];
  let sequence = 0;
  for (let block = 0; block < blocks; block++) {
    const times: HeartbeatTimes[] = [];
    for (let second = 0; second < blockSeconds; second++) {
      clock.jump(1_000);
      for (const { id, text, secret } of hosts) {
        const request = signedHeartbeat(id, text, clock.nowMs(), sequence++, secret);
        await breathe();
        const wholeUs = await timeHeartbeat(receive, request);
        await breathe();
        times.push({ wholeUs, floorUs: timeFloor(floor) });
      }
    }
    measured.push(times);
  }
  return measured;
}

async function timeHeartbeat(receive: PlainHandler, request: PlainRequest): Promise<number> {
  const startMs = performance.now();
  const { status } = await receive(request);
  const tookUs = (performance.now() - startMs) * 1_000;
  if (status !== 200) throw new Error(`a heartbeat was answered ${status}`);
  return tookUs;
}

function timeFloor(floor: () => void): number {
  const startMs = performance.now();
  floor();
  return (performance.now() - startMs) * 1_000;
}

/** Verifies a signature and seals the answer of an active host. */
function floorOf(link: Link): () => void {
  const [place] = placesOf({ version: 1, links: [link] });
  if (place === undefined) throw new Error("nothing to measure");
  const active = new Map(link.locations.map((one) => [one.id, one.hosts[0]?.id ?? ""]));
  const contacts = new Map(
    link.locations.flatMap((one) =>
      one.hosts.map(
        (host) => [host.id, { publicAddress: addressOf(host.ordinal), address6: "", wgPublicKey: "" }] as const,
      ),
    ),
  );
  const text = buildAnswer(place, { active, contacts }, true, masterKey);
  const secret = hostSecret(masterKey, place.host.id, 1);
  const parts = { hostId: place.host.id, timestamp: "1700000000", nonce: "n".repeat(32), method: "PUT" as const };
  const signature = sign(parts, secret);
  const iv = new Uint8Array(16);
  return () => {
    if (!isSigned(parts, secret, signature)) throw new Error("the floor's signature is wrong");
    seal(text, secret, iv);
  };
}

/** Lets the event loop turn, as between two requests of a server: native objects that are done with are freed then. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
