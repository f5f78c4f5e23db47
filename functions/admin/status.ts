import { limits } from "../../shared/domain/limits.ts";
import type { Link } from "../../shared/domain/network.ts";
import type { SwapReport } from "../../shared/domain/records.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import { linkState } from "../failover/link-state.ts";
import type { AdminDeps } from "./deps.ts";
import type { Answer } from "./http.ts";
import { byRank, problemsOf, strayProblems, sweepProblems } from "./problems.ts";
import type { Call } from "./router.ts";
import type { LinkStatus, StatusAnswer } from "./status-schemas.ts";
import { viewLink } from "./status-view.ts";
import { readStrays } from "./strays.ts";

/** GET status: every link, location and host, stray routes, and what needs a look. */
export async function status({ deps }: Call): Promise<Answer> {
  const { network } = (await deps.store.readNetwork()).value;
  const [links, sweptMs, strays] = await Promise.all([
    inParallel(network.links, limits.parallelLocations, (link) => readLinkStatus(deps, link, network.version)),
    deps.store.readSwept(),
    readStrays(deps, network),
  ]);
  const nowMs = deps.clock.nowMs();
  const problems = [...sweepProblems(sweptMs, nowMs), ...problemsOf(links, nowMs), ...strayProblems(strays)];
  const body: StatusAnswer = {
    nowMs,
    version: network.version,
    sweptMs: sweptMs ?? null,
    links,
    strayRoutes: strays.slice(0, limits.adminStrays),
    moreStrayRoutes: Math.max(0, strays.length - limits.adminStrays),
    problems: [...byRank(problems)],
  };
  return { body };
}

/** What is shown of a link now. */
export async function readLinkStatus(deps: AdminDeps, link: Link, version: number): Promise<LinkStatus> {
  const records = (await deps.store.readLink(link.id, "strong")).value;
  const reports = new Map<string, SwapReport>();
  await inParallel(link.locations, limits.parallelLocations, async (location) => {
    if (location.cloud === undefined) return;
    const report = await deps.store.readSwapReport(location.id);
    if (report !== undefined) reports.set(location.id, report.value);
  });
  return viewLink(linkState(link, version, records), records.switches?.value, reports, deps.clock.nowMs());
}
