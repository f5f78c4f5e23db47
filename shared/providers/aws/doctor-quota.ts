import { familyOf } from "../../domain/cidr.ts";
import type { AwsCloud } from "../../domain/clouds/aws.ts";
import type { Finding } from "../../domain/finding.ts";
import { doctorLimits } from "../../domain/limits.ts";
import { quotaFinding } from "../../domain/quota.ts";
import type { ExaminedLocation } from "../../ports/cloud-doctor.ts";

/** Whether every table has room for what is missing in it; EC2 counts IPv4 and IPv6 apart. */
export function quotas(cloud: AwsCloud, { survey, destinations }: ExaminedLocation): readonly Finding[] {
  return (survey?.tables ?? []).flatMap((table) => {
    // The entries of a prefix list are counted by the list.
    if (table.holds !== undefined || cloud.prefixList !== undefined) return [];
    const standing = (survey?.routes ?? []).filter((route) => route.table.key === table.key && route.isStatic);
    return ([4, 6] as const).flatMap((family) => {
      const there = standing.filter((route) => familyOf(route.destination) === family).length;
      const wanted = destinations.filter((destination) => familyOf(destination) === family);
      if (wanted.length === 0) return [];
      const missing = wanted.filter((one) => !standing.some((route) => route.destination === one)).length;
      return [
        quotaFinding({
          about: table.id,
          what: `IPv${family} routes`,
          standing: there,
          missing,
          quota: doctorLimits.awsRoutes,
          most: doctorLimits.awsRoutesMost,
          raise: "ask AWS for a higher quota 'Routes per route table', or merge networks",
        }),
      ];
    });
  });
}
