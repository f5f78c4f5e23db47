import type { Fact } from "../facts.ts";
import type { Truth } from "../world/truth.ts";
import { createFaultLog, type FaultLog } from "./fault-log.ts";
import { createHeadLog, type HeadLog } from "./head-log.ts";
import { createRouteLog, type RouteLog } from "./route-log.ts";

/** What several checkers need to know of the past, kept once for all of them. */
export type Chronicle = {
  readonly faults: FaultLog;
  readonly heads: HeadLog;
  readonly routes: RouteLog;
  /** Takes note of a fact, however many checkers pass it on. */
  note(fact: Fact): void;
};

const chronicles = new WeakMap<Truth, Chronicle>();

/** The chronicle of a world. Every checker that asks it notes each fact in it before it judges. */
export function chronicleOf(truth: Truth): Chronicle {
  const known = chronicles.get(truth);
  if (known !== undefined) return known;
  const faults = createFaultLog();
  const heads = createHeadLog();
  const routes = createRouteLog(truth);
  let last: Fact | undefined;
  const chronicle: Chronicle = {
    faults,
    heads,
    routes,
    note(fact) {
      if (fact === last) return;
      last = fact;
      faults.note(fact);
      heads.note(fact);
      routes.note(fact);
    },
  };
  chronicles.set(truth, chronicle);
  return chronicle;
}
