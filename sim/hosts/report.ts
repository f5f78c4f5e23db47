import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Told } from "./answers.ts";
import type { Scene } from "./scene.ts";
import type { Claim, SimHost } from "./sim-host.ts";

type Basis = { readonly changes: number; readonly told: Told | undefined; readonly claim: Claim | undefined };

/** What a round of host checks finds, as a heartbeat says it. It holds until something changes. */
export type Look = Basis & {
  readonly text: string;
  readonly isLie: boolean;
  /** How long the round takes: as long as its slowest check. ms */
  readonly tookMs: number;
};

/** The tunnels of a host, as a heartbeat says it. `isPending`: one is about to come up. */
export type Status = Basis & { readonly text: string; readonly isLie: boolean; readonly isPending: boolean };

/** A check that is answered takes this long, ms. */
const answeredMs = [2, 60] as const;
/** A refusal comes this fast, ms. */
const refusedMs = 2;
/** A tunnel is up this long after it can be, ms. */
const tunnelUpMs = 900;

const isSame = (known: Basis, scene: Scene, host: SimHost): boolean =>
  known.changes === scene.changes && known.told === host.told && known.claim === host.claim?.what;

const basisOf = (scene: Scene, host: SimHost): Basis => ({
  changes: scene.changes,
  told: host.told,
  claim: host.claim?.what,
});

/** Checks the hosts that the last good answer named. */
export function look(scene: Scene, host: SimHost): Look {
  const known = host.look;
  if (known !== undefined && isSame(known, scene, host)) return known;
  const basis = basisOf(scene, host);
  const forced = basis.claim === "nobody" ? false : basis.claim === "everybody" ? true : undefined;
  const entries: string[] = [];
  let tookMs = 0;
  let isLie = false;
  for (const id of host.told?.checks ?? []) {
    const { isReached, ms } = check(scene, host, id);
    const state = forced ?? isReached;
    isLie ||= state !== isReached;
    tookMs = Math.max(tookMs, ms);
    entries.push(`"${id}":{"state":${state},"latency":${Math.round(ms * 1_000)}}`);
  }
  host.look = { ...basis, text: `{${entries.join(",")}}`, isLie, tookMs };
  return host.look;
}

function check(scene: Scene, host: SimHost, id: Id): { readonly isReached: boolean; readonly ms: number } {
  const peer = scene.hosts.get(id);
  if (peer === undefined || scene.isCut(host, peer)) return { isReached: false, ms: limits.hostCheckMs };
  if (peer.isUp) return { isReached: true, ms: latency(host, peer) };
  return { isReached: false, ms: doorOf(peer) === "refuses" ? refusedMs : limits.hostCheckMs };
}

/** Every way is as long as it is. */
function latency(host: SimHost, peer: SimHost): number {
  const known = host.latencies.get(peer.hostId);
  if (known !== undefined) return known;
  const ms = host.chance.fork(`way to ${peer.label}`).within(...answeredMs);
  host.latencies.set(peer.hostId, ms);
  return ms;
}

/** A machine that is gone, or stands still, is silent, whatever else was done to it. */
function doorOf({ downs }: SimHost): "silent" | "refuses" {
  if (downs.size === 0) return "silent";
  for (const door of downs.values()) if (door === "silent") return "silent";
  return "refuses";
}

/** Looks at the tunnels that the last good answer told a host to hold. */
export function tunnels(scene: Scene, host: SimHost): Status {
  const known = host.status;
  if (known !== undefined && !known.isPending && isSame(known, scene, host)) return known;
  const basis = basisOf(scene, host);
  const states = new Map<Id, string>();
  let isPending = false;
  for (const far of host.told?.links.keys() ?? []) {
    const state = tunnelState(scene, host, far);
    states.set(far, state);
    isPending ||= state === "connecting";
  }
  const truth = textOf(states);
  const text = claimed(scene, host, states) ?? truth;
  host.status = { ...basis, text, isLie: text !== truth, isPending };
  return host.status;
}

function tunnelState(scene: Scene, host: SimHost, far: Id): "connected" | "connecting" | "disconnected" {
  if (host.isForwardingDead || !hasFarEnd(scene, host, far)) {
    host.tunnels.delete(far);
    return "disconnected";
  }
  const nowMs = scene.timeline.nowMs();
  const sinceMs = host.tunnels.get(far);
  if (sinceMs === undefined) host.tunnels.set(far, nowMs);
  return sinceMs !== undefined && nowMs - sinceMs >= tunnelUpMs ? "connected" : "connecting";
}

/** Whether a host of a location holds its end of a tunnel with this one, and packets go both ways. */
function hasFarEnd(scene: Scene, host: SimHost, far: Id): boolean {
  return (scene.sites.get(far) ?? []).some(
    (peer) =>
      peer.isUp &&
      peer.told?.links.has(host.locationId) === true &&
      !peer.isForwardingDead &&
      !scene.isCut(host, peer) &&
      !scene.isCut(peer, host),
  );
}

function textOf(states: ReadonlyMap<Id, string>): string {
  let text = "";
  for (const [far, state] of states) text += `${text === "" ? "" : ","}"${far}":"${state}"`;
  return `{${text}}`;
}

function claimed(scene: Scene, host: SimHost, states: ReadonlyMap<Id, string>): string | undefined {
  switch (host.claim?.what) {
    case "no-tunnels":
      return textOf(new Map([...states.keys()].map((far) => [far, "disconnected"])));
    case "all-tunnels": {
      const others = [...scene.sites.keys()].filter((id) => id !== host.locationId);
      return textOf(new Map(others.map((far) => [far, "connected"])));
    }
    default:
      return undefined;
  }
}

/** The body of a heartbeat. */
export function bodyOf(host: SimHost, timestampS: number, hosts: Look, status: Status): string {
  const address = host.addressLie?.what.localAddress ?? host.localAddress;
  const addresses = `"public_address":"${host.publicAddress}","local_address":"${address}","address6":""`;
  const rest = `"wg_public_key":"","status":${status.text},"hosts":${hosts.text},"errors":null`;
  return `{"timestamp":${timestampS},"version":"1.0.3594.0",${addresses},${rest}}`;
}
