import type { PlainRequest } from "../shared/platform/plain-http.ts";
import { buildAnswer } from "../shared/protocol/answer.ts";
import { hostSecret } from "../shared/protocol/keys.ts";
import { seal } from "../shared/protocol/seal.ts";
import { isSigned, sign } from "../shared/protocol/signature.ts";
import { heartbeatWorld } from "./heartbeat-world.ts";
import { healthyBody, masterKey, placesOf, signedHeartbeat } from "./heartbeats.ts";
import { addressOf, makeMesh } from "./mesh.ts";
import { type Bench, ratioRow } from "./row.ts";

const heartbeats = 20_000;
const rounds = 5;

/** Heartbeats a second through the whole handler, a simulated second apart, so that writes and reads coalesce as they do. */
export const heartbeatCpu: Bench = {
  name: "heartbeat.cpu",
  async run(note) {
    const network = makeMesh({ locations: 2, hostsPerLocation: 2, timeoutMs: 30_000, hostCheck: true });
    const places = placesOf(network);
    const { clock, containers } = await heartbeatWorld(network, 1, false);
    const receive = containers[0];
    const [place] = places;
    if (receive === undefined || place === undefined) throw new Error("no host to measure");
    const hosts = places.map((one) => ({
      id: one.host.id,
      text: JSON.stringify(healthyBody(one)),
      secret: hostSecret(masterKey, one.host.id, 1),
    }));
    let sequence = 0;
    const whole = async (count: number): Promise<number> => {
      const requests: PlainRequest[] = [];
      let nowMs = clock.nowMs();
      for (let at = 0; at < count; at++) {
        const host = hosts[at % hosts.length];
        if (host === undefined) continue;
        if (at % hosts.length === 0) nowMs += 1_000;
        requests.push(signedHeartbeat(host.id, host.text, nowMs, sequence++, host.secret));
      }
      const startMs = cpuMs();
      for (const [at, request] of requests.entries()) {
        if (at % hosts.length === 0) clock.jump(1_000);
        const response = await receive(request);
        if (response.status !== 200) throw new Error(`a heartbeat was answered ${response.status}`);
      }
      return (count / (cpuMs() - startMs)) * 1_000;
    };

    const active = new Map(network.links[0]?.locations.map((one) => [one.id, one.hosts[0]?.id ?? ""]));
    const contacts = new Map(
      places.map((one) => [one.host.id, { publicAddress: addressOf(one.host.ordinal), address6: "", wgPublicKey: "" }]),
    );
    const text = buildAnswer(place, { active, contacts }, true, masterKey);
    const secret = hostSecret(masterKey, place.host.id, 1);
    const parts = { hostId: place.host.id, timestamp: "1700000000", nonce: "n".repeat(32), method: "PUT" as const };
    const signature = sign(parts, secret);
    const iv = new Uint8Array(16);
    const floor = (count: number): number => {
      const startMs = cpuMs();
      for (let at = 0; at < count; at++) {
        if (!isSigned(parts, secret, signature)) throw new Error("the floor's signature is wrong");
        seal(text, secret, iv);
      }
      return (count / (cpuMs() - startMs)) * 1_000;
    };

    floor(heartbeats / 4);
    await whole(heartbeats / 4);
    const wholes: number[] = [];
    const floors: number[] = [];
    for (let round = 0; round < rounds; round++) {
      floors.push(floor(heartbeats));
      wholes.push(await whole(heartbeats));
      note(
        `round ${round + 1} of ${rounds}: ${Math.round(wholes.at(-1) ?? 0)} a second, floor ${Math.round(floors.at(-1) ?? 0)}`,
      );
    }
    return [ratioRow("heartbeat.cpu", median(wholes), "heartbeats/s", median(floors), { least: 0.4 })];
  },
};

/** CPU time of this process, in ms: other work of the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
