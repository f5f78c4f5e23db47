import { azureExaminations, azureParts } from "../../shared/compose/azure.ts";
import type { OpenProvider } from "../../shared/ports/route-provider.ts";
import { createDoctorRegistry } from "../../shared/providers/doctors.ts";
import type { ProviderParts } from "../../shared/providers/registry.ts";
import { createExaminer } from "./examine.ts";

/** The examiner on Azure: in a file of its own, so that a swap never loads it. */
export function azureExaminer(parts: ProviderParts, openProvider: OpenProvider): ReturnType<typeof createExaminer> {
  const openDoctor = createDoctorRegistry(parts);
  return createExaminer({ ...azureParts, examinations: azureExaminations, openProvider, openDoctor });
}
