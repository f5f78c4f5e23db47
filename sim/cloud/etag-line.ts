import { answer, type Line } from "../../dev/memory-cloud-call.ts";
import { makeChange, refusalOf } from "../../dev/memory-cloud-truth.ts";
import type { RouteError } from "../../shared/domain/errors.ts";
import type { Route, RouteChange, TableRef } from "../../shared/domain/routes.ts";
import type { Process } from "../platform/process.ts";
import { errorOf, withinCallTime } from "./call-time.ts";
import { arrival, asAnswer, type Ground, isCarriedOut } from "./ground.ts";

/** A table as it was read: `etag` changes with every change of it. */
export type EtagTable = { readonly etag: number; readonly routes: readonly Route[] };

/** What came of a call that changes a table. `at`: the one change that is at fault, where it is one. */
export type TableAnswer =
  | { readonly kind: "written" }
  | { readonly kind: "mismatch" }
  | { readonly kind: "failed"; readonly error: RouteError; readonly at: RouteChange | undefined };

/** Calls of one process to a cloud whose tables are changed as a whole. */
export type EtagLine = {
  /** Rejects with a `RouteError`. */
  read(table: TableRef, signal: AbortSignal): Promise<EtagTable>;
  /** One attempt of one call: all changes or none, if the table still has the etag when it lands. */
  change(table: TableRef, etag: number, changes: readonly RouteChange[]): Promise<TableAnswer>;
};

export function etagLine(ground: Ground, line: Line, process: Process): EtagLine {
  const { truth, wire, calls } = ground;

  const land = (table: TableRef, etag: number, changes: readonly RouteChange[]): TableAnswer => {
    for (const change of changes) {
      const error = truth.hasTable(table.id) ? undefined : refusalOf(truth, change);
      if (error !== undefined) return { kind: "failed", error, at: undefined };
    }
    if (truth.snapshot(table.id, 0)?.version !== etag) return { kind: "mismatch" };
    for (const change of changes) {
      const error = refusalOf(truth, change);
      if (error !== undefined) return { kind: "failed", error, at: change };
    }
    return { kind: "written" };
  };

  return {
    async read(table, signal) {
      const look = (lagMs: number) => truth.snapshot(table.id, lagMs);
      const found = await line.ask({ kind: "read", table: table.id }, look, signal);
      if (found === undefined) throw answer("TABLE_MISSING", `no route table ${table.id}`);
      return { etag: found.version, routes: found.routes };
    },
    change(table, etag, changes) {
      const what = `update ${table.id} for ${changes.map((change) => change.destination).join(", ")}`;
      const begun = changes.map((change) => ({ change, call: calls.start(process.writer, change) }));
      const trip = process.outward(what, async (): Promise<TableAnswer> => {
        for (const { call } of begun) call.send();
        const fate = await arrival(ground, "update", what);
        const reply = isCarriedOut(fate) ? land(table, etag, changes) : undefined;
        for (const { change, call } of begun) {
          call.arrive();
          call.land(reply?.kind === "written" && makeChange(truth, change) === undefined);
        }
        await wire.back(fate);
        const error = errorOf(fate, what);
        if (reply !== undefined && (reply.kind !== "written" || error === undefined)) return reply;
        return { kind: "failed", error: error ?? answer("UNKNOWN", what), at: undefined };
      });
      const gaveUp = (error: unknown): TableAnswer => ({ kind: "failed", error: asAnswer(error), at: undefined });
      return withinCallTime(process.clock, what, trip).catch(gaveUp);
    },
  };
}
