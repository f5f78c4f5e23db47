import { electAndAnswer, refuseStatic } from "./command.ts";
import { type Answer, readBody } from "./http.ts";
import { hostOf } from "./places.ts";
import type { Call } from "./router.ts";
import { CommandRequest, HostCommandRequest } from "./schemas.ts";
import { changeWish, readSituation, type Situation, tellOperator } from "./situation.ts";
import { healthOf } from "./status-view.ts";

/** POST pin/{link}/{location}: keeps a host active while it is available. */
export async function pin({ deps, request, by, param }: Call): Promise<Answer> {
  const body = await readBody(request, HostCommandRequest);
  const situation = await readSituation(deps, param("link"), param("location"));
  const { link, location, name } = situation;
  refuseStatic(link, location);
  const host = hostOf(situation, body.host);
  const health = healthOf(host, situation.facts, deps.clock.nowMs());

  const pinned = { hostId: host.id, atMs: deps.clock.nowMs(), by };
  const ids = { linkId: link.id, locationId: location.id, hostId: host.id };
  await tellOperator(deps, { by, message: `pin of ${name} to ${host.name}`, why: body.why, ...ids });
  await changeWish(deps, link.id, location.id, (wish) => ({ ...wish, pin: pinned, switchover: null }));
  const notes = [
    ...pausedNote(situation),
    ...(health === "available" ? [] : [`${host.name} is not available now: the pin takes hold when it is`]),
    ...(situation.facts.wish?.drains[host.id] === undefined
      ? []
      : [`${host.name} is drained: the pin takes hold after \`pointsman undrain ${name}/${host.name}\``]),
  ];
  return { body: await electAndAnswer(deps, situation, by, `${name} is pinned to ${host.name}`, notes) };
}

/** POST unpin/{link}/{location}: ends a pin. */
export async function unpin({ deps, request, by, param }: Call): Promise<Answer> {
  const { why } = await readBody(request, CommandRequest);
  const situation = await readSituation(deps, param("link"), param("location"));
  const { link, location, facts, name } = situation;
  if (facts.wish?.pin == null) {
    return { body: await electAndAnswer(deps, situation, by, `no host of ${name} was pinned`) };
  }
  await tellOperator(deps, { by, message: `unpin of ${name}`, why, linkId: link.id, locationId: location.id });
  await changeWish(deps, link.id, location.id, (wish) => ({ ...wish, pin: null }));
  return { body: await electAndAnswer(deps, situation, by, `the pin of ${name} has ended`, pausedNote(situation)) };
}

/** Says that nothing will happen while the link is paused. */
export function pausedNote({ state, link }: Situation): readonly string[] {
  return state.isPaused
    ? [`link ${link.name} is paused: nothing is decided until \`pointsman resume ${link.name}\``]
    : [];
}
