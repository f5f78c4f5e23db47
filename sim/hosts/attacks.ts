import { limits } from "../../shared/domain/limits.ts";
import { anybody, type BeginIncident, noIncident, note, repeat, type Stage } from "./incident.ts";
import { type Shipment, sealed } from "./shipment.ts";
import type { SimHost } from "./sim-host.ts";

/** Incidents in which somebody else speaks, or a host says what nobody can take. */

/** A host that does not run is preferred this often: a replay may keep it alive. */
const deadOdds = 0.4;
/** One that is no longer in the configuration is hit this often where there is one. */
const retiredOdds = 0.1;
const pauseMs = [200, 15_000] as const;

/** Sends captured requests of a host again: the newest, old ones, or its good-bye. */
export const replay: BeginIncident = (stage) => {
  const { network, chance } = stage;
  const host = target(stage);
  if (host === undefined) return noIncident;
  const taste = chance.pick(["newest", "any", "any", "old", "leave"] as const);
  repeat(stage, () => {
    const shipment = capturedOf(stage, host, taste);
    if (shipment !== undefined) {
      network.intrude(shipment, chance);
      note(stage, `${host.label} ${shipment.method} of ${shipment.signedMs}`, 0);
    }
    return chance.within(...pauseMs);
  });
  return noIncident;
};

function target(stage: Stage): SimHost | undefined {
  const { scene, chance } = stage;
  if (scene.retired.length > 0 && chance.is(retiredOdds)) return chance.pick(scene.retired);
  const down = [...scene.sites.values()].flat().filter((host) => !host.isUp && host.captured.count > 0);
  return down.length > 0 && chance.is(deadOdds) ? chance.pick(down) : anybody(stage);
}

function capturedOf(
  { chance }: Stage,
  { captured }: SimHost,
  taste: "newest" | "any" | "old" | "leave",
): Shipment | undefined {
  const { recent, old, leave } = captured;
  if (recent.length === 0) return undefined;
  switch (taste) {
    case "newest":
      return recent.at(-1);
    case "any":
      return chance.pick(recent);
    case "old":
      return chance.pick(old.length > 0 ? old : recent);
    case "leave":
      return leave !== undefined && chance.is(0.7) ? leave : chance.pick(recent);
  }
}

/** Sends requests that nobody may take: wrong secrets, other hosts' secrets, malformed bodies. */
export const forgery: BeginIncident = (stage) => {
  const { network, chance } = stage;
  repeat(stage, () => {
    const host = anybody(stage);
    if (host === undefined) return Number.POSITIVE_INFINITY;
    const { shipment, how } = forged(stage, host);
    network.intrude(shipment, chance);
    note(stage, `${host.label} ${how}`, 0);
    return chance.within(...pauseMs);
  });
  return noIncident;
};

function forged(stage: Stage, host: SimHost): { readonly shipment: Shipment; readonly how: string } {
  const { scene, chance } = stage;
  const nowMs = scene.timeline.nowMs();
  const { hostId } = host;
  const method = chance.is(0.8) ? "PUT" : "DELETE";
  const nonce = `forged${Math.floor(chance.next() * 2 ** 52)}`.padEnd(32, "x");
  const letter = { hostId, timestampS: Math.floor(nowMs / 1_000), nonce, report: "none" } as const;
  const wellFormed = host.captured.recent.findLast((one) => one.method === "PUT")?.request.body ?? "{}";
  const body = method === "PUT" ? wellFormed : "";
  const how = chance.pick(["wrong secret", "another host's secret", "another host's secret", "malformed"] as const);
  switch (how) {
    case "wrong secret":
      return { how, shipment: sealed({ ...letter, method, body, secret: `no${host.secret}`, signedMs: 0 }) };
    case "another host's secret": {
      const other = anybody(stage);
      const secret = other === undefined || other === host ? `no${host.secret}` : other.secret;
      return { how, shipment: sealed({ ...letter, method, body, secret, signedMs: 0 }) };
    }
    case "malformed": {
      const text = chance.pick(malformed)(wellFormed);
      const signed = { ...letter, method: "PUT", secret: host.secret, signedMs: nowMs } as const;
      return { how, shipment: sealed({ ...signed, body: text }) };
    }
  }
}

/** Bodies that cannot be taken, made of one that can. */
const malformed: readonly ((body: string) => string | undefined)[] = [
  () => "",
  () => "null",
  () => "[]",
  () => "{}",
  (body) => body.slice(0, -1),
  (body) => body.replace('"timestamp":', '"timestamp":"now","was":'),
  (body) => body.replace('"local_address":', '"local_address":{"__proto__":null},"was":'),
  (body) => body.replace('"status":', '"status":{"x":"up"},"was":'),
  (body) => body.replace('"hosts":', '"hosts":{"x":{"state":"yes","latency":1}},"was":'),
  (body) => body.replace('"version":', `"version":"${"9".repeat(limits.fieldChars + 1)}","was":`),
  () => `${"[".repeat(10_000)}`,
  () => undefined,
];
