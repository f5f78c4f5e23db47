import { DatabaseError, RouteError } from "../../shared/domain/errors.ts";
import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Location } from "../../shared/domain/network.ts";
import type { RouteTarget } from "../../shared/domain/routes.ts";
import type { RouteProvider, TargetHost } from "../../shared/ports/route-provider.ts";
import type { LocationRecords, Revised, Store } from "../../shared/ports/store.ts";
import { askCloud } from "./ask-cloud.ts";
import type { Budget } from "./budget.ts";
import type { RoutesDeps } from "./deps.ts";
import type { Failure } from "./tries.ts";

/** The interfaces of a location's hosts, as far as they can be found, and why the others cannot. */
export type HostTargets = {
  readonly found: ReadonlyMap<Id, RouteTarget>;
  readonly failures: ReadonlyMap<Id, Failure>;
};

/** Finds the interface of every host: each from its configuration and its own report alone (promise 8). */
export async function findTargets(
  deps: Pick<RoutesDeps, "clock">,
  provider: RouteProvider,
  location: Location,
  records: LocationRecords,
  budget: Budget,
): Promise<HostTargets> {
  const hosts: TargetHost[] = location.hosts.flatMap(({ id, target }) =>
    target === undefined ? [] : [{ hostId: id, target, localAddress: localAddress(records, id) }],
  );
  const found = new Map<Id, RouteTarget>();
  const failures = new Map<Id, Failure>();
  for (const host of location.hosts) failures.set(host.id, failureOf(unknownTarget(host.name)));
  const answer = await askCloud(deps.clock, budget, () => provider.targets(hosts, budget.signal));
  for (const { hostId } of hosts) if (answer.kind === "failed") failures.set(hostId, answer.failure);
  for (const outcome of answer.kind === "answer" ? answer.value : []) {
    if (outcome.result === "failed") failures.set(outcome.hostId, failureOf(outcome.error));
    else {
      found.set(outcome.hostId, outcome.target);
      failures.delete(outcome.hostId);
    }
  }
  return { found, failures };
}

function localAddress(records: LocationRecords, hostId: Id): string {
  return records.hosts.get(hostId)?.value.localAddress ?? "";
}

function failureOf(error: RouteError): Failure {
  return { error, table: "", destination: "" };
}

function unknownTarget(name: string): RouteError {
  const next = "give the host a target in the network file, or look at the errors before this one";
  return new RouteError("TARGET_MISSING", `the interface of host ${name} is not known`, { retry: "later", next });
}

/**
 * Remembers interfaces before routes are pointed at them: from then on they are never foreign. Throws `DatabaseError`.
 */
export async function noteTargets(
  store: Store,
  locationId: Id,
  noted: Revised<readonly RouteTarget[]> | undefined,
  targets: readonly RouteTarget[],
): Promise<void> {
  let known = noted;
  for (let attempt = 0; attempt < limits.writeAttempts; attempt++) {
    const fresh = targets.filter((target) => known?.value.includes(target) !== true);
    if (fresh.length === 0) return;
    const next = [...(known?.value ?? []), ...new Set(fresh)].slice(-limits.ownTargets);
    const claim = await store.writeTargets(locationId, next, known?.revision);
    if (claim.kind === "won") return;
    known = await store.readTargets(locationId);
  }
  const next = "nothing: the message comes again";
  throw new DatabaseError("UNKNOWN", `interfaces of location ${locationId} not noted: too many writers`, { next });
}
