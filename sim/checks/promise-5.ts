import { allowances } from "./allowances.ts";
import type { MakeCheck } from "./check.ts";
import { chronicleOf } from "./chronicle.ts";
import { deafAfterMs, holdMs } from "./hearing-log.ts";
import { isTimeKnown, restsOnSilence } from "./silence.ts";

const check = "absence of evidence";

/**
 * Absence of evidence is not evidence: when no heartbeat of any host was heard for more than half the shortest
 * time-out, nothing that rests on silence is decided, nor for a time-out after the first one that was heard again.
 */
export const promise5: MakeCheck = (court) => {
  const chronicle = chronicleOf(court.truth);
  return {
    promise: 5,
    name: check,
    observe(fact) {
      chronicle.note(fact);
      if (fact.kind !== "head" || fact.before?.epoch === fact.decision.epoch) return;
      const { decision } = fact;
      const commit = chronicle.heads.of(decision.locationId)?.newest;
      if (commit === undefined || !restsOnSilence(chronicle, commit) || !isTimeKnown(chronicle, commit)) return;
      const blame = (text: string): void => {
        const message = `epoch ${decision.epoch} (${decision.reason}) was decided by ${fact.writer.process} ${text}`;
        court.violate({ promise: 5, check, message, about: [decision.locationId] });
      };
      const { decidedMs } = commit;
      const lastMs = chronicle.hearing.lastBefore(decidedMs);
      const silentMs = decidedMs - (lastMs ?? decidedMs);
      if (silentMs > deafAfterMs(court.truth)) {
        blame(`${Math.round(silentMs)} ms after anything was heard`);
        return;
      }
      const gap = chronicle.hearing.gaps.findLast(({ toMs }) => toMs <= decidedMs + allowances.momentMs);
      // Time-outs may have been changed meanwhile: the hold that was begun is what counts.
      if (gap === undefined || decidedMs >= gap.toMs + Math.min(gap.holdMs, holdMs(court.truth))) return;
      const outageMs = Math.round(gap.toMs - gap.fromMs);
      blame(`${Math.round(decidedMs - gap.toMs)} ms after an outage of ${outageMs} ms`);
    },
    quiet: () => undefined,
  };
};
