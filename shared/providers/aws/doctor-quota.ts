import { familyOf } from "../../domain/cidr.ts";
import type { AwsCloud } from "../../domain/clouds/aws.ts";
import type { Finding } from "../../domain/finding.ts";
import { doctorLimits } from "../../domain/limits.ts";
import { quotaFinding } from "../../domain/quota.ts";
import type { ExaminedLocation } from "../../ports/cloud-doctor.ts";
import type { TableRef } from "../../ports/route-provider.ts";

/** Whether every table has room for what is missing in it; EC2 counts IPv4 and IPv6 apart. */
export function quotas(cloud: AwsCloud, location: ExaminedLocation): readonly Finding[] {
  const { survey, destinations } = location;
  return (survey?.tables ?? []).flatMap((table) => {
    if (table.holds?.kind === "list") return [listQuota(cloud, table, location)];
    // In a table that has a list, the list counts as its room for entries, whatever is in it.
    if (table.holds !== undefined) return [];
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

/** Whether a prefix list has room for the networks of its family. */
function listQuota({ prefixList }: AwsCloud, table: TableRef, { survey, destinations }: ExaminedLocation): Finding {
  const family = table.holds?.kind === "list" ? table.holds.family : 4;
  const standing = (survey?.routes ?? []).filter((route) => route.table.key === table.key);
  const wanted = destinations.filter((destination) => familyOf(destination) === family);
  return quotaFinding({
    about: table.id,
    what: `IPv${family} entries`,
    standing: standing.length,
    missing: wanted.filter((one) => !standing.some((route) => route.destination === one)).length,
    quota: prefixList?.maxEntries ?? 0,
    raise: "raise the location's prefixList.maxEntries, and see that the tables' quotas of routes hold as much",
  });
}
