import { type BeginIncident, noIncident, note, repeat, type Stage, victim, victims } from "./incident.ts";
import type { Door, SimHost } from "./sim-host.ts";

/** Incidents in which a host's process ends or stands still. */

/** Gone without a word. */
export const vanish: BeginIncident = (stage) => keepDown(stage, "silent", "vanished");
/** Its process ends, its machine refuses host checks. */
export const refuse: BeginIncident = (stage) => keepDown(stage, "refuses", "ended");

function keepDown(stage: Stage, door: Door, how: string): () => void {
  const { power, number } = stage;
  const hosts = victims(stage);
  for (const host of hosts) if (power.takeDown(host, number, door, how)) note(stage, host.label);
  return () => releaseAll(stage, hosts);
}

function releaseAll({ power, number }: Stage, hosts: readonly SimHost[]): void {
  for (const host of hosts) power.release(host, number);
}

/** Said good-bye, and comes back. */
export const leave: BeginIncident = (stage) => {
  const { power, number } = stage;
  const hosts = victims(stage);
  for (const host of hosts) if (power.dismiss(host, number)) note(stage, host.label);
  return () => releaseAll(stage, hosts);
};

const flapDownMs = [800, 6_000] as const;
const flapUpMs = [1_500, 8_000] as const;

/** Ends and begins again every few seconds. */
export const flap: BeginIncident = (stage) => {
  const { power, number, chance } = stage;
  const host = victim(stage);
  if (host === undefined) return noIncident;
  const door: Door = chance.is(0.5) ? "silent" : "refuses";
  let isDown = false;
  repeat(stage, () => {
    isDown = !isDown;
    if (!isDown) {
      power.release(host, number);
      return chance.within(...flapUpMs);
    }
    const downMs = chance.within(...flapDownMs);
    if (power.takeDown(host, number, door, "flapped")) note(stage, host.label, downMs);
    return downMs;
  });
  return () => power.release(host, number);
};

const shortFreezeMs = [1_500, 9_000] as const;
const thawMs = [1_500, 6_000] as const;

/** Stands still, once for long or some times for short; often between signing a heartbeat and sending it. */
export const freeze: BeginIncident = (stage) => {
  const { power, chance, scene, untilMs } = stage;
  const host = victim(stage);
  if (host === undefined) return noIncident;
  const agent = power.agent(host);
  const isLong = chance.is(0.5);
  repeat(stage, () => {
    const leftMs = untilMs - scene.timeline.nowMs();
    const ms = isLong ? leftMs : Math.min(leftMs, chance.within(...shortFreezeMs));
    const from = chance.is(0.6) ? "signed" : "now";
    if (agent.isRunning) {
      agent.freeze(scene.timeline.nowMs() + ms, from);
      note(stage, `${host.label} for ${Math.round(ms)} ms, ${from}`, ms);
    }
    return ms + chance.within(...thawMs);
  });
  return noIncident;
};
