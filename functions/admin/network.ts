import type { Answer } from "./http.ts";
import type { Call } from "./router.ts";
import type { NetworkAnswer } from "./schemas.ts";

/** GET network: the network file in force, and who put it there when and why. */
export async function network({ deps }: Call): Promise<Answer> {
  const { network: inForce, atMs, by, why, source } = (await deps.store.readNetwork()).value;
  return { body: { version: inForce.version, atMs, by, why, source } satisfies NetworkAnswer };
}
