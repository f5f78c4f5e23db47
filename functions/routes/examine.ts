import { type Cloud, networkKey } from "../../shared/domain/clouds/cloud.ts";
import type { ExaminationReport } from "../../shared/domain/examination.ts";
import { type Finding, failed, passed, worstFirst } from "../../shared/domain/finding.ts";
import { doctorLimits, limits } from "../../shared/domain/limits.ts";
import type { Link, Location } from "../../shared/domain/network.ts";
import { planRoutes } from "../../shared/domain/plan.ts";
import { routeFindings } from "../../shared/domain/route-findings.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { ExaminedLocation, OpenDoctor } from "../../shared/ports/cloud-doctor.ts";
import type { Examinations, Examine } from "../../shared/ports/examinations.ts";
import type { Survey } from "../../shared/ports/route-provider.ts";
import type { LocationRecords } from "../../shared/ports/store.ts";
import { noRecords } from "../../shared/ports/store.ts";
import { beginBudget } from "./budget.ts";
import type { RoutesDeps } from "./deps.ts";
import { type Asked, ask, describeLocation, findHosts, refused } from "./examined-location.ts";

/** What an examination needs beside what a swap does. */
export type ExamineDeps = Pick<RoutesDeps, "store" | "clock" | "log" | "openProvider"> & {
  readonly examinations: Examinations;
  readonly openDoctor: OpenDoctor;
};

/**
 * Examines a location with the identity that writes its routes, and reports what it found. It changes nothing in the
 * cloud and no record but the report. A request that comes too late is dropped, a second one for the same report
 * changes nothing. Throws `DatabaseError`.
 */
export function createExaminer(deps: ExamineDeps): (request: Examine) => Promise<void> {
  return async (request) => {
    if (deps.clock.nowMs() >= request.untilMs) return;
    const findings = await examineLocation(deps, request);
    const report: ExaminationReport = {
      locationId: request.locationId,
      atMs: deps.clock.nowMs(),
      findings: worstFirst(findings).slice(0, doctorLimits.findings).map(shortened),
    };
    await deps.examinations.report(request.examinationId, report, undefined);
  };
}

async function examineLocation(deps: ExamineDeps, { linkId, locationId }: Examine): Promise<readonly Finding[]> {
  const { network } = (await deps.store.readNetwork()).value;
  const link = network.links.find((one) => one.id === linkId);
  const location = link?.locations.find((one) => one.id === locationId);
  if (link === undefined || location?.cloud === undefined) {
    const next = "examine again: the network file was applied meanwhile";
    return [failed("answer", locationId, "the location, or its cloud, is gone from the configuration", next)];
  }
  const budget = beginBudget(deps.clock, doctorLimits.runMs);
  try {
    return await examineCloud(deps, link, location, location.cloud, budget.signal);
  } finally {
    budget.end();
  }
}

/** Looks at everything at once; what fails is a finding and stops nothing that does not rest on it. */
async function examineCloud(
  deps: ExamineDeps,
  link: Link,
  location: Location,
  cloud: Cloud,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const name = `${link.name}/${location.name}`;
  const records = (await deps.store.readLink(link.id, "strong")).value;
  const own = records.locations.get(location.id) ?? noRecords;
  const provider = await ask(() => deps.openProvider(cloud, location.id));
  if (provider.error !== undefined) return [refused("identity", name, provider.error)];
  const [survey, hosts] = await Promise.all([
    ask(() => provider.value.survey(signal)),
    findHosts(provider.value, location, own, signal),
  ]);
  const examined = describeLocation(link, location, cloud, records, hosts.found, survey.value);
  const [routes, special] = await Promise.all([
    survey.value === undefined ? [] : judgeRoutes(deps, examined, location, own, survey.value),
    askDoctor(deps, cloud, location, examined, signal),
  ]);
  return [...entrance(name, cloud, survey), ...hosts.findings, ...routes, ...special];
}

/** Whether the identity is let in, and finds its tables. */
function entrance(name: string, cloud: Cloud, survey: Asked<Survey>): readonly Finding[] {
  if (survey.error !== undefined) {
    const isTables = survey.error.code === "TABLE_MISSING" || survey.error.code === "INVALID";
    return [refused(isTables ? "tables" : "identity", name, survey.error)];
  }
  const { tables, routes } = survey.value;
  // An id may be a path: its last part says which.
  const ids = tables.map((table) => table.id.split("/").at(-1) ?? table.id);
  const shown = ids.slice(0, limits.eventDestinations).join(", ");
  const more = ids.length > limits.eventDestinations ? `, and ${ids.length - limits.eventDestinations} more` : "";
  return [
    passed("identity", name, `let in to ${networkKey(cloud).replaceAll("/", " ")}`),
    passed("tables", name, `${tables.length} found (${shown}${more}), ${routes.length} routes in them`),
  ];
}

/** What a swap would do now, which is nothing where all is well. */
async function judgeRoutes(
  deps: ExamineDeps,
  examined: ExaminedLocation,
  location: Location,
  records: LocationRecords,
  { tables, routes }: Survey,
): Promise<readonly Finding[]> {
  const [noted, ledgers] = await Promise.all([
    deps.store.readTargets(location.id),
    inParallel(tables, limits.parallelLedger, (table) => deps.store.readLedger(table.key)),
  ]);
  const found = examined.hosts.flatMap((host) => host.found ?? []);
  const active = examined.hosts.find((host) => host.isActive)?.found ?? null;
  // What should stand where the active host's interface is not known, nobody can tell.
  if (active === null && records.head?.value.activeHostId != null) return [];
  const steps = planRoutes({
    desired: examined.destinations,
    tables,
    routes,
    entries: ledgers.flatMap((ledger) => [...ledger.values()].map((entry) => entry.value)),
    active,
    own: new Set([...(noted?.value ?? []), ...found]),
    locationId: location.id,
    generation: location.generation,
    removeRoutes: location.removeRoutes,
  });
  const isPending = records.head?.value.swap.state === "pending";
  return routeFindings({ name: examined.name, steps, routes, own: new Set(found), isPending });
}

async function askDoctor(
  deps: ExamineDeps,
  cloud: Cloud,
  location: Location,
  examined: ExaminedLocation,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const answer = await ask(async () => (await deps.openDoctor(cloud, location.id)).examine(examined, signal));
  return answer.error === undefined ? answer.value : [refused("answer", examined.name, answer.error)];
}

function shortened(finding: Finding): Finding {
  const cut = (text: string) =>
    text.length <= doctorLimits.textChars ? text : `${text.slice(0, doctorLimits.textChars)}…`;
  return { ...finding, about: cut(finding.about), found: cut(finding.found), next: cut(finding.next) };
}
