import type { Network } from "../../shared/domain/network.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { StoreMoment } from "../runtime/watched-store.ts";
import type { SecondPlatform } from "./platforms.ts";
import type { PlatformReport } from "./report.ts";
import { type Wait, waitFor } from "./wait.ts";

/** What of a runtime is lost, and what stays. */
type Losable = Pick<Runtime, "store" | "loseFunctions"> & {
  readonly data: Pick<Runtime["data"], "announce" | "certificatePath">;
};

/** Time beyond the longest time-out in which a failover for want of the lost platform would have shown. ms */
const WATCHED_BEYOND_MS = 5_000;
/** How often the store is asked what other processes have decided. ms */
const LOOK_EVERY_MS = 100;

/**
 * Ends the functions of this process and watches for longer than any time-out whether a location gets another decision. What is
 * decided from then on, elsewhere, is told to `watch`.
 */
export async function losePlatform(
  runtime: Losable,
  network: Network,
  second: SecondPlatform,
  wait: Wait,
): Promise<PlatformReport> {
  const before = await headsOf(runtime.store, network);
  await runtime.loseFunctions();
  await runtime.data.announce({
    url: second.url,
    adminUrl: second.url,
    pid: process.pid,
    certificate: runtime.data.certificatePath,
  });
  const hosts = network.links.flatMap(({ locations }) => locations).flatMap((location) => location.hosts);
  const timeouts = hosts.filter((host) => !host.static).map(({ timeoutMs }) => timeoutMs);
  const watchedMs = Math.max(0, ...timeouts) + WATCHED_BEYOND_MS;
  await waitFor(
    wait,
    watchedMs,
    () => `aws is lost, ${second.name} goes on: watching that nothing fails over`,
    () => undefined,
  );
  const after = await headsOf(runtime.store, network);
  const failovers = after.filter((decision) => epochOf(before, decision) !== decision.epoch).length;
  return { lost: "aws", wentOn: second.name, watchedMs, failovers };
}

function epochOf(decisions: readonly Decision[], { locationId }: Decision): number | undefined {
  return decisions.find((decision) => decision.locationId === locationId)?.epoch;
}

async function headsOf(store: Store, network: Network): Promise<readonly Decision[]> {
  const reads = network.links.flatMap((link) =>
    link.locations.map(async ({ id }) => (await store.readHead(link.id, id)).value?.value),
  );
  return (await Promise.all(reads)).filter((decision) => decision !== undefined);
}

/** Tells `watch` of decisions that other processes make and confirm, from what the store says. Returns what ends it. */
export function watchHeads(
  parts: { readonly store: Store; readonly clock: Clock; readonly network: Network },
  watch: (moment: StoreMoment) => void,
): () => Promise<void> {
  const { store, clock, network } = parts;
  const stopping = new AbortController();
  const told = new Map<string, Decision>();
  const look = async (isFirst: boolean): Promise<void> => {
    for (const decision of await headsOf(store, network)) {
      const { locationId, epoch, swap } = decision;
      const known = told.get(locationId);
      told.set(locationId, decision);
      if (isFirst) continue;
      const atMs = clock.nowMs();
      if (known?.epoch !== epoch) watch({ kind: "committed", atMs, locationId, decision });
      const wasPending = known?.epoch !== epoch || known.swap.state === "pending";
      if (wasPending && swap.state !== "pending") watch({ kind: "confirmed", atMs, locationId, decision });
    }
  };
  const running = (async () => {
    for (let isFirst = true; !stopping.signal.aborted; isFirst = false) {
      await look(isFirst);
      await clock.sleep(LOOK_EVERY_MS, stopping.signal);
    }
  })();
  return async () => {
    stopping.abort();
    await running;
  };
}
