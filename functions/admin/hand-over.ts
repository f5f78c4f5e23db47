import { candidatesOf } from "../../shared/domain/election/availability.ts";
import type { LocationFacts } from "../../shared/domain/election/state.ts";
import type { Host, Link, Location, Network } from "../../shared/domain/network.ts";
import type { AppliedNetwork } from "../../shared/ports/store.ts";
import { electNow } from "../failover/failover.ts";
import type { AdminDeps } from "./deps.ts";
import { drainHost } from "./drains.ts";
import { Refusal } from "./refusal.ts";
import type { Call } from "./router.ts";
import { reread, type Situation, situationOf, tellOperator } from "./situation.ts";
import { activeHostOf } from "./status-view.ts";

/** A location that stays, and the heartbeating hosts of it that go. */
type Leaving = { readonly link: Link; readonly location: Location; readonly hosts: readonly Host[] };

/** A host that is to go and is not released yet, and what is waited for. */
export type Waiting = { readonly host: string; readonly what: string };

/** Names of the hosts that would go and are active now: LINK/LOCATION/HOST. */
export async function activeLeavers(
  deps: AdminDeps,
  applied: AppliedNetwork,
  next: Network,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { link, location, hosts } of leavings(applied.network, next)) {
    const head = (await deps.store.readHead(link.id, location.id)).value?.value;
    const active = hosts.find((host) => host.id === head?.activeHostId);
    if (active !== undefined) names.push(`${link.name}/${location.name}/${active.name}`);
  }
  return names;
}

/**
 * Lets every active host that is to go hand over first: drains it and runs the election. Answers what is still waited
 * for; nothing when the configuration can be committed. Throws `Refusal` where nobody could take over, before anything
 * is drained.
 */
export async function handOver(
  deps: AdminDeps,
  applied: AppliedNetwork,
  next: Network,
  by: Call["by"],
): Promise<readonly Waiting[]> {
  const inUse: { readonly situation: Situation; readonly leaving: Leaving; readonly used: readonly Host[] }[] = [];
  for (const leaving of leavings(applied.network, next)) {
    const situation = await situationOf(deps, applied, leaving.link, leaving.location);
    const used = await stillUsed(deps, situation, leaving.hosts);
    if (used.length > 0) inUse.push({ situation, leaving, used });
  }
  for (const { situation, leaving } of inUse) refuseWithoutSuccessor(deps, situation, leaving.hosts);

  const waiting: Waiting[] = [];
  for (const { situation, leaving, used } of inUse) {
    await drainAll(deps, situation, leaving.hosts, by);
    await electNow(deps, { linkId: leaving.link.id, locationId: leaving.location.id }, by);
    const after = await reread(deps, situation);
    waiting.push(...used.map((host) => ({ host: `${situation.name}/${host.name}`, what: waitText(after, host) })));
  }
  return waiting;
}

/** Static hosts carry no decision of ours: they go at once. */
function leavings(current: Network, next: Network): readonly Leaving[] {
  const after = new Map(next.links.flatMap((link) => link.locations).map((location) => [location.id, location]));
  return current.links.flatMap((link) =>
    link.locations.flatMap((location) => {
      const stays = after.get(location.id);
      if (stays === undefined || stays.hosts.some((host) => host.static)) return [];
      const hosts = location.hosts.filter((host) => !host.static && !stays.hosts.some(({ id }) => id === host.id));
      return hosts.length === 0 ? [] : [{ link, location, hosts }];
    }),
  );
}

/**
 * Of some hosts, those that routes may point at: active in the newest verified decision or in one since. What an
 * unverified decision replaced is still in use too.
 */
async function stillUsed(deps: AdminDeps, situation: Situation, hosts: readonly Host[]): Promise<readonly Host[]> {
  const { head } = situation.facts;
  if (head === undefined) return [];
  const used = new Set([head.activeHostId]);
  if (head.swap.state === "pending") {
    for (const decision of await deps.store.readDecisions(situation.link.id, situation.location.id, 50)) {
      used.add(decision.activeHostId);
      if (decision.swap.state === "confirmed") break;
      used.add(decision.previousHostId);
    }
  }
  return hosts.filter((host) => used.has(host.id));
}

function refuseWithoutSuccessor(deps: AdminDeps, situation: Situation, leaving: readonly Host[]): void {
  const { facts, location, link, name } = situation;
  const active = leaving.find((host) => host.id === facts.head?.activeHostId);
  if (active === undefined) return;
  if (situation.state.isPaused) {
    throw new Refusal(
      409,
      "link-paused",
      `${name}/${active.name} is active and cannot hand over: link ${link.name} is paused`,
      {
        next: `\`pointsman resume ${link.name}\`, then apply again`,
      },
    );
  }
  const drains = Object.fromEntries(leaving.map((host) => [host.id, { atMs: 0, by: "" }]));
  const wish = { pin: null, switchover: null, ...facts.wish, drains: { ...facts.wish?.drains, ...drains } };
  const left: LocationFacts = { ...facts, wish };
  if (candidatesOf(location, left, active.id, deps.clock.nowMs()).length > 0) return;
  throw new Refusal(
    409,
    "nobody-else-available",
    `${name}/${active.name} is active, and no host that stays could take over from it`,
    {
      next: `apply in two steps: first with ${active.name} still in the file, and bring another host of ${name} up; then without it`,
    },
  );
}

async function drainAll(deps: AdminDeps, situation: Situation, hosts: readonly Host[], by: Call["by"]): Promise<void> {
  for (const host of hosts) {
    if (situation.facts.wish?.drains[host.id] !== undefined) continue;
    await drainHost(situation, host, { deps, by });
    const ids = { linkId: situation.link.id, locationId: situation.location.id, hostId: host.id };
    const message = `drain of ${situation.name}/${host.name}, which is to be removed`;
    await tellOperator(deps, { by, message, why: "", ...ids });
  }
}

function waitText({ facts, location }: Situation, host: Host): string {
  const active = activeHostOf(location, facts);
  if (active?.id === host.id) return `${host.name} is still active`;
  return `${active?.name ?? "nobody"} is active, its routes are not verified yet`;
}
