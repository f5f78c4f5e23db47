import type { Decision } from "../../shared/domain/records.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { StoreMoment } from "../runtime/watched-store.ts";
import { cloudOf, routesTo } from "./check-routes.ts";
import type { FailoverReport } from "./report.ts";
import type { Actor } from "./stage.ts";
import { type Wait, waitFor } from "./wait.ts";

/** How a scripted failover ended; `undone` says what did not happen, `moved` that the host was no longer active before. */
export type FailoverResult =
  | { readonly kind: "moved" }
  | { readonly kind: "done"; readonly report: FailoverReport }
  | { readonly kind: "undone"; readonly reason: string };

type Moments = readonly StoreMoment[];

/** Time beyond the time-out that a failover is given before the demonstration says that it did not happen. ms */
const PATIENCE_MS = 30_000;

/**
 * Stops a location's active host without a word, half a second after a heartbeat of it was answered, and watches what
 * happens until every route points at another host.
 */
export async function stopActiveHost(
  runtime: Runtime,
  actor: Actor,
  moments: Moments,
  wait: Wait,
): Promise<FailoverResult> {
  const { clock } = wait;
  const { location, host } = actor;
  const last = await actor.simulated.agent.nextGood();
  await clock.sleep(500, wait.signal);
  const before = (await runtime.store.readHead(actor.link.id, location.id)).value?.value;
  if (before?.activeHostId !== host.id) return { kind: "moved" };
  const cloud = cloudOf(runtime.clouds, location);
  if (cloud === undefined) return { kind: "undone", reason: `${location.name} has no cloud` };
  const callsBefore = cloud.changingCalls();
  await actor.simulated.vanish();

  const seen = <K extends StoreMoment["kind"]>(kind: K) =>
    moments.find(
      (moment): moment is Extract<StoreMoment, { kind: K }> =>
        moment.kind === kind && isAfter(moment, before) && moment.atMs >= last.sentMs,
    );
  const committed = await waitFor(
    wait,
    host.timeoutMs + PATIENCE_MS,
    () => `${host.name} is silent: waiting for a decision`,
    () => seen("committed"),
  );
  if (committed === undefined)
    return { kind: "undone", reason: `no decision ${PATIENCE_MS / 1000} s after the time-out` };
  const { decision } = committed;
  const successor = location.hosts.find(({ id }) => id === decision.activeHostId);
  if (successor === undefined) return { kind: "undone", reason: `nobody took over (${decision.reason})` };
  const areSwapped = async (): Promise<boolean> => {
    const routes = await routesTo(runtime.clouds, actor.link, location, successor);
    return routes.every((route) => route.found === route.wanted);
  };
  let swappedMs: number | undefined;
  const confirmed = await waitFor(
    wait,
    PATIENCE_MS,
    () => "decided: waiting until every route is verified",
    async () => {
      if (swappedMs === undefined && (await areSwapped())) swappedMs = clock.nowMs();
      return seen("confirmed");
    },
  );
  if (confirmed === undefined)
    return { kind: "undone", reason: "the routes were not verified: see `pointsman explain`" };

  const routes = await routesTo(runtime.clouds, actor.link, location, successor);
  const since = (atMs: number) => Math.round(atMs - last.sentMs);
  const report: FailoverReport = {
    location: `${actor.link.name}/${location.name}`,
    cloud: cloud.provider,
    from: host.name,
    to: successor.name,
    reason: decision.reason,
    detectedMs: since(detectedMs(decision, seen("suspected"))),
    committedMs: since(committed.atMs),
    swappedMs: since(Math.min(swappedMs ?? confirmed.atMs, confirmed.atMs)),
    verifiedMs: since(confirmed.atMs),
    routes: routes.filter((route) => route.found === route.wanted).length,
    calls: cloud.changingCalls() - callsBefore,
    gaps: cloud.gaps(committed.atMs).length,
  };
  return { kind: "done", report };
}

/** Whether a moment belongs to the decision that follows another, or to what led to it. */
function isAfter(moment: StoreMoment, before: Decision): boolean {
  if (moment.kind === "applied" || moment.locationId !== before.locationId) return false;
  return moment.kind === "suspected"
    ? moment.suspicion.epoch === before.epoch
    : moment.decision.epoch === before.epoch + 1;
}

function detectedMs(decision: Decision, suspected: Extract<StoreMoment, { kind: "suspected" }> | undefined): number {
  return decision.reason === "suspected" && suspected !== undefined ? suspected.atMs : decision.decidedMs;
}
