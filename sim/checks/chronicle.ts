import type { Fact } from "../facts.ts";
import type { Truth } from "../world/truth.ts";
import { type AskedLog, createAskedLog } from "./asked-log.ts";
import { createFaultLog, type FaultLog } from "./fault-log.ts";
import { createHeadLog, type HeadLog } from "./head-log.ts";
import { createHearingLog, type HearingLog } from "./hearing-log.ts";
import { createHostLog, type HostLog } from "./host-log.ts";
import { createRouteLog, type RouteLog } from "./route-log.ts";

/** What several checkers need to know of the past, kept once for all of them. */
export type Chronicle = {
  readonly faults: FaultLog;
  readonly heads: HeadLog;
  readonly hosts: HostLog;
  readonly hearing: HearingLog;
  readonly asked: AskedLog;
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
  const hosts = createHostLog(truth);
  const hearing = createHearingLog(truth);
  const asked = createAskedLog();
  const routes = createRouteLog(truth);
  const logs = [faults, heads, hosts, hearing, asked, routes];
  let last: Fact | undefined;
  const chronicle: Chronicle = {
    faults,
    heads,
    hosts,
    hearing,
    asked,
    routes,
    note(fact) {
      if (fact === last) return;
      last = fact;
      for (const log of logs) log.note(fact);
    },
  };
  chronicles.set(truth, chronicle);
  return chronicle;
}
