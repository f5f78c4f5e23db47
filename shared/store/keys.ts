import type { Id } from "../domain/ids.ts";
import type { Key } from "../ports/database.ts";

const pad = (number: number, digits: number) => String(number).padStart(digits, "0");
const epochKey = (epoch: number) => pad(epoch, 12);
const dayOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);

/**
 * Every key of the table. A link's live records share one partition, so that a location or the whole link is one
 * query; what grows without end (decisions, events, configurations, ledger) has partitions of its own.
 */
export const keys = {
  network: (version: number): Key => ({ pk: "network", sk: pad(version, 9) }),

  link: (linkId: Id) => `link/${linkId}`,
  pulse: (linkId: Id): Key => ({ pk: keys.link(linkId), sk: "!pulse" }),
  switches: (linkId: Id): Key => ({ pk: keys.link(linkId), sk: "!switches" }),
  locationPrefix: (locationId: Id) => `${locationId}#`,
  head: (linkId: Id, locationId: Id): Key => ({ pk: keys.link(linkId), sk: `${locationId}#a` }),
  host: (linkId: Id, locationId: Id, hostId: Id): Key => ({
    pk: keys.link(linkId),
    sk: `${locationId}#h#${hostId}`,
  }),
  suspicion: (linkId: Id, locationId: Id): Key => ({ pk: keys.link(linkId), sk: `${locationId}#s` }),
  wish: (linkId: Id, locationId: Id): Key => ({ pk: keys.link(linkId), sk: `${locationId}#w` }),

  decision: (locationId: Id, epoch: number): Key => ({ pk: `decisions/${locationId}`, sk: epochKey(epoch) }),

  lease: (locationId: Id): Key => ({ pk: `routes/${locationId}`, sk: "lease" }),
  swapReport: (locationId: Id): Key => ({ pk: `routes/${locationId}`, sk: "report" }),
  targets: (locationId: Id): Key => ({ pk: `routes/${locationId}`, sk: "targets" }),
  ledger: (table: string, destination: string): Key => ({ pk: `ledger/${table}`, sk: destination }),
  knownTable: (table: string): Key => ({ pk: "tables", sk: table }),
  retired: (locationId: Id, generation: number): Key => ({ pk: "retired", sk: `${locationId}#${pad(generation, 6)}` }),

  eventsOfDay: (atMs: number) => `events/${dayOf(atMs)}`,
  event: (atMs: number, distinct: string): Key => ({ pk: keys.eventsOfDay(atMs), sk: `${pad(atMs, 14)}#${distinct}` }),
  /** An event told once stands under its own key, that names the one in the log. */
  eventOnce: (once: string): Key => ({ pk: "events/once", sk: once }),
  swept: (): Key => ({ pk: "swept", sk: "last" }),
};

/** Where the deletion of expired items stands. */
export const cleanedKey: Key = { pk: "cleaned", sk: "last" };

/** Keys of examinations, apart from those that every heartbeat loads. */
export const examinationKeys = {
  begun: (id: Id): Key => ({ pk: `examination/${id}`, sk: "!begun" }),
  report: (id: Id, locationId: Id): Key => ({ pk: `examination/${id}`, sk: locationId }),
};
