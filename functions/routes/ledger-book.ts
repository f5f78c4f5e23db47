import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { LedgerMove } from "../../shared/domain/ledger-moves.ts";
import type { Place } from "../../shared/domain/plan-steps.ts";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import type { TableRef } from "../../shared/domain/routes.ts";
import type { Revised, Store } from "../../shared/ports/store.ts";

/** The ledger of a run's tables as it was last read or written. */
export type LedgerBook = {
  entries(): readonly LedgerEntry[];
  /**
   * Makes a move on the condition that the entry is still the one that the place was judged by. False when it is not:
   * the entries of the table were then read again, and the place must be judged again. Throws `DatabaseError`.
   */
  move(place: Pick<Place, "table" | "destination" | "entry">, move: LedgerMove): Promise<boolean>;
};

/** Reads the ledger of all tables. A table is noted, with the way to reach it, before its first entry is written. */
export async function openBook(store: Store, cloud: Cloud, tables: readonly TableRef[]): Promise<LedgerBook> {
  const held = new Map<string, Map<string, Revised<LedgerEntry>>>();
  const noted = new Map<string, Promise<void>>();
  const load = async (table: string): Promise<void> => {
    held.set(table, new Map(await store.readLedger(table)));
  };
  await Promise.all([...new Set(tables.map((table) => table.key))].map(load));

  const note = (table: TableRef): Promise<void> => {
    const known = noted.get(table.key) ?? store.noteTable({ table: table.key, tableId: table.id, cloud });
    noted.set(table.key, known);
    return known;
  };
  const put = async (table: TableRef, next: LedgerEntry, prior: Revised<LedgerEntry> | undefined): Promise<boolean> => {
    if (prior?.value.generation !== next.generation) await note(table);
    const claim = await store.writeLedger(next, prior?.revision);
    if (claim.kind === "lost") return false;
    held.get(table.key)?.set(next.destination, { value: next, revision: claim.revision });
    return true;
  };
  const drop = async (table: TableRef, prior: Revised<LedgerEntry> | undefined): Promise<boolean> => {
    if (prior === undefined) return true;
    const { destination } = prior.value;
    const claim = await store.removeLedger(table.key, destination, prior.revision);
    if (claim.kind === "lost") return false;
    held.get(table.key)?.delete(destination);
    return true;
  };

  return {
    entries: () => [...held.values()].flatMap((entries) => [...entries.values()].map((entry) => entry.value)),
    async move({ table, destination, entry }, move) {
      if (move === undefined) return true;
      const prior = held.get(table.key)?.get(destination);
      // The same object: what was read again, or changed by somebody else, has to be judged again.
      if (prior?.value !== entry) return false;
      const isDone = move.kind === "put" ? await put(table, move.entry, prior) : await drop(table, prior);
      if (!isDone) await load(table.key);
      return isDone;
    },
  };
}
