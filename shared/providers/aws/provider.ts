import type { EC2Client } from "@aws-sdk/client-ec2";
import type { AwsCloud } from "../../domain/clouds/aws.ts";
import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RouteProvider } from "../../ports/route-provider.ts";
import { type Pace, pace } from "../common/pace.ts";
import type { Ec2Session } from "./call.ts";
import { readRoutes, surveyRoutes } from "./read.ts";
import { hostTargets } from "./targets.ts";
import { writeRoutes } from "./write.ts";

type Client = Pick<EC2Client, "send" | "config">;

/** EC2 counts calls by account and region, which is what a client stands for: locations that share one share its pace. */
const paces = new WeakMap<Client, Pace>();

/** The pace of a client. */
export function sharedPace(client: Client, clock: Clock): Pace {
  const shared = paces.get(client) ?? pace(clock, { burst: limits.awsBurstCalls, perSecond: limits.awsCallsPerSecond });
  paces.set(client, shared);
  return shared;
}

/**
 * The routes of one location in one VPC of EC2. `client` is for the location's region and account, and must not
 * repeat changing calls by itself (`maxAttempts: 1`).
 */
export function awsProvider(cloud: AwsCloud, client: Client, clock: Clock): RouteProvider {
  const session: Ec2Session = { ec2: client, clock, region: cloud.region, vpc: cloud.vpc };
  const shared = sharedPace(client, clock);
  return {
    survey: (signal) => surveyRoutes(session, cloud.routeTables, signal),
    read: (tables, signal) => readRoutes(session, tables, signal),
    targets: (hosts, signal) => hostTargets(session, hosts, signal),
    write: (changes, turn, signal) => writeRoutes(session, shared, changes, turn, signal),
  };
}
