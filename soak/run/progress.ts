import type { Clock } from "../../shared/ports/clock.ts";
import { spread } from "../agents/tally.ts";
import { soakBounds } from "../bounds.ts";
import type { Done } from "../faults/inject.ts";
import type { Crew } from "./crew.ts";
import type { Meters } from "./meters.ts";
import type { Observer } from "./observer.ts";

/** Samples the processes each second and tells how the run goes every few seconds, until `ended` aborts. */
export async function keepTelling(stage: {
  readonly crew: Crew;
  readonly meters: Meters;
  readonly observer: Observer;
  readonly done: Done;
  readonly clock: Clock;
  readonly ended: AbortSignal;
  readonly tell: (text: string) => void;
}): Promise<void> {
  const { crew, meters, observer, done, clock, ended } = stage;
  const beganMs = clock.monotonicMs();
  let told = { atMs: beganMs, tally: crew.tally, answered: 0, latencies: 0, serverS: 0, databaseS: 0 };
  while (!ended.aborted) {
    await clock.sleep(soakBounds.sampleMs, ended);
    await meters.sample();
    const nowMs = clock.monotonicMs();
    if (nowMs - told.atMs < soakBounds.progressMs || ended.aborted) continue;
    const { tally } = crew;
    const isSame = told.tally === tally;
    const seconds = (nowMs - told.atMs) / 1000;
    const answered = tally.answered - (isSame ? told.answered : 0);
    const latency = spread(tally.latenciesMs.slice(isSame ? told.latencies : 0));
    const share = (usedS: number) => `${(Math.max(0, usedS / seconds) * 100).toFixed(0)} %`;
    stage.tell(
      [
        `${((nowMs - beganMs) / 1000).toFixed(0)} s: ${(answered / seconds).toFixed(0)} heartbeats/s answered`,
        `p50 ${latency.p50.toFixed(0)} p99 ${latency.p99.toFixed(0)} ms`,
        `${crew.agents.filter((agent) => agent.isRunning).length} hosts up`,
        `${observer.decisions} decisions seen, ${observer.unconfirmed} swaps open`,
        `${done.outages.length} kills`,
        `server ${share(meters.server.cpuS - told.serverS)} ${meters.server.rssMb.toFixed(0)} MB`,
        `database ${share(meters.database.cpuS - told.databaseS)} ${meters.database.rssMb.toFixed(0)} MB`,
      ].join(", "),
    );
    told = {
      atMs: nowMs,
      tally,
      answered: tally.answered,
      latencies: tally.latenciesMs.length,
      serverS: meters.server.cpuS,
      databaseS: meters.database.cpuS,
    };
  }
}
