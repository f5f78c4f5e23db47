import type { Style } from "../../cli/style.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { StoreMoment } from "../runtime/watched-store.ts";
import { type FailoverResult, stopActiveHost } from "./failover.ts";
import { waitOutHold, waitUntilReady } from "./readiness.ts";
import type { Report } from "./report.ts";
import { failoverText, routesText } from "./show.ts";
import { type Actor, raiseCurtain, type Stage } from "./stage.ts";
import type { Wait } from "./wait.ts";

/** Where a person reads, and in which colours. */
export type Show = { readonly say: (text: string) => void; readonly style: Style };

/** A host that is about to be stopped can lose its role to a preferred one that has come back. */
const ATTEMPTS = 3;

/** The scripted failover: waits until everything stands, stops an active host, shows what happened. */
export async function demonstrate(
  runtime: Runtime,
  stage: Stage,
  moments: readonly StoreMoment[],
  wait: Wait,
  show: Show,
): Promise<Report> {
  const { say, style } = show;
  const undone = (reason: string): Report => {
    say(style.bad(`The demonstration did not come to its end: ${reason}.`));
    return { failovers: [], ok: false };
  };
  say(style.bold(`Starting ${stage.actors.length} simulated hosts …`));
  await raiseCurtain(stage, wait);
  await waitOutHold(stage, runtime.store, wait);

  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const missing = await waitUntilReady(stage, runtime.store, wait);
    if (missing !== undefined) return undone(missing);
    say("All hosts are heard, every location has an active host, every route is verified.\n");
    const actor = await chooseActor(stage, runtime);
    if (actor === undefined) return undone("no location with routes has a second host to fail over to");
    say(style.bold(`Stopping ${nameOf(actor)}, the active host of its location, without a word …`));
    const result = await stopActiveHost(runtime, stage, actor, moments, wait);
    if (result.kind === "undone") return undone(result.reason);
    if (result.kind === "done") return reportOf(result, show);
    say("Another host became active meanwhile: once more.");
  }
  return undone("the active host changed again and again");
}

function reportOf(result: Extract<FailoverResult, { kind: "done" }>, { say, style }: Show): Report {
  say(failoverText(result.report, style));
  say(`\n${routesText(result.routes, style)}`);
  const isRight = result.routes.length > 0 && result.routes.every((route) => route.found === route.wanted);
  return { failovers: [result.report], ok: isRight };
}

/** The active host of the first location that has routes and another host to take over. */
async function chooseActor(stage: Stage, runtime: Runtime): Promise<Actor | undefined> {
  for (const actor of stage.actors) {
    const { link, location, host } = actor;
    if (location.cloud === undefined || location.hosts.length < 2) continue;
    const head = (await runtime.store.readHead(link.id, location.id)).value?.value;
    if (head?.activeHostId === host.id) return actor;
  }
  return undefined;
}

function nameOf({ link, location, host }: Actor): string {
  return `${link.name}/${location.name}/${host.name}`;
}
