import type { Link } from "../shared/domain/network.ts";
import type { PlainRequest } from "../shared/platform/plain-http.ts";
import { buildAnswer } from "../shared/protocol/answer.ts";
import { hostSecret } from "../shared/protocol/keys.ts";
import { seal } from "../shared/protocol/seal.ts";
import { isSigned, sign } from "../shared/protocol/signature.ts";
import { heartbeatWorld } from "./heartbeat-world.ts";
import { healthyBody, masterKey, placesOf, signedHeartbeat } from "./heartbeats.ts";
import { addressOf, makeMesh } from "./mesh.ts";
import { type Bench, ratioRow } from "./row.ts";

const warmSeconds = 2_000;
const seconds = 5_000;

/**
 * Heartbeats a second through the whole handler, against a floor that only verifies a signature and seals an answer.
 * Both take turns, second by second of simulated time, so that neither runs alone in warm caches.
 */
export const heartbeatCpu: Bench = {
  name: "heartbeat.cpu",
  async run(note) {
    const { link, run, hosts } = await heartbeats(2);
    const floor = floorOf(link);
    const wholes: number[] = [];
    const floors: number[] = [];
    for (let second = 0; second < warmSeconds + seconds; second++) {
      const wholeUs = await run(hosts);
      await breathe();
      const floorUs = floor(hosts);
      await breathe();
      if (second < warmSeconds) continue;
      wholes.push(wholeUs);
      floors.push(floorUs);
    }
    note(
      `${seconds} simulated seconds of ${hosts} heartbeats, in turn with as many of the floor; mean without the slowest tenth`,
    );
    return [ratioRow("heartbeat.cpu", 1e6 / mean(wholes), "heartbeats/s", 1e6 / mean(floors), { least: 0.4 })];
  },
};

/** Time of one heartbeat of a mesh of `locations` with two hosts each, in µs. */
export async function measureCpuUs(locations: number, count: number): Promise<number> {
  const { run } = await heartbeats(locations);
  await run(Math.ceil(count / 4));
  return run(count);
}

/** A world in which every host heartbeats once a simulated second; `run` gives the time of one, in µs. */
async function heartbeats(
  locations: number,
): Promise<{ link: Link; hosts: number; run: (count: number) => Promise<number> }> {
  const network = makeMesh({ locations, hostsPerLocation: 2, timeoutMs: 30_000, hostCheck: true });
  const { clock, containers } = await heartbeatWorld(network, 1, false);
  const [receive] = containers;
  const [link] = network.links;
  if (receive === undefined || link === undefined) throw new Error("nothing to measure");
  const hosts = placesOf(network).map((place) => ({
    id: place.host.id,
    text: JSON.stringify(healthyBody(place)),
    secret: hostSecret(masterKey, place.host.id, 1),
  }));
  let sequence = 0;
  const run = async (count: number): Promise<number> => {
    const requests: PlainRequest[] = [];
    let nowMs = clock.nowMs();
    for (let at = 0; at < count; at++) {
      const host = hosts[at % hosts.length];
      if (host === undefined) continue;
      if (at % hosts.length === 0) nowMs += 1_000;
      requests.push(signedHeartbeat(host.id, host.text, nowMs, sequence++, host.secret));
    }
    const startMs = performance.now();
    for (const [at, request] of requests.entries()) {
      if (at % hosts.length === 0) clock.jump(1_000);
      const response = await receive(request);
      if (response.status !== 200) throw new Error(`a heartbeat was answered ${response.status}`);
    }
    return ((performance.now() - startMs) * 1_000) / count;
  };
  return { link, hosts: hosts.length, run };
}

/** Verifies a signature and seals the answer of an active host, again and again; gives the time of one, in µs. */
function floorOf(link: Link): (count: number) => number {
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
  return (count) => {
    const startMs = performance.now();
    for (let at = 0; at < count; at++) {
      if (!isSigned(parts, secret, signature)) throw new Error("the floor's signature is wrong");
      seal(text, secret, iv);
    }
    return ((performance.now() - startMs) * 1_000) / count;
  };
}

/** Lets the event loop turn, as between two requests of a server: native objects that are done with are freed then. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The mean of the faster nine tenths: other work of the machine, and collections of garbage that fall on one side by chance, do not count. */
function mean(values: readonly number[]): number {
  const kept = [...values].sort((a, b) => a - b).slice(0, Math.ceil(values.length * 0.9));
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}
