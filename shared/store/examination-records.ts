import { Examination, ExaminationReport } from "../domain/examination.ts";
import { doctorLimits } from "../domain/limits.ts";
import type { Database } from "../ports/database.ts";
import type { Examinations } from "../ports/examinations.ts";
import { decode } from "./codec.ts";
import { examinationKeys as keys } from "./keys.ts";
import { writeRecord } from "./write.ts";

/** Examinations over a database, a partition each. Apart from the store, which every heartbeat loads. */
export function openExaminations(database: Database): Examinations {
  const expiry = (atMs: number) => Math.ceil((atMs + doctorLimits.keepMs) / 1000);
  return {
    begin: (next) => writeRecord(database, keys.begun(next.id), next, undefined, expiry(next.atMs)),
    report: (id, next, prior) =>
      writeRecord(database, keys.report(id, next.locationId), next, prior, expiry(next.atMs)),
    async read(id) {
      const { pk, sk } = keys.begun(id);
      const { value: items } = await database.query({ pk }, "strong");
      const begun = items.find((item) => item.key.sk === sk);
      if (begun === undefined) return undefined;
      const reports = items.filter((item) => item !== begun).map((item) => decode(ExaminationReport, item).value);
      return { examination: decode(Examination, begun).value, reports };
    },
  };
}
