import type { AdminDeps } from "./deps.ts";
import { Refusal } from "./refusal.ts";

/** The master key. Throws `Refusal` 503 where it cannot be read. */
export async function readMasterKey({ secrets, log }: Pick<AdminDeps, "secrets" | "log">): Promise<Uint8Array> {
  try {
    return await secrets.masterKey();
  } catch (error) {
    log.error("admin: the master key cannot be read", { error: String(error) });
    throw new Refusal(503, "not-set-up", "the master key cannot be read", {
      next: "run `pointsman init --stage STAGE` if that was never done; else look into the log of the admin function",
    });
  }
}
