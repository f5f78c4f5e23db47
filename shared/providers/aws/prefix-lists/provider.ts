import type { EC2Client } from "@aws-sdk/client-ec2";
import type { AwsCloud } from "../../../domain/clouds/aws.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { RouteProvider } from "../../../ports/route-provider.ts";
import { sharedPace } from "../provider.ts";
import { hostTargets } from "../targets.ts";
import type { ListSession } from "./change-list.ts";
import type { KeptEntries } from "./lists.ts";
import { listedTable } from "./names.ts";
import { readLists, surveyLists } from "./read.ts";
import { type KnownLists, writeLists } from "./write.ts";

type Client = Pick<EC2Client, "send" | "config">;

/** What was read through a client: the next run of a location in the same process need not read it again. */
const entriesOf = new WeakMap<Client, KeptEntries>();

/** Cloud settings that say to keep networks in prefix lists. */
export type ListCloud = AwsCloud & { readonly prefixList: NonNullable<AwsCloud["prefixList"]> };

/**
 * The routes of one location in one VPC of EC2, whose networks are kept in a managed prefix list for each address
 * family: the lists are the location's own, found by their tag, and each table has one route for each list. `client`
 * as for `awsProvider`.
 */
export function awsListProvider(cloud: ListCloud, locationId: string, client: Client, clock: Clock): RouteProvider {
  const { region, vpc, prefixList } = cloud;
  const { maxEntries } = prefixList;
  const kept: KeptEntries = entriesOf.get(client) ?? new Map();
  entriesOf.set(client, kept);
  const session: ListSession = { ec2: client, clock, region, vpc, locationId, maxEntries, kept };
  const known: KnownLists = new Map();
  const note = <T extends { readonly lists: ReadonlyMap<4 | 6, { readonly id: string }> }>(look: T): T => {
    known.clear();
    for (const [family, { id }] of look.lists) known.set(family, id);
    return look;
  };
  return {
    async survey(signal) {
      const { tables, routes } = note(await surveyLists(session, cloud.routeTables, signal));
      return { tables, routes };
    },
    tableOf: (noted) => listedTable(region, locationId, noted),
    read: async (tables, signal) => note(await readLists(session, tables, signal)).routes,
    targets: (hosts, signal) => hostTargets(session, hosts, signal),
    write: (changes, turn, signal) => writeLists(session, sharedPace(client, clock), known, changes, turn, signal),
  };
}
