import type { Mutant } from "./mutant.ts";

/** Bugs in how heartbeats are believed and recorded. */
export const hearing: readonly Mutant[] = [
  {
    name: "agent-clock-believed",
    promise: 6,
    story: "a host was last seen when it says it sent",
    patch: [
      {
        file: "shared/domain/crediting.ts",
        find: "const countsMs = Math.min(nowMs, sentMs + limits.creditSlackMs);",
        replace: "const countsMs = agentTimeS * 1000;",
      },
    ],
  },
  {
    name: "arrival-believed",
    promise: 6,
    story: "whatever has a valid signature is a sign of life now",
    patch: [
      {
        file: "shared/domain/crediting.ts",
        find: 'if (isOff && agentTimeS <= record.agentTimeS) return { kind: "stale", isSkewed: true };',
        replace: "",
      },
      {
        file: "shared/domain/crediting.ts",
        find: "const countsMs = Math.min(nowMs, sentMs + limits.creditSlackMs);",
        replace: "const countsMs = nowMs;",
      },
    ],
  },
  {
    name: "clock-of-the-anchor-kept",
    promise: 6,
    story: "the first heartbeat says how far a host's clock is off, and that is never looked at again",
    patch: [
      {
        file: "shared/domain/crediting.ts",
        find: "const countsMs = Math.min(nowMs, sentMs + limits.creditSlackMs);",
        replace: "const countsMs = sentMs;",
      },
    ],
  },
  {
    name: "any-leave-counts",
    promise: "false-failover",
    lesson: 7,
    story: "a good-bye is a good-bye, however long it was on its way",
    patch: [
      {
        file: "shared/domain/crediting.ts",
        find: "return time.agentTimeS >= agentTimeS &&",
        replace: "return (time.agentTimeS >= agentTimeS || true) &&",
      },
    ],
  },
  {
    name: "written-once-a-time-out",
    promise: "false-failover",
    lesson: 15,
    story: "a heartbeat without news is written when the last one is about to run out, which saves writes",
    patch: [
      {
        file: "shared/domain/host-report.ts",
        find: "return Math.min(host.timeoutMs / 6, limits.persistMs);",
        replace: "return host.timeoutMs - limits.agentSleepMs / 2;",
      },
    ],
  },
  {
    name: "half-the-time-out",
    promise: "false-failover",
    lesson: 15,
    story: "a host that missed half of its time-out is as good as dead",
    patch: [
      {
        file: "shared/domain/election/availability.ts",
        find: 'return nowMs - record.lastSeenMs <= host.timeoutMs ? "available" : "silent";',
        replace: 'return nowMs - record.lastSeenMs <= host.timeoutMs / 2 ? "available" : "silent";',
      },
    ],
  },
  {
    name: "any-signature",
    promise: 8,
    story: "a host that is known is let in, and its signature is looked at later",
    patch: [
      {
        file: "functions/heartbeat/authenticate.ts",
        find: "if (isSigned(parts, secret, auth.signature) && known !== undefined) {",
        replace: "if ((isSigned(parts, secret, auth.signature) || nowMs > 0) && known !== undefined) {",
      },
    ],
  },
  {
    name: "one-secret-for-all",
    promise: 8,
    story: "every host of the mesh signs with the same secret",
    patch: [
      {
        file: "functions/heartbeat/authenticate.ts",
        find: "if (isSigned(parts, secret, auth.signature) && known !== undefined) {",
        replace:
          "if (known !== undefined && (isSigned(parts, secret, auth.signature) || [...cached.hosts.keys()].some((id) => isSigned(parts, secretOf(masterKey, id, 1), auth.signature)))) {",
      },
    ],
  },
];
