import type { Store } from "../../shared/ports/store.ts";
import type { Actor, Stage } from "./stage.ts";
import { type Wait, waitFor } from "./wait.ts";

/** Good answers that every host has had before the demonstration goes on: enough that all have checked one another. */
const HEARTBEATS = 4;
/** How long the stage may take beyond any hold. ms */
const READY_MS = 90_000;

/** The end of the longest hold in force, milliseconds since 1970; 0 when nothing is held. */
async function holdUntilMs(stage: Stage, store: Store): Promise<number> {
  let untilMs = 0;
  for (const link of stage.network.links) {
    const { pulse } = (await store.readPulse(link.id)).value;
    untilMs = Math.max(untilMs, pulse?.value.holdUntilMs ?? 0);
  }
  return untilMs;
}

/** Waits for the end of a hold, telling how much of it is left. */
export async function waitOutHold(stage: Stage, store: Store, wait: Wait): Promise<void> {
  const untilMs = await holdUntilMs(stage, store);
  const leftMs = () => untilMs - wait.clock.nowMs();
  if (leftMs() <= 0) return;
  const left = () =>
    `hold: Pointsman itself was away, so silence proves nothing for ${(leftMs() / 1000).toFixed(0)} s more`;
  wait.progress(left());
  await waitFor(wait, Number.POSITIVE_INFINITY, left, () => leftMs() <= 0 || undefined);
}

/** What is not ready yet, or undefined when every host was heard and every location has an active host and its routes. */
async function notReady(stage: Stage, store: Store): Promise<string | undefined> {
  const silent = stage.actors.filter((actor) => answers(actor) < HEARTBEATS);
  if (silent.length > 0) {
    return `waiting until all hosts are heard (not yet: ${silent.map(({ host }) => host.name).join(", ")})`;
  }
  for (const link of stage.network.links) {
    for (const location of link.locations) {
      if (location.hosts.every((host) => host.static)) continue;
      const head = (await store.readHead(link.id, location.id)).value?.value;
      const name = `${link.name}/${location.name}`;
      if (head === undefined || head.activeHostId === null) return `waiting for an active host in ${name}`;
      if (location.cloud !== undefined && head.swap.state !== "confirmed") return `waiting for the routes of ${name}`;
    }
  }
  return undefined;
}

function answers({ simulated }: Actor): number {
  return simulated.agent.timeline.filter((moment) => moment.what === "answered").length;
}

/** Waits until everything stands. Returns what is still missing when it takes too long. */
export async function waitUntilReady(stage: Stage, store: Store, wait: Wait): Promise<string | undefined> {
  let missing: string | undefined = "waiting for the hosts";
  const isReady = await waitFor(
    wait,
    READY_MS,
    () => missing ?? "ready",
    async () => {
      missing = await notReady(stage, store);
      return missing === undefined ? true : undefined;
    },
  );
  return isReady === true ? undefined : missing;
}
