import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Clock } from "../../ports/clock.ts";
import { callerOf } from "../common/call.ts";
import { type Call, routeError, translate } from "./errors.ts";

/** What every call of one location needs. */
export type Ec2Session = {
  readonly ec2: Pick<EC2Client, "send" | "config">;
  readonly clock: Clock;
  readonly region: string;
  readonly vpc: string;
};

export const { attempt, attemptRead, allPages } = callerOf<Call>({ translate, routeError });
