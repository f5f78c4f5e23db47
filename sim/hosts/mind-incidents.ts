import { type BeginIncident, noIncident, note, repeat, type Stage, victim, victims } from "./incident.ts";
import type { Claim, SimHost, WrongClock } from "./sim-host.ts";

/** Incidents in which a host runs and is wrong: its clock, what it says, or that it forwards. */

const jumpMs = { least: 5_000, most: 3_600_000 } as const;
const smallSkewMs = 4_000;
const driftRates = [0.002, 0.2] as const;
const againMs = [4_000, 30_000] as const;

/** Its clock jumps, is a little off, or drifts; it is right again at the end. */
export const wrongClock: BeginIncident = (stage) => {
  const { chance, scene, number } = stage;
  const host = victim(stage);
  if (host === undefined) return noIncident;
  const how = chance.pick(["jumps", "jumps", "is a little off", "drifts"] as const);
  repeat(stage, () => {
    const sign = chance.is(0.5) ? 1 : -1;
    const size = chance.next();
    const offsetMs =
      how === "jumps" ? sign * jumpMs.least * (jumpMs.most / jumpMs.least) ** size : sign * smallSkewMs * size;
    const rate = how === "drifts" ? sign * driftRates[0] * (driftRates[1] / driftRates[0]) ** size : 0;
    const what: WrongClock = { fromMs: scene.timeline.nowMs(), offsetMs: how === "drifts" ? 0 : offsetMs, rate };
    host.clock = { by: number, what };
    scene.settle(host);
    note(stage, `${host.label} ${how}: ${how === "drifts" ? `${rate} ms a ms` : `${Math.round(offsetMs)} ms`}`);
    return how === "drifts" ? Number.POSITIVE_INFINITY : chance.within(...againMs);
  });
  return () => {
    if (host.clock?.by === number) host.clock = undefined;
    scene.settle(host);
  };
};

const otherLieMs = [5_000, 20_000] as const;

/** Says that it has the private address of another host, of its own location or not. */
export const addressLie: BeginIncident = (stage) => {
  const { chance, scene, number } = stage;
  const host = victim(stage);
  if (host === undefined) return noIncident;
  repeat(stage, () => {
    const other = otherThan(stage, host);
    if (other === undefined) return Number.POSITIVE_INFINITY;
    const said = (): void => note(stage, `${host.label} says that it is ${other.label}`);
    host.addressLie = { by: number, what: other, note: said, isNoted: false };
    scene.settle(host);
    return chance.within(...otherLieMs);
  });
  return () => {
    if (host.addressLie?.by === number) host.addressLie = undefined;
    scene.settle(host);
  };
};

function otherThan({ scene, chance }: Stage, host: SimHost): SimHost | undefined {
  const all = [...scene.sites.values()].flat().filter((one) => one !== host);
  const near = all.filter((one) => one.locationId === host.locationId);
  const from = near.length > 0 && chance.is(0.5) ? near : all;
  return from.length === 0 ? undefined : chance.pick(from);
}

/** Says that it reaches nobody or everybody, or that its tunnels are all up or all down. */
export const reachLie: BeginIncident = (stage) => {
  const { chance, scene, number } = stage;
  const host = victim(stage);
  if (host === undefined) return noIncident;
  const kept = chance.is(0.5) ? chance.pick(claimsFor(host)) : undefined;
  repeat(stage, () => {
    const claim = kept ?? chance.pick(claimsFor(host));
    const said = (): void => note(stage, `${host.label} says ${claim}`);
    host.claim = { by: number, what: claim, note: said, isNoted: false };
    scene.settle(host);
    return kept === undefined ? chance.within(...otherLieMs) : Number.POSITIVE_INFINITY;
  });
  return () => {
    if (host.claim?.by === number) host.claim = undefined;
    scene.settle(host);
  };
};

/** What a host can say that may be false. */
function claimsFor({ told, holdsTunnels }: SimHost): readonly Claim[] {
  const checks = (told?.checks.length ?? 0) > 0;
  return [
    ...(checks ? (["nobody", "everybody"] as const) : []),
    holdsTunnels ? "no-tunnels" : "all-tunnels",
    "all-tunnels",
  ];
}

/** Is heard, answers host checks, and forwards nothing. */
export const deadForwarding: BeginIncident = (stage) => {
  const { scene } = stage;
  const hosts = victims(stage);
  const change = (host: SimHost, by: 1 | -1): void => {
    host.deadForwarding += by;
    host.isForwardingDead = host.deadForwarding > 0;
    scene.touch();
    scene.settle(host);
  };
  for (const host of hosts) {
    change(host, 1);
    note(stage, host.label);
  }
  return () => {
    for (const host of hosts) change(host, -1);
  };
};
