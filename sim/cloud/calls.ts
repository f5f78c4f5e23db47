import type { RouteChange } from "../../shared/domain/routes.ts";
import type { Observe, RouteCall, Writer } from "../facts.ts";
import type { Book } from "./book.ts";

/** A changing call that was begun. */
export type OpenCall = {
  /** It leaves its process. */
  send(): void;
  /** It was refused, or got lost: nothing has changed. */
  refuse(): void;
  /** `carryOut` makes the change, and says whether it did. */
  land(carryOut: () => boolean): void;
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
      const landed = (result: RouteCall["result"], before: string | undefined, after: string | undefined): void => {
        const atMs = nowMs();
        observe({ kind: "call-landed", atMs, call: { ...begun, sentMs, landedMs: atMs, result, before, after } });
      };
      observe({ kind: "call-started", atMs: startedMs, call: begun });
      return {
        send() {
          sentMs = nowMs();
        },
        refuse() {
          const stands = book.target(table.id, destination);
          landed("refused", stands, stands);
        },
        land(carryOut) {
          const before = book.target(table.id, destination);
          const isDone = carryOut();
          if (isDone) book.wrote(table.id, destination, "pointsman");
          landed(isDone ? "ok" : "refused", before, book.target(table.id, destination));
        },
      };
    },
  };
}
