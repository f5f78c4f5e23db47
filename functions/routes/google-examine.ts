import { googleExaminations, googleParts } from "../../shared/compose/google.ts";
import type { OpenProvider } from "../../shared/ports/route-provider.ts";
import { createDoctorRegistry } from "../../shared/providers/doctors.ts";
import type { ProviderParts } from "../../shared/providers/registry.ts";
import { createExaminer } from "./examine.ts";

/** The examiner on Google Cloud: in a file of its own, so that a swap never loads it. */
export function googleExaminer(parts: ProviderParts, openProvider: OpenProvider): ReturnType<typeof createExaminer> {
  const openDoctor = createDoctorRegistry(parts);
  return createExaminer({ ...googleParts, examinations: googleExaminations, openProvider, openDoctor });
}
