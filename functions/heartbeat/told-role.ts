import type { Id } from "../../shared/domain/ids.ts";
import type { HostPlace } from "../../shared/domain/network.ts";
import type { Consistency } from "../../shared/ports/database.ts";
import type { Store } from "../../shared/ports/store.ts";

/** Whether a host is its location's active one, as a read said that may lag, or not. */
export type SeenRole = { readonly isActive: boolean; readonly consistency: Consistency };

/**
 * Whether to tell a host that it is active. A host drops its tunnels on our word, so that word does not rest on a read
 * that may lag: where the host holds tunnels, or was told to last time, a strongly consistent read has to agree.
 */
export function toldRole(store: Pick<Store, "readHead">) {
  const toldActive = new Set<Id>();
  return async ({ link, location, host }: HostPlace, holdsTunnels: boolean, seen: SeenRole): Promise<boolean> => {
    const isDoubtful = !seen.isActive && seen.consistency === "eventual" && (holdsTunnels || toldActive.has(host.id));
    const isActive = isDoubtful
      ? (await store.readHead(link.id, location.id)).value?.value.activeHostId === host.id
      : seen.isActive;
    if (isActive) toldActive.add(host.id);
    else toldActive.delete(host.id);
    return isActive;
  };
}
