import { awsParts } from "../../shared/compose/aws.ts";
import { awsExaminations } from "../../shared/compose/aws-examinations.ts";
import type { OpenProvider } from "../../shared/ports/route-provider.ts";
import { createDoctorRegistry } from "../../shared/providers/doctors.ts";
import type { ProviderParts } from "../../shared/providers/registry.ts";
import { createExaminer } from "./examine.ts";

/** The examiner on AWS: in a file of its own, so that a swap never loads it. */
export function awsExaminer(parts: ProviderParts, openProvider: OpenProvider): ReturnType<typeof createExaminer> {
  const openDoctor = createDoctorRegistry(parts);
  return createExaminer({ ...awsParts, examinations: awsExaminations, openProvider, openDoctor });
}
