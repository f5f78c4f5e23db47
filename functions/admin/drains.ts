import type { Host } from "../../shared/domain/network.ts";
import { electNow } from "../failover/failover.ts";
import { electAndAnswer, refuseStatic } from "./command.ts";
import { type Answer, readBody } from "./http.ts";
import { pausedNote } from "./pins.ts";
import { hostOf } from "./places.ts";
import type { Call } from "./router.ts";
import { type DrainAnswer, HostCommandRequest } from "./schemas.ts";
import { changeWish, readSituation, reread, type Situation, tellOperator } from "./situation.ts";
import { activeHostOf, drainStateOf } from "./status-view.ts";

/** POST drain/{link}/{location}: takes a host out of service. */
export async function drain({ deps, request, by, param }: Call): Promise<Answer> {
  const body = await readBody(request, HostCommandRequest);
  const situation = await readSituation(deps, param("link"), param("location"));
  const { link, location, name, facts } = situation;
  refuseStatic(link, location);
  const host = hostOf(situation, body.host);
  if (facts.wish?.drains[host.id] === undefined) {
    const ids = { linkId: link.id, locationId: location.id, hostId: host.id };
    await tellOperator(deps, { by, message: `drain of ${name}/${host.name}`, why: body.why, ...ids });
    await drainHost(situation, host, { deps, by });
  }
  await electNow(deps, { linkId: link.id, locationId: location.id }, by);
  return { body: viewDrain(await reread(deps, situation), host) };
}

/** Notes the drain of a host; the election follows. */
export async function drainHost(
  { link, location }: Situation,
  host: Host,
  { deps, by }: Pick<Call, "deps" | "by">,
): Promise<void> {
  await changeWish(deps, link.id, location.id, (wish) => ({
    ...wish,
    drains: { ...wish.drains, [host.id]: wish.drains[host.id] ?? { atMs: deps.clock.nowMs(), by } },
  }));
}

/** GET drain/{link}/{location}/{host}: how far a drain is. */
export async function readDrain({ deps, param }: Call): Promise<Answer> {
  const situation = await readSituation(deps, param("link"), param("location"));
  return { body: viewDrain(situation, hostOf(situation, param("host"))) };
}

/** POST undrain/{link}/{location}: puts a host back into service. */
export async function undrain({ deps, request, by, param }: Call): Promise<Answer> {
  const body = await readBody(request, HostCommandRequest);
  const situation = await readSituation(deps, param("link"), param("location"));
  const { link, location, name, facts } = situation;
  const host = hostOf(situation, body.host);
  if (facts.wish?.drains[host.id] === undefined) {
    return { body: await electAndAnswer(deps, situation, by, `${name}/${host.name} was not drained`) };
  }
  const ids = { linkId: link.id, locationId: location.id, hostId: host.id };
  await tellOperator(deps, { by, message: `undrain of ${name}/${host.name}`, why: body.why, ...ids });
  await changeWish(deps, link.id, location.id, (wish) => {
    const { [host.id]: _ended, ...drains } = wish.drains;
    return { ...wish, drains };
  });
  const done = `${name}/${host.name} is back in service`;
  return { body: await electAndAnswer(deps, situation, by, done, pausedNote(situation)) };
}

function viewDrain(situation: Situation, host: Host): DrainAnswer {
  const { location, facts, name } = situation;
  const active = activeHostOf(location, facts);
  const state = drainStateOf(host, facts);
  return { host: `${name}/${host.name}`, state, active: active?.name ?? null, message: drainText(situation, host) };
}

function drainText(situation: Situation, host: Host): string {
  const { location, facts, name } = situation;
  const active = activeHostOf(location, facts)?.name ?? "nobody";
  switch (drainStateOf(host, facts)) {
    case "none":
      return `${host.name} is not drained`;
    case "released":
      return `${host.name} is released: ${active} is active, and its routes are verified`;
    case "draining": {
      if (facts.head?.activeHostId !== host.id) return `${active} is active, its routes are not verified yet`;
      const paused = pausedNote(situation)[0];
      if (paused !== undefined) return `${host.name} stays active: ${paused}`;
      return `${host.name} stays active until another host of ${name} is available; bring one up, or undrain it`;
    }
  }
}
