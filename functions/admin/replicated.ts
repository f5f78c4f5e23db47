import { type Finding, failed, passed, warned } from "../../shared/domain/finding.ts";
import { eventualNext, eventualText } from "../../shared/domain/replication.ts";
import type { AdminDeps } from "./deps.ts";
import { Refusal } from "./refusal.ts";

/** Throws `Refusal` table-eventual where the table is one that must not be elected over. */
export async function refuseEventual({ tableCare }: AdminDeps): Promise<void> {
  const replication = await tableCare?.replication();
  if (replication?.kind !== "eventual") return;
  throw new Refusal(409, "table-eventual", eventualText(replication.regions), { next: eventualNext });
}

/** Whether the table may be elected over, for `doctor`; nothing where it is not DynamoDB's. */
export async function tableFindings({ tableCare }: AdminDeps): Promise<readonly Finding[]> {
  const replication = await tableCare?.replication();
  switch (replication?.kind) {
    case undefined:
      return [];
    case "one-region":
      return [passed("pointsman", "the table", "is in one region")];
    case "strong": {
      const found = `is replicated with strong consistency: ${replication.regions.join(", ")}`;
      return [passed("pointsman", "the table", found)];
    }
    case "eventual":
      return [failed("pointsman", "the table", eventualText(replication.regions), eventualNext)];
    case "unknown": {
      const next = "allow dynamodb:DescribeTable on the table to the roles of the admin and the failover function";
      return [warned("pointsman", "the table", `it cannot be told how it is replicated: ${replication.why}`, next)];
    }
    default:
      return replication satisfies never;
  }
}
