import type { AwsCloud } from "../shared/domain/clouds/aws.ts";
import type { Cloud } from "../shared/domain/clouds/cloud.ts";

/** A cloud that is known to be AWS. Throws when it is another one, or none. */
export function asAws(cloud: Cloud | undefined): AwsCloud {
  if (cloud?.provider !== "aws") throw new Error(`not a cloud of AWS: ${cloud?.provider ?? "none"}`);
  return cloud;
}
