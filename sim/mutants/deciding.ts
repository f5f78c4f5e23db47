import type { Mutant } from "./mutant.ts";

/** Bugs in elections and in how they are committed. */
export const deciding: readonly Mutant[] = [
  {
    name: "head-without-condition",
    promise: 1,
    lesson: 3,
    story: "a decision is put wherever the head stands now, instead of on the head that it was judged by",
    patch: [
      {
        file: "shared/store/link-records.ts",
        find: "return writeRecord(database, keys.head(next.linkId, next.locationId), next, prior?.revision);",
        replace:
          'const now = await database.get(keys.head(next.linkId, next.locationId), "strong"); return writeRecord(database, keys.head(next.linkId, next.locationId), next, now.value?.revision);',
      },
    ],
  },
  {
    name: "switchover-in-place",
    promise: 1,
    story: "an operator's switchover edits the decision in force instead of making a new one",
    patch: [
      {
        file: "shared/domain/election/decide.ts",
        find: "epoch: (head?.epoch ?? 0) + 1,",
        replace: 'epoch: (head?.epoch ?? 0) + (verdict.reason === "switchover" ? 0 : 1),',
      },
    ],
  },
  {
    name: "epoch-by-the-clock",
    promise: 1,
    story: "an epoch is the elector's time in seconds, as if clocks never differed",
    patch: [
      {
        file: "shared/domain/election/decide.ts",
        find: "epoch: (head?.epoch ?? 0) + 1,",
        replace: "epoch: Math.floor(nowMs / 1000),",
      },
    ],
  },
  {
    name: "sweep-trusts-its-cache",
    promise: "false-failover",
    story: "a sweep takes what its container read of a link a few seconds ago",
    patch: [
      {
        file: "functions/failover/sweep.ts",
        find: 'const first = evidenceOf(link.id, applied, await deps.store.readLink(link.id, "strong"));',
        replace:
          'const now = await deps.store.readLink(link.id, "strong");\n  const kept = cache.get(deps)?.get(link.id);\n  const isKept = kept !== undefined && now.monotonicMs - kept.monotonicMs < 15_000;\n  if (!isKept) cache.set(deps, new Map(cache.get(deps)).set(link.id, now));\n  const first = evidenceOf(link.id, applied, isKept ? { ...now, value: kept.value } : now);',
      },
      {
        file: "functions/failover/sweep.ts",
        find: "const skipped: SweepResult",
        replace: "const cache = new WeakMap();\nconst skipped: SweepResult",
      },
    ],
  },
  {
    name: "any-clock-decides",
    promise: 6,
    story: "an elector takes its own clock for right",
    patch: [
      {
        file: "shared/domain/clock-check.ts",
        find: "return clockOffsetMs(times) <= limits.clockSkewMs;",
        replace: "return clockOffsetMs(times) <= limits.clockSkewMs || true;",
      },
    ],
  },
  {
    name: "no-hold",
    promise: 5,
    story: "after an outage hosts are judged at once by the silence that the outage made",
    patch: [
      {
        file: "shared/domain/pulse.ts",
        find: "return { lastCreditedMs: nowMs, holdUntilMs: nowMs + holdMs, holdSinceMs: nowMs };",
        replace: "return { lastCreditedMs: nowMs, holdUntilMs: nowMs, holdSinceMs: nowMs - holdMs };",
      },
    ],
  },
  {
    name: "never-deaf",
    promise: 5,
    story: "a sweep that hears of nobody takes everybody for dead",
    patch: [
      {
        file: "shared/domain/election/hold.ts",
        find: "return nowMs - pulse.lastCreditedMs > shortestMs / 2;",
        replace: "return nowMs - pulse.lastCreditedMs > shortestMs * 1_000;",
      },
    ],
  },
  {
    name: "only-sweeps-obey-a-hold",
    promise: 5,
    story: "the election that a heartbeat runs is about one location, and is not told of a hold",
    patch: [
      {
        file: "functions/failover/elect-now.ts",
        find: "const verdict = elect(evidence.state, location, deps.clock.nowMs());",
        replace:
          "const verdict = elect({ ...evidence.state, pulse: { lastCreditedMs: deps.clock.nowMs(), holdUntilMs: 0, holdSinceMs: 0 } }, location, deps.clock.nowMs());",
      },
    ],
  },
  {
    name: "short-hold",
    promise: 5,
    story: "a hold lasts five seconds, which is enough for hosts that are well",
    patch: [
      {
        file: "shared/domain/pulse.ts",
        find: "const holdMs = Math.max(longestTimeoutMs(link), limits.shortestHoldMs);",
        replace: "const holdMs = Math.min(5_000, longestTimeoutMs(link) + limits.shortestHoldMs);",
      },
    ],
  },
  {
    name: "never-promoted",
    promise: 7,
    lesson: 5,
    story: "a location without an active host waits for an operator",
    patch: [
      {
        file: "shared/domain/election/elect.ts",
        find: "if (first === undefined) return keep(",
        replace: "if (first === undefined || facts.head !== undefined) return keep(",
      },
    ],
  },
  {
    name: "gone-means-handled",
    promise: 7,
    lesson: 9,
    story: "a host that said good-bye is not watched any more, so its time-out never comes",
    patch: [
      {
        file: "shared/domain/election/failure.ts",
        find: 'case "left":\n      return {',
        replace: 'case "left":\n      if (silentMs >= 0) return undefined;\n      return {',
      },
    ],
  },
  {
    name: "one-failover-at-a-time",
    promise: 7,
    lesson: 12,
    story: "nothing is decided while the routes of the decision before are not verified",
    patch: [
      {
        file: "shared/domain/election/elect.ts",
        find: 'if (state.isPaused) return keep("paused", "the link is paused by an operator");',
        replace:
          'if (state.isPaused || facts.head?.swap.state === "pending") return keep("paused", "the link is paused by an operator");',
      },
    ],
  },
  {
    name: "drained-elected",
    promise: "false-failover",
    lesson: 6,
    story: "a host that an operator took out of service is taken for available while it heartbeats",
    patch: [
      {
        file: "shared/domain/election/availability.ts",
        find: 'return facts.wish?.drains[host.id] === undefined ? presenceOf(host, facts, nowMs) : "drained";',
        replace: "return presenceOf(host, facts, nowMs);",
      },
    ],
  },
  {
    name: "equals-preempt",
    promise: "false-failover",
    lesson: 8,
    story: "a host of equal priority takes over as soon as it may",
    patch: [
      {
        file: "shared/domain/election/choice.ts",
        find: "host.priority > active.priority && reachesNoLess",
        replace: "host.priority >= active.priority && reachesNoLess",
      },
    ],
  },
  {
    name: "booting-preempts",
    promise: "false-failover",
    lesson: 10,
    story: "a better host takes over with its first heartbeat",
    patch: [
      {
        file: "shared/domain/election/availability.ts",
        find: "isSteady: record.lastSeenMs >= steadyAtMs,",
        replace: "isSteady: true,",
      },
    ],
  },
  {
    name: "peers-alone-convict",
    promise: "false-failover",
    story: "what remote hosts say is enough: heartbeats of the suspect do not clear it",
    patch: [
      {
        file: "shared/domain/election/suspicion.ts",
        find: "if (record.lastSeenMs >= suspicion.markedMs || nowMs < suspicion.evaluateMs) return false;",
        replace: "if (nowMs < suspicion.evaluateMs) return false;",
      },
    ],
  },
  {
    name: "tunnels-not-looked-at",
    promise: 7,
    lesson: 1,
    story: "a host that heartbeats is well",
    patch: [
      {
        file: "shared/domain/election/failure.ts",
        find: "bySuspicion(state, location, active, candidates, nowMs) ??\n    byTunnels(state, location, active, candidates, nowMs)",
        replace:
          "bySuspicion(state, location, active, candidates, nowMs) ??\n    (nowMs < 0 ? byTunnels(state, location, active, candidates, nowMs) : undefined)",
      },
    ],
  },
  {
    name: "once-a-minute",
    promise: 7,
    story: "the schedule sweeps once a minute: nothing else needs to elect",
    patch: [
      {
        file: "functions/failover/failover.ts",
        find: "Array.from({ length: limits.ticks }",
        replace: "Array.from({ length: limits.ticks * 0 }",
      },
      {
        file: "functions/failover/failover.ts",
        find: "if (result.moments.length === 0) return;",
        replace: "if (result.moments.length >= 0) return;",
      },
      {
        file: "functions/heartbeat/heartbeat.ts",
        find: "if (!wouldChange(state(), place.location, nowMs)) return activeId;",
        replace: "if (nowMs > 0 || !wouldChange(state(), place.location, nowMs)) return activeId;",
      },
    ],
  },
  {
    name: "decisions-not-archived",
    promise: 9,
    story: "the head item is the state: what it said before is of no interest",
    patch: [
      {
        file: "shared/store/link-records.ts",
        find: "if (prior !== undefined) await archive(prior);",
        replace: "if (prior !== undefined && prior.revision < 0) await archive(prior);",
      },
    ],
  },
  {
    name: "archived-afterwards",
    promise: 9,
    story: "the old decision goes into the log once the new one stands",
    patch: [
      {
        file: "shared/store/link-records.ts",
        find: 'if (prior !== undefined) await archive(prior);\n      if (!mayCommit()) return { kind: "lost" };\n      return writeRecord(database, keys.head(next.linkId, next.locationId), next, prior?.revision);',
        replace:
          'if (!mayCommit()) return { kind: "lost" };\n      const claim = await writeRecord(database, keys.head(next.linkId, next.locationId), next, prior?.revision);\n      if (prior !== undefined && claim.kind === "won") await archive(prior);\n      return claim;',
      },
    ],
  },
  {
    name: "told-once",
    promise: 9,
    story: "an elector that decided tells of it: nobody else needs to",
    patch: [
      {
        file: "functions/failover/unfinished.ts",
        find: "if (ageMs < limits.rewakeFromMs) return;",
        replace: "if (ageMs >= 0 || ageMs < limits.rewakeFromMs) return;",
      },
      {
        file: "functions/routes/swap.ts",
        find: "const telling = isPending ? tellDecisions(situation, situation.link.name, location)",
        replace:
          "const telling = isPending && head.revision < 0 ? tellDecisions(situation, situation.link.name, location)",
      },
    ],
  },
];
