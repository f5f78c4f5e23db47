import type { Step } from "./plan-steps.ts";
import type { LedgerEntry } from "./records.ts";

/** Who writes the ledger, and for what. */
export type Writer = Pick<LedgerEntry, "linkId" | "locationId" | "generation" | "epoch" | "atMs">;

/** What becomes of a ledger entry: a new value, or none. Undefined: nothing changes. */
export type LedgerMove = { readonly kind: "put"; readonly entry: LedgerEntry } | { readonly kind: "drop" } | undefined;

const author = "routes";

/**
 * What must stand in the ledger before the route call of a step is started: the intent to create where nothing is
 * ours yet, and the claim of an orphan, so that of two locations that want it only one goes on. What is claimed already
 * is claimed anew by a new epoch: an older one that removed the route may still be about to strike it off.
 */
export function claimBefore(step: Step, writer: Writer): LedgerMove {
  if (step.kind === "create") {
    if (!isClaimed(step.entry, writer)) return put(step, writer, { state: "intended", seen: "" });
    return step.entry?.epoch === writer.epoch
      ? undefined
      : put(step, writer, step.entry ?? { state: "intended", seen: "" });
  }
  if (step.kind === "replace" && step.reason === "reclaimed") {
    return put(step, writer, { state: "owned", seen: step.found?.target ?? "" });
  }
  return undefined;
}

/**
 * What the ledger says once the route call of a step has succeeded. Every epoch that writes a route stamps its entry, so that
 * nothing that an older one had read of it can be written any more.
 */
export function settleAfter(step: Step, writer: Writer): LedgerMove {
  switch (step.kind) {
    case "create":
    case "replace":
      return isSettled(step.entry, writer) ? undefined : put(step, writer, { state: "owned", seen: "" });
    case "remove":
      return step.entry === undefined ? undefined : put(step, writer, { state: "removed", seen: "" });
    default:
      return undefined;
  }
}

/** What a step changes in the ledger alone. A noted foreign route of another location stays noted for that one. */
export function noteOf(step: Step, writer: Writer): LedgerMove {
  const { entry } = step;
  switch (step.kind) {
    case "foreign": {
      const seen = step.found?.target ?? "";
      if (entry?.state !== "foreign") return put(step, writer, { state: "foreign", seen });
      const isSame = entry.seen === seen && entry.generation === writer.generation;
      return isSame || entry.locationId !== writer.locationId
        ? undefined
        : put(step, writer, { state: "foreign", seen });
    }
    case "orphan":
      return put(step, writer, { state: "orphan", seen: step.found?.target ?? "" });
    // A run of an older epoch that still holds what it read of the entry can then no longer change it.
    case "unchanged":
      return step.reason === "in-place" && entry !== undefined && entry.epoch !== writer.epoch
        ? put(step, writer, entry)
        : undefined;
    case "settle":
      if (step.to === "forgotten") return entry === undefined ? undefined : { kind: "drop" };
      return put(step, writer, { state: "owned", seen: "" });
    default:
      return undefined;
  }
}

function isClaimed(entry: LedgerEntry | undefined, writer: Writer): boolean {
  const isOurs = entry?.locationId === writer.locationId && entry.generation === writer.generation;
  return isOurs && (entry?.state === "intended" || entry?.state === "owned");
}

function isSettled(entry: LedgerEntry | undefined, writer: Writer): boolean {
  const isOurs = entry?.locationId === writer.locationId && entry.generation === writer.generation;
  return isOurs && entry?.state === "owned" && entry.seen === "" && entry.epoch === writer.epoch;
}

/** Who adopted a route stays on record for as long as it is ours. */
function put(step: Step, writer: Writer, { state, seen }: Pick<LedgerEntry, "state" | "seen">): LedgerMove {
  const isAdopted = state === "owned" && step.entry?.by.startsWith("operator ") === true;
  const by = isAdopted && step.entry !== undefined ? step.entry.by : author;
  const { table, destination } = step;
  return { kind: "put", entry: { ...writer, table: table.key, destination, state, seen, by } };
}
