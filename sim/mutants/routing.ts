import type { Mutant } from "./mutant.ts";

/** Bugs in how routes are planned, fenced and written. */
export const routing: readonly Mutant[] = [
  {
    name: "fence-asked-once",
    promise: 2,
    story: "whether the epoch is the latest is asked before the first write, which is soon enough",
    patch: [
      {
        file: "functions/routes/fence.ts",
        find: "knownMs >= sinceMs && clock.monotonicMs() - knownMs <= limits.fenceMs;",
        replace: "knownMs >= sinceMs && clock.monotonicMs() - knownMs <= limits.fenceMs * 100;",
      },
    ],
  },
  {
    name: "no-fence",
    promise: 2,
    story: "the lease is held, so nobody else can be writing",
    patch: [
      {
        file: "functions/routes/fence.ts",
        find: 'if (!standing.isLatest) lost = { why: "superseded" };\n    else if (holder?.owner !== claim.owner || holder.epoch !== claim.epoch) lost = { why: "lease-gone" };',
        replace: "if (holder === undefined && !standing.isLatest) lost = undefined;",
      },
      {
        file: "functions/routes/fence.ts",
        find: 'if (standing?.isLatest === false) lost ??= { why: "superseded" };',
        replace: "if (standing === undefined) return false;",
      },
    ],
  },
  {
    name: "an-old-read-applied",
    promise: 2,
    lesson: 2,
    story: "the decision to apply is read eventually consistent, and what was read is applied",
    patch: [
      {
        file: "functions/routes/situation.ts",
        find: 'store.readLocation(linkId, locationId, "strong"),',
        replace: 'store.readLocation(linkId, locationId, "eventual"),',
      },
      {
        file: "functions/routes/fence.ts",
        find: "knownMs >= sinceMs && clock.monotonicMs() - knownMs <= limits.fenceMs;",
        replace: "knownMs >= sinceMs && clock.monotonicMs() - knownMs <= limits.fenceMs * 30;",
      },
    ],
  },
  {
    name: "verified-for-ever",
    promise: 2,
    lesson: 4,
    story: "a decision whose routes were verified once is never looked at again",
    patch: [
      {
        file: "functions/routes/swap.ts",
        find: 'const isPending = head.value.swap.state === "pending";',
        replace: 'const isPending = head.value.swap.state === "pending";\n  if (!isPending) return true;',
      },
    ],
  },
  {
    name: "late-call-untold",
    promise: 2,
    story: "a route that a late call had moved is put right without a word",
    patch: [
      {
        file: "functions/routes/write-steps.ts",
        find: "await Promise.all(events.map((event) => job.deps.store.tell(event)));",
        replace:
          'await Promise.all(events.filter((event) => event.kind !== "stale-write-repaired").map((event) => job.deps.store.tell(event)));',
      },
    ],
  },
  {
    name: "ledger-not-asked",
    promise: 3,
    lesson: 14,
    story: "a route to a destination of ours is ours",
    patch: [
      {
        file: "shared/domain/plan.ts",
        find: "  if (found !== undefined) {\n    if (context.isWhole)",
        replace:
          '  if (found?.isStatic === true && context.active !== null && found.target !== context.active) return { ...place, kind: "replace", target: context.active, reason: "stale" };\n  if (found !== undefined) {\n    if (context.isWhole)',
      },
    ],
  },
  {
    name: "taken-back",
    promise: 3,
    story: "a route of ours that somebody has pointed elsewhere is drift, and is put right",
    patch: [
      {
        file: "shared/domain/plan.ts",
        find: '  if (!found.isStatic) return { ...place, kind: "foreign", reason: "cloud-made" };\n',
        replace:
          '  if (!found.isStatic) return { ...place, kind: "foreign", reason: "cloud-made" };\n  if (context.active !== null) return { ...place, kind: "replace", target: context.active, reason: "stale" };\n',
      },
    ],
  },
  {
    name: "delete-before-add",
    promise: 4,
    story: "a route is replaced by deleting it and making it anew",
    patch: [
      {
        file: "functions/routes/write-steps.ts",
        find: "return await job.provider.write(changes, { guard: job.fence.guard, epoch: job.writer.epoch }, job.budget.signal);",
        replace:
          'await job.provider.write(changes.filter((change) => change.kind === "replace").map((change) => ({ ...change, kind: "remove" })), { guard: job.fence.guard, epoch: job.writer.epoch }, job.budget.signal);\n    return await job.provider.write(changes.map((change) => (change.kind === "replace" ? { ...change, kind: "create" } : change)), { guard: job.fence.guard, epoch: job.writer.epoch }, job.budget.signal);',
      },
    ],
  },
  {
    name: "stale-removed-first",
    promise: 4,
    story: "routes at the old host are cleared away, and the next look makes them at the new one",
    patch: [
      {
        file: "shared/domain/plan.ts",
        find: 'return { ...place, kind: "replace", target: context.active, reason: whyReplace(entry, found, context) };',
        replace:
          'return whyReplace(entry, found, context) === "stale" ? { ...place, kind: "remove", reason: "not-desired" } : { ...place, kind: "replace", target: context.active, reason: whyReplace(entry, found, context) };',
      },
    ],
  },
  {
    name: "clean-up-of-the-demoted",
    promise: 4,
    lesson: 16,
    story: "a run that a newer decision overtook takes its own routes out again",
    patch: [
      {
        file: "functions/routes/carry-out.ts",
        find: 'if (job.fence.lost() !== undefined) return result("stopped");',
        replace:
          'if (job.fence.lost() !== undefined) {\n      const mine = now.steps.filter((step) => step.kind === "unchanged" || step.kind === "settle");\n      await job.provider.write(mine.map(({ table, destination, found }) => ({ kind: "remove", table, destination, found: found?.target ?? "" })), { guard: () => Promise.resolve(), epoch: job.writer.epoch }, job.budget.signal).catch(() => []);\n      return result("stopped");\n    }',
      },
    ],
  },
  {
    name: "nobody-means-no-routes",
    promise: 4,
    story: "routes of a location without any available host are removed, whatever the location says",
    patch: [
      {
        file: "shared/domain/election/elect.ts",
        find: "if (location.removeRoutes) {",
        replace: "if (location.removeRoutes || location.hosts.length > 0) {",
      },
      {
        file: "shared/domain/plan.ts",
        find: "if (!context.removeRoutes || isAnothers)",
        replace: "if (isAnothers)",
      },
    ],
  },
  {
    name: "confirmed-unread",
    promise: 7,
    story: "a write that was answered is done: nothing is read back",
    patch: [
      {
        file: "functions/routes/carry-out.ts",
        find: "      previous = undefined;\n      pauseMs = limits.readBackMs;",
        replace: '      await noteAll(job, []);\n      return result("verified");',
      },
      {
        file: "functions/routes/swap.ts",
        find: "isDone: isThrough && all.length === 0 && !steps.some(isWrite) };",
        replace: "isDone: isThrough && all.length === 0 };",
      },
    ],
  },
  {
    name: "confirmed-with-errors",
    promise: 7,
    lesson: 13,
    story: "a cloud that refuses or throttles has its reasons: the swap is done as far as it can be",
    patch: [
      {
        file: "functions/routes/swap.ts",
        find: "isDone: isThrough && all.length === 0 && !steps.some(isWrite) };",
        replace: "isDone: isThrough || all.length > 0 || !steps.some(isWrite) };",
      },
      {
        file: "functions/routes/swap.ts",
        find: 'end: "out-of-time", failures, isDone: false };',
        replace: 'end: "out-of-time", failures, isDone: failures.length > 0 };',
      },
    ],
  },
  {
    name: "interface-remembered",
    promise: 7,
    lesson: 11,
    story: "the interface behind a host's address is looked up once, since addresses do not change",
    patch: [
      {
        file: "functions/routes/targets.ts",
        find: "  return { found, failures };\n}",
        replace:
          "  const kept = remembered.get(deps) ?? new Map<Id, RouteTarget>();\n  remembered.set(deps, kept);\n  for (const [id, target] of found) if (!kept.has(id)) kept.set(id, target);\n  return { found: new Map([...found].map(([id, target]) => [id, kept.get(id) ?? target] as const)), failures };\n}\n\nconst remembered = new WeakMap<object, Map<Id, RouteTarget>>();",
      },
    ],
  },
  {
    name: "address-is-proof",
    promise: 8,
    story: "the interface with the address that a host reports is the host's",
    patch: [
      {
        file: "shared/providers/aws/targets.ts",
        find: "const tagged = atAddress.filter((candidate) => tagOf(candidate) === host.hostId);",
        replace: "const tagged = atAddress.filter((candidate) => tagOf(candidate) !== host.target);",
      },
    ],
  },
];
