import type { Network } from "../../shared/domain/network.ts";
import type { Decision, Suspicion } from "../../shared/domain/records.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Store } from "../../shared/ports/store.ts";

/** What can be seen to happen in the store, at the moment its conditional write was answered. */
export type StoreMoment =
  | { readonly kind: "suspected"; readonly atMs: number; readonly locationId: string; readonly suspicion: Suspicion }
  | { readonly kind: "committed"; readonly atMs: number; readonly locationId: string; readonly decision: Decision }
  | { readonly kind: "confirmed"; readonly atMs: number; readonly locationId: string; readonly decision: Decision }
  | { readonly kind: "applied"; readonly atMs: number; readonly network: Network };

/** The same store, telling `watch` of every write that won; `watch` is awaited before the writer goes on. */
export function watchedStore(store: Store, clock: Clock, watch: (moment: StoreMoment) => Promise<void> | void): Store {
  return {
    ...store,
    async writeSuspicion(linkId, locationId, next, prior) {
      const claim = await store.writeSuspicion(linkId, locationId, next, prior);
      if (claim.kind === "won") await watch({ kind: "suspected", atMs: clock.nowMs(), locationId, suspicion: next });
      return claim;
    },
    async commitDecision(next, prior, mayCommit) {
      const claim = await store.commitDecision(next, prior, mayCommit);
      const atMs = clock.nowMs();
      if (claim.kind === "won") await watch({ kind: "committed", atMs, locationId: next.locationId, decision: next });
      return claim;
    },
    async confirmDecision(confirmed, prior) {
      const claim = await store.confirmDecision(confirmed, prior);
      const { locationId } = confirmed;
      if (claim.kind === "won")
        await watch({ kind: "confirmed", atMs: clock.nowMs(), locationId, decision: confirmed });
      return claim;
    },
    async commitNetwork(next) {
      const claim = await store.commitNetwork(next);
      if (claim.kind === "won") await watch({ kind: "applied", atMs: clock.nowMs(), network: next.network });
      return claim;
    },
  };
}
