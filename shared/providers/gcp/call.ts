import type { GcpCloud } from "../../domain/clouds/gcp.ts";
import type { Clock } from "../../ports/clock.ts";
import { callerOf } from "../common/call.ts";
import type { ComputeClient } from "./client.ts";
import { type Call, routeError, translate } from "./errors.ts";

/** What every call of one location needs. */
export type GcpSession = {
  readonly client: ComputeClient;
  readonly clock: Clock;
  readonly cloud: GcpCloud;
  readonly locationId: string;
};

export const { attempt, attemptRead, allPages } = callerOf<Call>({ translate, routeError });
