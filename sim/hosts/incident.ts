import type { Chance } from "../engine/chance.ts";
import type { FaultKind } from "../faults/kinds.ts";
import type { Network } from "./network.ts";
import type { Power } from "./power.ts";
import type { Scene } from "./scene.ts";
import type { SimHost } from "./sim-host.ts";

/** What an incident has at hand. `chance` is its own; it lasts until `untilMs` (true time, ms since 1970). */
export type Stage = {
  readonly scene: Scene;
  readonly power: Power;
  readonly network: Network;
  readonly chance: Chance;
  readonly kind: FaultKind;
  readonly number: number;
  readonly untilMs: number;
};

/** Begins an incident, and gives back what ends it. */
export type BeginIncident = (stage: Stage) => () => void;

const nothing = (): void => undefined;
/** For an incident that finds no victim. */
export const noIncident = nothing;

/** An active host is hit this often where there is one. */
const activeOdds = 0.6;
/** A whole location is hit this often. */
const siteOdds = 0.15;

/** A host that runs: mostly one that is active. */
export function victim({ scene, chance }: Stage): SimHost | undefined {
  const sites = [...scene.sites.values()].map((hosts) => hosts.filter((host) => host.isUp));
  const some = sites.filter((hosts) => hosts.length > 0);
  if (some.length === 0) return undefined;
  const hosts = chance.pick(some);
  const active = hosts.find((host) => host.holdsTunnels);
  const any = chance.pick(hosts);
  return chance.is(activeOdds) && active !== undefined ? active : any;
}

/** One running host, or now and then all running hosts of a location. */
export function victims(stage: Stage): readonly SimHost[] {
  const first = victim(stage);
  if (first === undefined) return [];
  if (!stage.chance.is(siteOdds)) return [first];
  return (stage.scene.sites.get(first.locationId) ?? []).filter((host) => host.isUp);
}

/** Any host of the configuration, running or not. */
export function anybody({ scene, chance }: Stage): SimHost | undefined {
  const all = [...scene.sites.values()].flat();
  return all.length === 0 ? undefined : chance.pick(all);
}

/** Counts one thing that went wrong, from now until the end of the incident. */
export function note({ scene, kind, untilMs }: Stage, what: string, lastsMs?: number): void {
  scene.weather.note(kind, what, lastsMs ?? Math.max(0, untilMs - scene.timeline.nowMs()));
}

/** Has `step` done now and again after each pause that it gives, ms, until the incident ends. */
export function repeat({ scene, untilMs }: Stage, step: () => number): void {
  const { timeline } = scene;
  const next = (): void => {
    const atMs = timeline.nowMs() + step();
    if (atMs < untilMs) timeline.at(atMs, next);
  };
  next();
}
