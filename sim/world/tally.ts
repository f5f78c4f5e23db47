import type { Id } from "../../shared/domain/ids.ts";
import type { Fact, RouteCall } from "../facts.ts";
import type { Truth } from "./truth.ts";

/** Counts what happened, for the summary. */
export type Tally = {
  observe(fact: Fact, truth: Truth): void;
  counts(): {
    readonly heartbeats: number;
    readonly decisions: number;
    readonly failovers: number;
    readonly routeCalls: number;
  };
};

export function createTally(): Tally {
  let heartbeats = 0;
  let decisions = 0;
  let failovers = 0;
  let routeCalls = 0;
  /** By location: which host's interface its routes were last moved to. */
  const carriers = new Map<string, string>();

  const landed = (call: RouteCall, truth: Truth): void => {
    const owner = call.result === "ok" && call.kind !== "remove" ? truth.ownerOf(call.target) : undefined;
    if (owner === undefined) return;
    const location = truth.link?.locations.find((one) => one.name === owner.location);
    const activeId: Id | null | undefined = location && truth.decisions(location.id).at(-1)?.decision.activeHostId;
    // What lands too late is no failover.
    if (activeId == null || truth.place(activeId)?.host.name !== owner.host) return;
    const before = carriers.get(owner.location);
    carriers.set(owner.location, owner.host);
    if (before !== undefined && before !== owner.host) failovers++;
  };

  return {
    observe(fact, truth) {
      switch (fact.kind) {
        case "sent":
          if (fact.method === "PUT") heartbeats++;
          return;
        case "head":
          if (fact.before?.epoch !== fact.decision.epoch) decisions++;
          return;
        case "call-landed":
          routeCalls++;
          landed(fact.call, truth);
          return;
        default:
          return;
      }
    },
    counts: () => ({ heartbeats, decisions, failovers, routeCalls }),
  };
}
