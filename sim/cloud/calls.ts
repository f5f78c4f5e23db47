import type { RouteChange } from "../../shared/domain/routes.ts";
import type { Observe, RouteCall, Writer } from "../facts.ts";
import type { Book } from "./book.ts";

/** A changing call that was begun. */
export type OpenCall = {
  /** It leaves its process. */
  send(): void;
  /** It has got to the cloud, and nothing is changed yet. */
  arrive(): void;
  /** It had its effect or, when not, was refused or got lost. */
  land(isDone: boolean): void;
};

/** Turns changing calls into facts. */
export type Calls = { start(writer: Writer, change: RouteChange): OpenCall };

type CallOptions = {
  readonly cloud: RouteCall["cloud"];
  readonly book: Book;
  readonly nowMs: () => number;
  readonly observe: Observe;
};

export function createCalls({ cloud, book, nowMs, observe }: CallOptions): Calls {
  let number = 0;
  return {
    start(writer, { kind, table, destination, ...rest }) {
      number++;
      const startedMs = nowMs();
      const target = "target" in rest ? rest.target : "";
      const begun: RouteCall = {
        number,
        writer,
        cloud,
        kind,
        table: table.id,
        destination,
        target,
        startedMs,
        sentMs: startedMs,
        landedMs: undefined,
        result: undefined,
        before: undefined,
        after: undefined,
      };
      let sentMs = startedMs;
      let before: string | undefined;
      observe({ kind: "call-started", atMs: startedMs, call: begun });
      return {
        send() {
          sentMs = nowMs();
        },
        arrive() {
          before = book.target(table.id, destination);
        },
        land(isDone) {
          if (isDone) book.wrote(table.id, destination, "pointsman");
          const atMs = nowMs();
          const after = book.target(table.id, destination);
          const result = isDone ? "ok" : "refused";
          observe({ kind: "call-landed", atMs, call: { ...begun, sentMs, landedMs: atMs, result, before, after } });
        },
      };
    },
  };
}
