import { getContinuationToken, type NetworkManagementClient } from "@azure/arm-network";
import type { AzureCloud } from "../../domain/clouds/azure.ts";
import type { Clock } from "../../ports/clock.ts";
import { callerOf, type Page } from "../common/call.ts";
import type { Lanes } from "../common/lanes.ts";
import { type Call, routeError, translate } from "./errors.ts";
import type { Place } from "./ids.ts";
import { type ArmPace, laneOf } from "./pace.ts";

/** What every call of one location needs. */
export type ArmSession = {
  readonly cloud: AzureCloud;
  readonly clock: Clock;
  readonly pace: ArmPace;
  /** The client of a subscription. It must not repeat changing calls by itself. */
  readonly clientOf: (subscription: string) => NetworkManagementClient;
  /** Lanes of tables, by their ids. */
  readonly lanes: Lanes;
  /** Resolves when there is a token to call with, or when there will be none. */
  readonly entered: () => Promise<void>;
  /** How long the last operation took that ended well, to know when to look at the next one. ms */
  readonly lastOperation: { ms: number };
  /** Who calls, in words. */
  readonly caller: string;
};

export const { attempt, attemptRead, allPages } = callerOf<Call>({ translate, routeError });

/** A call that only reads, in its turn, attempted again a few times. Throws `RouteError`. */
export function read<T>(
  session: ArmSession,
  subscription: string,
  call: Call,
  send: (client: NetworkManagementClient, abortSignal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const client = session.clientOf(subscription);
  return attemptRead(
    session.clock,
    call,
    async (abortSignal) => {
      await session.pace.turn(laneOf("read", subscription), abortSignal);
      return send(client, abortSignal);
    },
    signal,
  );
}

/** The call that reads a table. */
export function tableCall(session: ArmSession, tableId: string): Call {
  return {
    action: "Microsoft.Network/routeTables/read",
    about: tableId,
    scope: tableId,
    missing: "TABLE_MISSING",
    caller: session.caller,
  };
}

/** The place of the location's virtual network. */
export function networkPlace({ cloud }: ArmSession): Place {
  return { subscription: cloud.subscription, resourceGroup: cloud.resourceGroup, name: cloud.virtualNetwork };
}

type Listing<Entry> = { byPage(settings?: { continuationToken?: string }): AsyncIterator<Entry[]> };

/** One page of a listing of the SDK: the one that `token` names, or the first. */
export async function pageOf<Entry>(listing: Listing<Entry>, token: string | undefined): Promise<Page<Entry>> {
  const answer = await listing.byPage(token === undefined ? {} : { continuationToken: token }).next();
  if (answer.done === true) return { entries: [], next: undefined };
  return { entries: answer.value, next: getContinuationToken(answer.value) };
}
