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

const batch = 4_000;
const rounds = 15;

/** Heartbeats a second through the whole handler, against a floor that only verifies a signature and seals an answer. */
export const heartbeatCpu: Bench = {
  name: "heartbeat.cpu",
  async run(note) {
    const { link, run } = await heartbeats(2);
    const floor = floorOf(link);
    floor(batch / 4);
    await run(batch / 4);
    const wholes: number[] = [];
    const floors: number[] = [];
    for (let round = 0; round < rounds; round++) {
      floors.push(1e6 / floor(batch));
      wholes.push(1e6 / (await run(batch)));
    }
    note(`${rounds} rounds of ${batch}, by the processor time of this process`);
    return [ratioRow("heartbeat.cpu", median(wholes), "heartbeats/s", median(floors), { least: 0.4 })];
  },
};

/** Processor time of one heartbeat of a mesh of `locations` with two hosts each, in µs. */
export async function measureCpuUs(locations: number, count: number): Promise<number> {
  const { run } = await heartbeats(locations);
  await run(Math.ceil(count / 4));
  return run(count);
}

/** A world in which every host heartbeats once a simulated second; `run` gives the processor time of one, in µs. */
async function heartbeats(locations: number): Promise<{ link: Link; run: (count: number) => Promise<number> }> {
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
    const startUs = cpuUs();
    for (const [at, request] of requests.entries()) {
      if (at % hosts.length === 0) clock.jump(1_000);
      const response = await receive(request);
      if (response.status !== 200) throw new Error(`a heartbeat was answered ${response.status}`);
    }
    return (cpuUs() - startUs) / count;
  };
  return { link, run };
}

/** Verifies a signature and seals the answer of an active host, again and again; gives the processor time of one, in µs. */
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
    const startUs = cpuUs();
    for (let at = 0; at < count; at++) {
      if (!isSigned(parts, secret, signature)) throw new Error("the floor's signature is wrong");
      seal(text, secret, iv);
    }
    return (cpuUs() - startUs) / count;
  };
}

/** Processor time of this process so far, in µs: other work of the machine does not count. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
