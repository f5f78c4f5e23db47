import { readFileSync } from "node:fs";
import * as z from "zod/mini";

const Description = z.object({ version: z.string() });

/** The version of this package. */
export const packageVersion: string = Description.parse(
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")),
).version;
