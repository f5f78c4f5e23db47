import type { Id } from "../../shared/domain/ids.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { LinkRecords, LocationRecords, Store } from "../../shared/ports/store.ts";
import type { HostContact, LinkView } from "../../shared/protocol/answer.ts";

/**
 * A link as a container last saw it, at most a second old: enough to tell a host where the others are, never enough
 * to decide on. `view` is the same object for as long as its content is the same, so that answers can be kept.
 */
export type LinkSnapshot = { readonly records: LinkRecords; readonly view: LinkView };

export type LinkSnapshots = { get(linkId: Id): LinkSnapshot | Promise<LinkSnapshot> };

type Entry = { readonly snapshot: LinkSnapshot; readonly readMs: number };

export function linkSnapshots(store: Pick<Store, "readLink">, clock: Clock): LinkSnapshots {
  const entries = new Map<Id, Entry>();
  const reading = new Map<Id, Promise<LinkSnapshot>>();

  const read = async (linkId: Id): Promise<LinkSnapshot> => {
    const { value: records, monotonicMs } = await store.readLink(linkId, "eventual");
    const prior = entries.get(linkId);
    // A replica that lags would have tunnels torn down and set up again.
    if (
      prior !== undefined &&
      monotonicMs - prior.readMs < limits.freshMs &&
      isOlder(records, prior.snapshot.records)
    ) {
      return prior.snapshot;
    }
    const view = viewOf(records);
    const isSame = prior !== undefined && isSameView(view, prior.snapshot.view);
    const snapshot = { records, view: isSame ? prior.snapshot.view : view };
    entries.set(linkId, { snapshot, readMs: monotonicMs });
    return snapshot;
  };

  return {
    get(linkId) {
      const entry = entries.get(linkId);
      if (entry !== undefined && clock.monotonicMs() - entry.readMs < limits.snapshotMs) return entry.snapshot;
      const under = reading.get(linkId) ?? read(linkId).finally(() => reading.delete(linkId));
      reading.set(linkId, under);
      return under;
    },
  };
}

/** Whether a location's decision, or the configuration's version, is older than what is known. */
function isOlder(records: LinkRecords, known: LinkRecords): boolean {
  if (versionOf(records) < versionOf(known)) return true;
  for (const [id, location] of known.locations) {
    if (epochOf(records.locations.get(id)) < epochOf(location)) return true;
  }
  return false;
}

const versionOf = ({ switches }: LinkRecords): number => switches?.value.networkVersion ?? 0;
const epochOf = (location: LocationRecords | undefined): number => location?.head?.value.epoch ?? 0;

function viewOf(records: LinkRecords): LinkView {
  const active = new Map<Id, Id>();
  const contacts = new Map<Id, HostContact>();
  for (const [locationId, location] of records.locations) {
    const activeId = location.head?.value.activeHostId;
    if (activeId != null) active.set(locationId, activeId);
    for (const [hostId, { value }] of location.hosts) {
      contacts.set(hostId, value);
    }
  }
  return { active, contacts };
}

function isSameView(a: LinkView, b: LinkView): boolean {
  if (a.active.size !== b.active.size || a.contacts.size !== b.contacts.size) return false;
  for (const [locationId, hostId] of a.active) if (b.active.get(locationId) !== hostId) return false;
  for (const [hostId, contact] of a.contacts) if (!isSameContact(contact, b.contacts.get(hostId))) return false;
  return true;
}

function isSameContact(a: HostContact, b: HostContact | undefined): boolean {
  return (
    a === b || (a.publicAddress === b?.publicAddress && a.address6 === b.address6 && a.wgPublicKey === b.wgPublicKey)
  );
}
