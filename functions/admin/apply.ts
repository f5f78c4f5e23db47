import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { Location, Network } from "../../shared/domain/network.ts";
import type { AppliedNetwork, Retired } from "../../shared/ports/store.ts";
import type { AdminDeps } from "./deps.ts";
import { finishApply, tellApplied } from "./finish-apply.ts";
import { handOver } from "./hand-over.ts";
import { type Answer, readBody } from "./http.ts";
import { propose } from "./plan.ts";
import { Refusal } from "./refusal.ts";
import { refuseEventual } from "./replicated.ts";
import type { Call } from "./router.ts";
import { type ApplyAnswer, ApplyRequest, type Plan } from "./schemas.ts";

/**
 * POST apply: puts a network file in force, on the condition that nobody else applied meanwhile. Active hosts that are
 * to go hand over first: the answer is then 202 `switching`, and the same request is sent again until it is `applied`.
 */
export async function apply({ deps, request, by }: Call): Promise<Answer> {
  const { file, expectVersion, allowRemove, why } = await readBody(request, ApplyRequest);
  await refuseEventual(deps);
  const { applied, next, plan } = await propose(deps, file);
  const { version } = applied.network;
  if (expectVersion !== undefined && expectVersion !== version) throw versionChanged(applied, expectVersion);
  if (plan.unchanged) {
    await finishApply(deps, { before: applied.network, applied });
    return { body: { state: "unchanged", version } satisfies ApplyAnswer };
  }
  if (plan.needsAllowRemove && !allowRemove) throw allowRemoveNeeded(plan);

  const waitingFor = await handOver(deps, applied, next, by);
  if (waitingFor.length > 0) {
    const body: ApplyAnswer = { state: "switching", version, waitingFor: [...waitingFor] };
    return { status: 202, body };
  }
  const commit = { network: next, atMs: deps.clock.nowMs(), by, why, source: file };
  for (const retired of retiredBy(applied.network, next, commit.atMs)) await deps.store.retire(retired);
  await commitNetwork(deps, applied, commit);
  await finishApply(deps, { before: applied.network, applied: commit });
  return { body: { state: "applied", version: next.version, plan } satisfies ApplyAnswer };
}

/**
 * Puts a configuration in force. Whoever put the one before in force may have been broken off before it was told: that
 * is made good first, since nobody else will. Throws `Refusal` when somebody else was first.
 */
export async function commitNetwork(deps: AdminDeps, applied: AppliedNetwork, next: AppliedNetwork): Promise<void> {
  await tellApplied(deps, applied);
  const claim = await deps.store.commitNetwork(next);
  if (claim.kind === "won") return;
  throw new Refusal(
    409,
    "lost-race",
    "somebody else applied a configuration at the same moment; nothing of this one is in force",
    {
      next: "run `pointsman plan` again to see what it changes now",
    },
  );
}

/** Generations of locations whose routes have no owner any more: of what is removed, and of what moves. */
function retiredBy(current: Network, next: Network, atMs: number): readonly Retired[] {
  const after = new Map(next.links.flatMap((link) => link.locations).map((location) => [location.id, location]));
  return current.links.flatMap((link) =>
    link.locations.flatMap((location) => {
      const { cloud } = location;
      const stays = after.get(location.id);
      if (cloud === undefined || stays?.generation === location.generation) return [];
      return [{ linkId: link.id, linkName: link.name, ...retiredLocation(location, cloud, stays), atMs }];
    }),
  );
}

function retiredLocation(location: Location, cloud: Cloud, stays: Location | undefined) {
  const { id, name, generation, removeRoutes } = location;
  return {
    locationId: id,
    locationName: name,
    generation,
    cloud,
    removeRoutes: stays?.removeRoutes ?? removeRoutes,
  };
}

function versionChanged({ network, by }: AppliedNetwork, expected: number): Refusal {
  const message = `the configuration is at version ${network.version} (${by}), not ${expected}`;
  return new Refusal(409, "version-changed", message, {
    next: "run `pointsman plan` again to see what the file changes now",
  });
}

function allowRemoveNeeded(plan: Plan): Refusal {
  const { routesLost, removed } = plan;
  const parts = [
    ...(routesLost > 0 ? [`${routesLost} ${routesLost === 1 ? "route is" : "routes are"} lost`] : []),
    ...(removed.length > 0 ? [`removed: ${removed.slice(0, 20).join(", ")}`] : []),
  ];
  return new Refusal(409, "allow-remove-needed", parts.join("; "), {
    next: "look at `pointsman plan`; if that is meant, apply with --allow-remove",
  });
}
