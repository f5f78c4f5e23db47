import type { Id } from "../../shared/domain/ids.ts";
import type { Fact } from "../facts.ts";
import { allowances } from "./allowances.ts";
import type { MakeCheck } from "./check.ts";
import { type Chronicle, chronicleOf } from "./chronicle.ts";
import { isOf, networksSince, placesOfTable } from "./places.ts";
import { isAnothersInterface } from "./wrong-target.ts";

const check = "speaks for itself alone";

/** A host's secret lets it speak for that host alone; it cannot make another host's interface the route target. */
export const promise8: MakeCheck = (court) => {
  const chronicle = chronicleOf(court.truth);
  const blame = (message: string, ...about: readonly string[]): void =>
    court.violate({ promise: 8, check, message, about });
  return {
    promise: 8,
    name: check,
    observe(fact) {
      chronicle.note(fact);
      switch (fact.kind) {
        case "answered":
          // What no host ever signed.
          if (!fact.isGenuine && fact.signedMs === 0 && fact.status >= 200 && fact.status < 300) {
            blame(
              `a forged ${fact.method} in the name of ${fact.hostId} was answered with ${fact.status}`,
              fact.hostId,
            );
          }
          return;
        case "host-record":
          judgeRecord(chronicle, fact, blame);
          return;
        case "call-started": {
          const { call } = fact;
          if (call.kind === "remove") return;
          const fromMs = call.startedMs - allowances.fenceMs - allowances.momentMs;
          const networks = networksSince(court.truth, fromMs - allowances.runKnowledgeMs);
          const ids = new Set<Id>(placesOfTable(networks, call.table).map(({ location }) => location.id));
          const commits = [...ids].flatMap((id) => chronicle.heads.between(id, fromMs, call.startedMs));
          if (commits.some(({ decision }) => isOf(court.truth, call.target, decision.activeHostId))) return;
          if (!isAnothersInterface(court.truth, chronicle, call)) return;
          const owner = court.truth.ownerOf(call.target);
          const whose = owner === undefined ? "no host's" : `that of ${owner.location}/${owner.host}`;
          const message = `${call.writer.process} began to point ${call.destination} in ${call.table} at ${call.target}, ${whose}, which is not active`;
          blame(message, ...ids, call.table);
          return;
        }
        default:
          return;
      }
    },
    quiet: () => undefined,
  };
};

/** The newest time that a host's record was credited with was signed by that host. */
function judgeRecord(
  chronicle: Chronicle,
  { hostId, locationId, record, writer }: Extract<Fact, { kind: "host-record" }>,
  blame: (message: string, ...about: readonly string[]) => void,
): void {
  if (record === undefined) return;
  if (record.hostId !== hostId) blame(`the record of ${hostId} is about ${record.hostId}`, locationId, hostId);
  const host = chronicle.hosts.of(hostId);
  const timesS = host?.agentTimesS ?? [];
  if (timesS.length === 0) {
    blame(`${writer.process} wrote a record of ${hostId}, which has never sent anything`, locationId, hostId);
    return;
  }
  const isOld = record.agentTimeS < Math.min(...timesS);
  if (isOld || timesS.some((time) => Math.abs(time - record.agentTimeS) <= 1)) return;
  blame(`${writer.process} credited ${hostId} with a time that it never signed`, locationId, hostId);
}
