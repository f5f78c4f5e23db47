import type { Style } from "../../cli/style.ts";
import type { Location } from "../../shared/domain/network.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { StoreMoment } from "../runtime/watched-store.ts";
import { checkRoutes } from "./check-routes.ts";
import { type FailoverResult, stopActiveHost } from "./failover.ts";
import { losePlatform } from "./lost-platform.ts";
import type { SecondPlatform } from "./platforms.ts";
import { waitOutHold, waitUntilReady } from "./readiness.ts";
import type { FailoverReport, PlatformReport, Report } from "./report.ts";
import { cloudsText, failoverText, platformText, routesText } from "./show.ts";
import { type Actor, raiseCurtain, type Stage } from "./stage.ts";
import type { Wait } from "./wait.ts";

/** Where a person reads, and in which colours. */
export type Show = { readonly say: (text: string) => void; readonly style: Style };

/** A host that is about to be stopped can lose its role to a preferred one that has come back. */
const ATTEMPTS = 3;

/**
 * The scripted failovers: waits until everything stands, loses this process's platform where there is a second one, stops the active
 * host of one location after the other, shows what happened.
 */
export async function demonstrate(
  runtime: Runtime,
  stage: Stage,
  moments: readonly StoreMoment[],
  wait: Wait,
  show: Show,
  second?: SecondPlatform,
): Promise<Report> {
  const { say, style } = show;
  const undone = (reason: string): Report => {
    say(style.bad(`The demonstration did not come to its end: ${reason}.`));
    return { failovers: [], ok: false };
  };
  say(style.bold(`Starting ${stage.actors.length} simulated hosts …`));
  await raiseCurtain(stage, wait);
  await waitOutHold(stage, runtime.store, wait);

  const missing = await waitUntilReady(stage, runtime.store, wait);
  if (missing !== undefined) return undone(missing);
  say("All hosts are heard, every location has an active host, every route is verified.\n");
  const scenes = stage.network.links.flatMap((link) => link.locations.filter(canFailOver));
  if (scenes.length === 0) return undone("no location with routes has a second host to fail over to");

  let platform: PlatformReport | undefined;
  if (second !== undefined) {
    say(style.bold(`Losing aws: its functions, queues and schedule end at once, ${second.name} goes on …`));
    platform = await losePlatform(runtime, stage.network, second, wait);
    say(`${platformText(platform, style)}\n`);
  }

  const failovers: FailoverReport[] = [];
  for (const location of scenes) {
    const result = await failOver(location);
    if (result.kind !== "done")
      return undone(result.kind === "undone" ? result.reason : "the active host changed again and again");
    say(`${failoverText(result.report, style)}\n`);
    failovers.push(result.report);
  }
  if (failovers.length > 1) say(`${cloudsText(failovers)}\n`);
  const routes = await checkRoutes(stage.network, runtime.store, runtime.clouds);
  say(routesText(routes, style));
  const areRight = routes.length > 0 && routes.every((route) => route.found === route.wanted);
  return { failovers, ...(platform && { platform }), ok: areRight && (platform?.failovers ?? 0) === 0 };

  async function failOver(location: Location): Promise<FailoverResult> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const actor = await activeActor(location);
      if (actor === undefined) return { kind: "undone", reason: `${location.name} has no active host` };
      say(style.bold(`Stopping ${nameOf(actor)}, the active host of its location, without a word …`));
      const result = await stopActiveHost(runtime, actor, moments, wait);
      if (result.kind !== "moved") return result;
      say("Another host became active meanwhile: once more.");
    }
    return { kind: "moved" };
  }

  async function activeActor(location: Location): Promise<Actor | undefined> {
    const own = stage.actors.filter((actor) => actor.location.id === location.id);
    for (const actor of own) {
      const head = (await runtime.store.readHead(actor.link.id, location.id)).value?.value;
      if (head?.activeHostId === actor.host.id) return actor;
    }
    return undefined;
  }
}

function canFailOver({ cloud, hosts }: Location): boolean {
  return cloud !== undefined && hosts.filter((host) => !host.static).length > 1;
}

function nameOf({ link, location, host }: Actor): string {
  return `${link.name}/${location.name}/${host.name}`;
}
