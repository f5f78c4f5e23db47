import { hasBit, membersOf } from "../bits.ts";
import type { Id } from "../ids.ts";
import type { Host, Location } from "../network.ts";
import type { HostRecord } from "../records.ts";
import { peersOf } from "../topology.ts";
import { candidatesOf, hasSay } from "./availability.ts";
import { factsOf, type LinkState } from "./state.ts";

/** Tunnels of an active host that both sides report down for the link's tunnel time-out, of those that count. */
export type TunnelLoss = { readonly counted: number; readonly down: readonly Id[] };

/** The record of the host that is active in a location. */
export function activeRecord(state: LinkState, location: Location): HostRecord | undefined {
  const facts = factsOf(state, location);
  const activeId = facts.head?.activeHostId;
  return activeId == null ? undefined : facts.hosts.get(activeId);
}

/** Only tunnels that were connected since this host became active count, and static peers have no say. */
export function countedPeers(state: LinkState, location: Location, record: HostRecord): readonly Location[] {
  return peersOf(state.link, location).filter(
    (peer) => !peer.hosts.some((host) => host.static) && hasBit(record.tunnels.ever, peer.ordinal),
  );
}

/** What an active host lost of its tunnels. A link that is offline has none to lose. */
export function tunnelLoss(state: LinkState, location: Location, nowMs: number): TunnelLoss {
  const facts = factsOf(state, location);
  const record = activeRecord(state, location);
  const isReported = record !== undefined && record.tunnels.epoch === facts.head?.epoch && hasSay(record, nowMs);
  if (!state.link.online || !isReported) return { counted: 0, down: [] };
  const counted = countedPeers(state, location, record);
  const oldMs = nowMs - state.link.tunnelTimeoutMs;
  const down = counted.filter((peer) => {
    const sinceMs = record.tunnels.down[peer.ordinal];
    return sinceMs !== undefined && sinceMs <= oldMs && farSideAgrees(state, location, peer, nowMs);
  });
  return { counted: counted.length, down: down.map((peer) => peer.id) };
}

function farSideAgrees(state: LinkState, near: Location, far: Location, nowMs: number): boolean {
  const record = activeRecord(state, far);
  const head = factsOf(state, far).head;
  if (record === undefined || head === undefined || !hasSay(record, nowMs)) return false;
  if (hasBit(record.tunnels.up, near.ordinal)) return false;
  const sinceMs = record.tunnels.down[near.ordinal] ?? head.decidedMs;
  return sinceMs <= nowMs - state.link.tunnelTimeoutMs;
}

const isMost = (loss: TunnelLoss) => loss.down.length * 2 > loss.counted;

/**
 * The tunnel rule: heartbeats are fine, forwarding is dead. More than half of the counted tunnels are down by both
 * sides' report; the last move of this rule is at least a back-off ago; and of two locations that accuse each other
 * only one moves at a time: the one that lost more tunnels, or else the lower id, if it has a host to move to.
 */
export function areTunnelsDown(state: LinkState, location: Location, active: Host, nowMs: number): boolean {
  const loss = tunnelLoss(state, location, nowMs);
  if (!isMost(loss)) return false;
  const movedMs = factsOf(state, location).head?.tunnelMoveMs ?? 0;
  if (movedMs > 0 && nowMs - movedMs < active.backoffMs) return false;
  return loss.down.every((farId) => {
    const far = state.link.locations.find((other) => other.id === farId);
    return far === undefined || !isFarsTurn(state, location, loss, far, nowMs);
  });
}

/** Whether a far side that accuses this location as it is accused is the one of the two to move. */
function isFarsTurn(state: LinkState, near: Location, loss: TunnelLoss, far: Location, nowMs: number): boolean {
  const farLoss = tunnelLoss(state, far, nowMs);
  if (!isMost(farLoss) || !farLoss.down.includes(near.id)) return false;
  if (farLoss.down.length !== loss.down.length) return farLoss.down.length > loss.down.length;
  return far.id < near.id && hasSuccessor(state, far, nowMs);
}

function hasSuccessor(state: LinkState, location: Location, nowMs: number): boolean {
  const facts = factsOf(state, location);
  const candidates = candidatesOf(location, facts, facts.head?.activeHostId ?? null, nowMs);
  return candidates.some((candidate) => !candidate.isBackedOff);
}

/**
 * Whether a move by the tunnel rule was in vain: a tunnel time-out after it, the successor is connected with no more
 * than half of the peers that could be. It stays; an event says so.
 */
export function isTunnelMoveFutile(state: LinkState, location: Location, nowMs: number): boolean {
  const head = factsOf(state, location).head;
  if (head?.reason !== "tunnels-down" || nowMs < head.decidedMs + state.link.tunnelTimeoutMs) return false;
  const record = activeRecord(state, location);
  if (record === undefined) return false;
  const peers = peersOf(state.link, location).filter(
    (peer) => !peer.hosts.some((host) => host.static) && activeRecord(state, peer) !== undefined,
  );
  const up = membersOf(record.tunnels.up).filter((ordinal) => peers.some((peer) => peer.ordinal === ordinal));
  return peers.length > 0 && up.length * 2 <= peers.length;
}
