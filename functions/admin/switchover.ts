import { type Candidate, candidatesOf } from "../../shared/domain/election/availability.ts";
import { bestCandidate } from "../../shared/domain/election/choice.ts";
import { decisionOf } from "../../shared/domain/election/decide.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import type { Host } from "../../shared/domain/network.ts";
import { electAndAnswer, refuseStatic } from "./command.ts";
import { type Answer, readBody } from "./http.ts";
import { hostOf } from "./places.ts";
import { Refusal } from "./refusal.ts";
import type { Call } from "./router.ts";
import { type CommandAnswer, SwitchoverRequest } from "./schemas.ts";
import { changeWish, readSituation, type Situation, tellOperator } from "./situation.ts";
import { activeHostOf, healthOf } from "./status-view.ts";

/** POST switchover/{link}/{location}: makes another host active now. */
export async function switchover({ deps, request, by, param }: Call): Promise<Answer> {
  const { host: wanted, why } = await readBody(request, SwitchoverRequest);
  const situation = await readSituation(deps, param("link"), param("location"));
  const { link, location, facts, name } = situation;
  refuseStatic(link, location);
  const nowMs = deps.clock.nowMs();
  const active = activeHostOf(location, facts);
  const asked = wanted === undefined ? undefined : hostOf(situation, wanted);
  if (asked !== undefined && asked.id === active?.id) return { body: unchanged(situation, asked) };
  refusePaused(situation);
  const target = asked === undefined ? bestOther(situation, nowMs) : usable(situation, asked, nowMs);
  refusePinned(situation, active);

  const message = `switchover of ${name} to ${target.host.name}`;
  await tellOperator(deps, { by, message, why, linkId: link.id, locationId: location.id, hostId: target.host.id });
  await changeWish(deps, link.id, location.id, (wish) => ({
    ...wish,
    switchover: { hostId: target.host.id, atMs: deps.clock.nowMs(), by },
  }));
  return { body: await electAndAnswer(deps, situation, by, message, notesOn(situation, target.host, nowMs)) };
}

function unchanged(situation: Situation, host: Host): CommandAnswer {
  return {
    location: situation.name,
    active: host.name,
    epoch: situation.facts.head?.epoch ?? 0,
    changed: false,
    message: `${host.name} is active already`,
    notes: [],
  };
}

function refusePaused({ state, link }: Situation): void {
  if (!state.isPaused) return;
  throw new Refusal(409, "link-paused", `link ${link.name} is paused: nothing is decided`, {
    next: `\`pointsman resume ${link.name}\` first`,
  });
}

function refusePinned({ facts, name }: Situation, active: Host | undefined): void {
  const pin = facts.wish?.pin;
  if (pin == null || pin.hostId !== active?.id) return;
  throw new Refusal(409, "host-pinned", `${name} is pinned to ${active.name} by ${pin.by}`, {
    next: `\`pointsman unpin ${name}\` first, or pin the other host`,
  });
}

function candidates({ location, facts }: Situation, nowMs: number): readonly Candidate[] {
  return candidatesOf(location, facts, facts.head?.activeHostId ?? null, nowMs);
}

function bestOther(situation: Situation, nowMs: number): Candidate {
  const best = bestCandidate(situation.state, situation.location, candidates(situation, nowMs), undefined);
  if (best !== undefined) return best;
  throw new Refusal(409, "no-other-host", `no other host of ${situation.name} is available`, {
    next: `bring another host up; \`pointsman explain ${situation.name}\` says what each was last heard to say`,
  });
}

function usable(situation: Situation, host: Host, nowMs: number): Candidate {
  const found = candidates(situation, nowMs).find((candidate) => candidate.host.id === host.id);
  if (found !== undefined) return found;
  const { facts, name } = situation;
  if (facts.wish?.drains[host.id] !== undefined) {
    throw new Refusal(409, "host-drained", `${name}/${host.name} is drained`, {
      next: `\`pointsman undrain ${name}/${host.name}\` first`,
    });
  }
  const health = healthOf(host, facts, nowMs);
  const why = {
    unheard: "it has never been heard",
    left: "it said good-bye",
    silent: "it is silent",
    clock: "it was last seen in the future",
  }[health];
  throw new Refusal(
    409,
    "host-unavailable",
    `${name}/${host.name} is not available: ${why ?? "it was not heard since it was failed over from"}`,
    {
      next: "start its agent, and check that it reaches the endpoint",
    },
  );
}

/** Says what would undo the switchover: judged by the same election that will run. */
function notesOn({ state, location, facts, name }: Situation, target: Host, nowMs: number): readonly string[] {
  const change = { kind: "change", to: target.id, reason: "switchover", evidence: "" } as const;
  const head = decisionOf(state, location, change, "", nowMs);
  const wish = facts.wish === undefined ? undefined : { ...facts.wish, switchover: null };
  const after = { ...state, facts: new Map([...state.facts, [location.id, { ...facts, head, wish }] as const]) };
  const verdict = elect(after, location, nowMs);
  const keep = `\`pointsman pin ${name}/${target.name}\` keeps it for longer`;
  if (verdict.kind === "change") {
    const next = location.hosts.find((host) => host.id === verdict.to)?.name ?? "another host";
    return [`${next} takes over again within seconds (${verdict.reason}); ${keep}`];
  }
  const higher = location.hosts.filter((host) => host.priority > target.priority).map((host) => host.name);
  if (higher.length === 0 || location.failback === "manual") return [];
  const steadyS = location.holdUpMs / 1000;
  return [`it holds until ${higher.join(" or ")}, of higher priority, has been steady for ${steadyS} s; ${keep}`];
}
