import { makeChecks } from "../checks/all.ts";
import type { Check, Violation } from "../checks/check.ts";
import { createCloud } from "../cloud/create.ts";
import { chanceOf } from "../engine/chance.ts";
import { createTimeline, type Timeline } from "../engine/timeline.ts";
import type { Fact } from "../facts.ts";
import { type FaultKind, faultKinds, type Incident, type Plan } from "../faults/kinds.ts";
import { cycle, type FaultLevel, isSpell, narrowed, planOf } from "../faults/plan.ts";
import { createWeather } from "../faults/weather.ts";
import { createHosts } from "../hosts/create.ts";
import { createOperators } from "../operators/operators.ts";
import { startSchedule } from "../platform/schedule.ts";
import { createHistory } from "./history.ts";
import { createOutages } from "./outages.ts";
import { createService } from "./service.ts";
import { type CloudKind, shapeOf } from "./shape.ts";
import { createTally } from "./tally.ts";
import type { Truth } from "./truth.ts";

/** Which world to run, and how much of what is planned for it. */
export type WorldOptions = {
  readonly seed: number;
  readonly hours: number;
  readonly faults: FaultLevel;
  /** Only these incidents, by number. */
  readonly only?: readonly number[] | undefined;
  readonly without?: readonly FaultKind[] | undefined;
  /** Ends the world this long after its beginning, ms. */
  readonly untilMs?: number | undefined;
  /** Ends the world at the first violation. */
  readonly stopAtFirst: boolean;
  readonly trace?: ((fact: Fact, step: number) => void) | undefined;
};

export type WorldResult = {
  readonly seed: number;
  readonly cloud: CloudKind;
  readonly locations: number;
  readonly startMs: number;
  readonly simulatedMs: number;
  /** Events of the timeline. */
  readonly steps: number;
  readonly heartbeats: number;
  readonly decisions: number;
  /** Times that a location's routes were seen, in the cloud's own log, to move to another host's interface. */
  readonly failovers: number;
  readonly routeCalls: number;
  readonly staleLandings: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly violations: readonly (Violation & { readonly step: number })[];
  readonly plan: Plan;
};

/** 2025-06-01: any time will do. */
export const startMs = 1_748_736_000_000;
const token = "pm_the-token-of-every-simulated-world-00000";
const masterKey = new Uint8Array(32).map((_, at) => at * 5 + 11);

/** Which kind of cloud a seed's world stands on: mostly routes changed one by one. */
function cloudOf(seed: number): CloudKind {
  if (seed % 16 === 7) return "ec2";
  return seed % 4 === 2 ? "etag" : "replace";
}

/** Lives one world from its beginning to its end. Throws when the simulator itself is at fault. */
export async function runWorld(options: WorldOptions): Promise<WorldResult> {
  const { seed } = options;
  const chance = chanceOf(seed);
  const shape = shapeOf(chance.fork("shape"), cloudOf(seed));
  const plan = narrowed(planOf(seed, options.hours, options.faults), options);
  const timeline = createTimeline(startMs);
  const observers: ((fact: Fact) => void)[] = [];
  const observe = (fact: Fact): void => {
    for (const one of observers) one(fact);
  };
  const history = createHistory(timeline.nowMs);
  const tally = createTally();
  observers.push(history.observe);
  if (options.trace !== undefined) {
    const { trace } = options;
    observers.push((fact) => trace(fact, timeline.steps));
  }

  const weather = createWeather(timeline, chance.fork("weather"), observe);
  const parts = { timeline, weather, observe, shape };
  const cloud = await createCloud({ ...parts, chance: chance.fork("cloud") });
  const service = createService({ ...parts, chance: chance.fork("service"), cloud, masterKey, token });
  const hosts = createHosts({
    ...parts,
    chance: chance.fork("hosts"),
    masterKey,
    endpoint: (request) => service.heartbeat.invoke(request),
  });
  const operators = createOperators({
    ...parts,
    token,
    admin: (request) => service.admin.invoke(request),
  });
  observers.push((fact) => {
    if (fact.kind !== "network") return;
    cloud.configure(fact.network);
    hosts.configure(fact.network);
  });

  const calm = createCalm(timeline, plan);
  const truth: Truth = {
    shape,
    nowMs: timeline.nowMs,
    get networks() {
      return history.networks;
    },
    get network() {
      return history.network;
    },
    get link() {
      return history.link;
    },
    place: history.place,
    location: history.location,
    decisions: history.decisions,
    host: hosts.truth,
    reaches: hosts.reaches,
    routes: cloud.routes,
    interfacesOf: cloud.interfacesOf,
    ownerOf: cloud.ownerOf,
    get calmSinceMs() {
      return calm.sinceMs();
    },
    wasTroubled: history.wasTroubled,
  };
  const violations: (Violation & { readonly step: number })[] = [];
  let staleLandings = 0;
  const checks: readonly Check[] = makeChecks({
    truth,
    violate(violation) {
      violations.push({ ...violation, atMs: timeline.nowMs(), step: timeline.steps });
      if (options.stopAtFirst) timeline.stop();
    },
    countStale() {
      staleLandings++;
    },
  });
  observers.push((fact) => {
    for (const check of checks) check.observe(fact);
    tally.observe(fact, truth);
  });

  const outages = createOutages(parts, service, cloud);
  const begin = (incident: Incident): void => {
    if (isSpell(incident)) weather.begin(incident);
    else if (incident.kind.startsWith("operator-")) operators.begin(incident);
    else if (incident.kind === "interface-replaced" || incident.kind === "foreign-route") cloud.begin(incident);
    else if (incident.kind.startsWith("outage-") || incident.kind === "container-clock") outages(incident);
    else hosts.begin(incident);
  };
  void operators.setUp();
  startSchedule(timeline, weather, () => service.failover.invoke("scheduled"));
  for (const incident of plan.incidents) timeline.at(startMs + incident.fromMs, () => begin(incident));
  for (const quietMs of plan.quietMs) {
    timeline.at(startMs + quietMs - cycle.calmMs + 1_000, () => void operators.tidyUp());
    timeline.at(startMs + quietMs - cycle.calmMs / 2, () => void operators.tidyUp());
    timeline.at(startMs + quietMs, () => {
      for (const check of checks) check.quiet();
    });
  }
  await timeline.run(startMs + Math.min(plan.endMs, options.untilMs ?? plan.endMs));
  return {
    seed,
    cloud: shape.cloud,
    locations: shape.locations.length,
    startMs,
    simulatedMs: timeline.nowMs() - startMs,
    steps: timeline.steps,
    ...tally.counts(),
    staleLandings,
    faults: Object.fromEntries(faultKinds.map((kind) => [kind, weather.counts.get(kind) ?? 0])) as Record<
      FaultKind,
      number
    >,
    violations,
    plan,
  };
}

/** Since when no incident lasts, by the plan alone. */
function createCalm(timeline: Timeline, plan: Plan): { sinceMs(): number | undefined } {
  /** Spans without an incident, ms after the beginning, in order. */
  const spans: { readonly fromMs: number; readonly toMs: number }[] = [];
  let fromMs = 0;
  for (const incident of plan.incidents) {
    if (incident.fromMs > fromMs) spans.push({ fromMs, toMs: incident.fromMs });
    fromMs = Math.max(fromMs, incident.toMs);
  }
  spans.push({ fromMs, toMs: Number.POSITIVE_INFINITY });
  let at = 0;
  return {
    sinceMs() {
      const nowMs = timeline.nowMs() - startMs;
      while (spans[at + 1] !== undefined && (spans[at]?.toMs ?? 0) <= nowMs) at++;
      const span = spans[at];
      return span !== undefined && span.fromMs <= nowMs && nowMs < span.toMs ? startMs + span.fromMs : undefined;
    },
  };
}
