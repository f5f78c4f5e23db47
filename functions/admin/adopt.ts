import type { Answer } from "./http.ts";
import { Refusal } from "./refusal.ts";
import type { Call } from "./router.ts";
export async function adopt(_call: Call): Promise<Answer> {
  throw new Refusal(409, "nothing-to-adopt", "x", { next: "y" });
}
