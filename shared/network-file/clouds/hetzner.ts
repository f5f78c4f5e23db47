import * as z from "zod/mini";
import { wholeNumber } from "../field-schemas.ts";
import { wrongSection } from "../wording.ts";
import { executors } from "./executors.ts";
import { secretText } from "./tables.ts";

const shape = {
  provider: z.literal("hetzner"),
  network: wholeNumber("not the number of a network", 1, 2 ** 40),
  token: secretText(),
  executors: z.optional(executors()),
};
export const HetznerSection = z.strictObject(shape, wrongSection("a cloud", Object.keys(shape)));
