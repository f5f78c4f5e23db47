import * as z from "zod/mini";
import { Finding } from "./finding.ts";
import { Id } from "./ids.ts";

const Millis = z.number();

/** An examination of locations that an operator asked for: which, and until when the reports must be in. */
export const Examination = z.object({
  id: Id,
  atMs: Millis,
  untilMs: Millis,
  by: z.string(),
  locations: z.array(z.object({ linkId: Id, locationId: Id, link: z.string(), location: z.string() })),
});
export type Examination = z.infer<typeof Examination>;

/** What the routes function found out about one location. */
export const ExaminationReport = z.object({ locationId: Id, atMs: Millis, findings: z.array(Finding) });
export type ExaminationReport = z.infer<typeof ExaminationReport>;
