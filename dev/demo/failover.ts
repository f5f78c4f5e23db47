import type { Decision } from "../../shared/domain/records.ts";
import { interfaceOf, tablesOf } from "../runtime/aws-world.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { StoreMoment } from "../runtime/watched-store.ts";
import { type CheckedRoute, checkRoutes } from "./check-routes.ts";
import type { FailoverReport } from "./report.ts";
import type { Actor, Stage } from "./stage.ts";
import { type Wait, waitFor } from "./wait.ts";

/** How a scripted failover ended; `undone` says what did not happen, `moved` that the host was no longer active before. */
export type FailoverResult =
  | { readonly kind: "moved" }
  | { readonly kind: "done"; readonly report: FailoverReport; readonly routes: readonly CheckedRoute[] }
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
  stage: Stage,
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
  const confirmed = await waitFor(
    wait,
    PATIENCE_MS,
    () => "decided: waiting until every route is verified",
    () => seen("confirmed"),
  );
  if (confirmed === undefined)
    return { kind: "undone", reason: "the routes were not verified: see `pointsman explain`" };

  const { decision } = committed;
  const successor = location.hosts.find(({ id }) => id === decision.activeHostId);
  if (successor === undefined) return { kind: "undone", reason: `nobody took over (${decision.reason})` };
  const routes = await checkRoutes(stage.network, runtime.store, runtime.ec2);
  const since = (atMs: number) => Math.round(atMs - last.sentMs);
  const report: FailoverReport = {
    location: `${actor.link.name}/${location.name}`,
    from: host.name,
    to: successor.name,
    reason: decision.reason,
    detectedMs: since(detectedMs(decision, seen("suspected"))),
    committedMs: since(committed.atMs),
    swappedMs: since(lastWriteMs(runtime, tablesOf(location), interfaceOf(successor), confirmed.atMs)),
    verifiedMs: since(confirmed.atMs),
    routes: routes.filter((route) => route.locationId === location.id && route.found === route.wanted).length,
  };
  return { kind: "done", report, routes };
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

/** When the last of the tables' routes came to point at an interface, before it was confirmed. */
function lastWriteMs(runtime: Runtime, tables: readonly string[], target: string, beforeMs: number): number {
  const writes = runtime.ec2.emulator.control
    .moments()
    .filter((moment) => tables.includes(moment.table) && moment.target === target && moment.atMs <= beforeMs);
  return writes.at(-1)?.atMs ?? beforeMs;
}
