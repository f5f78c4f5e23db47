/**
 * Every kind of fault. `moments` happen once at their time and last a while; `weather` raises the odds of something for
 * a while, up to a number of strikes. What is counted is every single thing that went wrong.
 */
export const momentKinds = [
  "host-vanish",
  "host-refuse",
  "host-leave",
  "host-flap",
  "host-freeze",
  "host-clock",
  "host-address-lie",
  "host-reach-lie",
  "forwarding-dead",
  "replay",
  "forgery",
  "endpoint-partition",
  "host-partition",
  "container-clock",
  "interface-replaced",
  "foreign-route",
  "outage-endpoint",
  "outage-functions",
  "operator-pin",
  "operator-drain",
  "operator-switchover",
  "operator-apply",
  "operator-pause",
] as const;
export type MomentKind = (typeof momentKinds)[number];

export const weatherKinds = [
  "net-lose",
  "net-delay",
  "net-duplicate",
  "container-kill",
  "container-freeze",
  "schedule-odd",
  "queue-duplicate",
  "queue-delay",
  "queue-refuse",
  "db-throttle",
  "db-lost-answer",
  "db-slow",
  "db-stale",
  "cloud-throttle",
  "cloud-late",
  "cloud-lost-answer",
  "cloud-refuse",
  "cloud-stale",
] as const;
export type WeatherKind = (typeof weatherKinds)[number];

export type FaultKind = MomentKind | WeatherKind;
export const faultKinds: readonly FaultKind[] = [...momentKinds, ...weatherKinds];

/**
 * One planned fault. `fromMs`, `toMs`: milliseconds after the world's beginning. `roll` in [0, 1): what it picks its
 * victim and details with, so that leaving out another fault does not change this one. `number` names it in a replay.
 */
export type Incident = {
  readonly number: number;
  readonly kind: FaultKind;
  readonly fromMs: number;
  readonly toMs: number;
  readonly roll: number;
};

/** What the world is put through: incidents in order of time, and when it is left alone. */
export type Plan = {
  readonly incidents: readonly Incident[];
  /** Times after the beginning, ms, at which nothing has been wrong for a while: liveness is judged there. */
  readonly quietMs: readonly number[];
  readonly endMs: number;
};
