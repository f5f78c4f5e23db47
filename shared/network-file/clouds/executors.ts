import * as z from "zod/mini";
import { executorId, executorsMost, executorUrlFault } from "../../domain/clouds/executors.ts";
import { wrong, wrongSection } from "../wording.ts";
import { secretText } from "./tables.ts";

const instead = "https:// and the address of the executor, without credentials, query or fragment";
const url = wrong("not an address", instead);
const id = wrong(
  "not the id of an executor",
  "up to 63 letters, digits and -, as in the executor's POINTSMAN_EXECUTOR_ID",
);
const list = wrong("not a list of executors", `1 to ${executorsMost} executors with url, id and key`);

const shape = {
  url: z.string(url).check(
    z.refine((text) => executorUrlFault(text) === undefined, {
      error: (issue) => `${executorUrlFault(String(issue.input)) ?? "not an address"}: write ${instead}`,
    }),
  ),
  id: z.string(id).check(z.regex(executorId, id)),
  key: secretText(),
};
export const ExecutorSection = z.strictObject(shape, wrongSection("an executor", Object.keys(shape)));

/** Executors of a location, in the order in which they are asked. */
export const executors = () =>
  z.array(ExecutorSection, list).check(z.minLength(1, list), z.maxLength(executorsMost, list));
