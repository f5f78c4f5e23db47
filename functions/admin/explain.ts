import { elect } from "../../shared/domain/election/elect.ts";
import type { Verdict } from "../../shared/domain/election/verdict.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Location } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Answer } from "./http.ts";
import { problemsOfLocation } from "./problems.ts";
import type { Call } from "./router.ts";
import { readSituation } from "./situation.ts";
import type { ExplainAnswer, PastDecision } from "./status-schemas.ts";
import { viewLink } from "./status-view.ts";
import { wouldChange } from "./would-change.ts";

/** GET explain/{link}/{location}: who is active, since when and why, and what would change it. */
export async function explain({ deps, param }: Call): Promise<Answer> {
  const situation = await readSituation(deps, param("link"), param("location"));
  const { link, location, state, records } = situation;
  const [report, decisions] = await Promise.all([
    deps.store.readSwapReport(location.id),
    deps.store.readDecisions(link.id, location.id, limits.adminDecisions),
  ]);
  const nowMs = deps.clock.nowMs();
  const reports = new Map(report === undefined ? [] : [[location.id, report.value] as const]);
  const shown = viewLink(state, records.switches?.value, reports, nowMs);
  const view = shown.locations.find((one) => one.id === location.id);
  if (view === undefined) throw new Error("a location of the link is not shown");
  const body: ExplainAnswer = {
    nowMs,
    link: link.name,
    location: view,
    verdict: viewVerdict(elect(state, location, nowMs), location),
    wouldChange: [...wouldChange(state, location, nowMs)],
    history: decisions.map((decision) => viewDecision(decision, location)),
    problems: [...problemsOfLocation(shown, view, nowMs)],
  };
  return { body };
}

/** A host that is gone from the configuration is shown by its id. */
function nameOf(location: Location, id: string | null): string | null {
  return location.hosts.find((host) => host.id === id)?.name ?? id;
}

function viewVerdict(verdict: Verdict, location: Location): ExplainAnswer["verdict"] {
  if (verdict.kind === "keep") {
    const text = `nothing changes (${verdict.reason}): ${verdict.evidence}`;
    return { kind: "keep", to: null, reason: verdict.reason, text, nextMs: verdict.nextMs ?? null };
  }
  const to = nameOf(location, verdict.to);
  const text = `${to ?? "nobody"} is about to become active (${verdict.reason}): ${verdict.evidence}`;
  return { kind: "change", to, reason: verdict.reason, text, nextMs: null };
}

function viewDecision(decision: Decision, location: Location): PastDecision {
  const { epoch, reason, decidedMs, by, networkVersion, evidence, swap } = decision;
  return {
    epoch,
    active: nameOf(location, decision.activeHostId),
    previous: nameOf(location, decision.previousHostId),
    reason,
    decidedMs,
    by,
    networkVersion,
    evidence,
    swap: swap.state,
    confirmedMs: swap.state === "confirmed" ? swap.atMs : null,
  };
}
