import { type Finding, failed, passed, warned } from "./finding.ts";
import { doctorLimits } from "./limits.ts";

/** How much of a quota is used once everything that is missing was made. */
export type QuotaUse = {
  readonly about: string;
  /** What is counted: `IPv4 routes`. */
  readonly what: string;
  readonly standing: number;
  readonly missing: number;
  /** The quota unless it was raised, and what it can be raised to where that is known. */
  readonly quota: number;
  readonly most?: number;
  /** How it is raised. */
  readonly raise: string;
};

/** Whether there is room for what a fail-over has to write. */
export function quotaFinding({ about, what, standing, missing, quota, most, raise }: QuotaUse): Finding {
  const total = standing + missing;
  const found = `${total} of ${quota} ${what}${missing > 0 ? `, ${missing} of them still to be made` : ""}`;
  if (most !== undefined && total > most) {
    const next = "merge networks, or spread the routes over more tables";
    return failed("quota", about, `${total} ${what}: more than the ${most} that the quota can be raised to`, next);
  }
  // What stands already proves that the quota was raised that far.
  if (total > Math.max(quota, standing)) return failed("quota", about, found, raise);
  if (total > quota) return passed("quota", about, `${total} ${what}: the quota of ${quota} was raised`);
  if (total > quota * doctorLimits.quotaNear) return warned("quota", about, `${found}: near its end`, raise);
  return passed("quota", about, found);
}
