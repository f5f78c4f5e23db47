import type { Link, Location } from "../../shared/domain/network.ts";
import { type ElectionOutcome, electNow } from "../failover/failover.ts";
import type { AdminDeps } from "./deps.ts";
import { Refusal } from "./refusal.ts";
import type { CommandAnswer } from "./schemas.ts";
import { reread, type Situation } from "./situation.ts";
import { activeHostOf } from "./status-view.ts";

/** Runs the election of a location that an operator changed something of, and says what it came to. */
export async function electAndAnswer(
  deps: AdminDeps,
  before: Situation,
  by: string,
  done: string,
  notes: readonly string[] = [],
): Promise<CommandAnswer> {
  const outcome = await electNow(deps, { linkId: before.link.id, locationId: before.location.id }, by);
  const after = await reread(deps, before);
  const active = activeHostOf(after.location, after.facts)?.name ?? null;
  const changed = after.facts.head?.epoch !== before.facts.head?.epoch;
  return {
    location: before.name,
    active,
    epoch: after.facts.head?.epoch ?? 0,
    changed,
    message: `${done}: ${outcomeText(outcome, active, after.facts.head?.epoch ?? 0)}`,
    notes: [...notes],
  };
}

/** One clause on what an election came to. */
export function outcomeText(outcome: ElectionOutcome, active: string | null, epoch: number): string {
  const who = active === null ? "nobody is active" : `${active} is active`;
  switch (outcome.kind) {
    case "committed":
      return `${who} now (epoch ${epoch}), its routes are being written`;
    case "kept":
      return `${who}, nothing changes now: ${outcome.verdict.evidence}`;
    case "lost":
      return `${who}; another decision was made at the same moment`;
    case "stale":
    case "clock":
      return `${who}; this function's clock or evidence was not fit to decide, the next sweep does`;
    case "unknown-location":
      return "the location was removed meanwhile";
    default:
      return outcome satisfies never;
  }
}

/** Throws `Refusal` for a location whose host is a fixed device: nothing can be decided there. */
export function refuseStatic(link: Link, location: Location): void {
  const fixed = location.hosts.find((host) => host.static);
  if (fixed === undefined) return;
  throw new Refusal(
    409,
    "host-static",
    `${link.name}/${location.name} has one static host, ${fixed.name}: it is always active`,
    {
      next: "there is nothing to decide; to take it out, remove its location from the network file and apply",
    },
  );
}
