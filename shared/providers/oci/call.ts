import { RouteError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { callerOf } from "../common/call.ts";
import type { OciClient, OciNetwork } from "./client.ts";
import { type Call, routeError, translate } from "./errors.ts";
import { isAnswer } from "./failure.ts";

/** What every call of one location needs. */
export type OciSession = {
  readonly client: OciClient;
  readonly clock: Clock;
  readonly region: string;
  readonly compartment: string;
  readonly vcn: string;
  /** The private IP that is moved from host to host, when rules point at one. */
  readonly floatingIp?: string;
};

const { attempt, attemptRead, allPages } = callerOf<Call>({ translate, routeError });

type Request<T> = (network: OciNetwork) => Promise<T>;

/**
 * A call that only reads: attempted again, a few times, when its error says that it may work soon, and once when OCI
 * does not know who we are, since the key may have been rotated. Throws `RouteError`.
 */
export async function read<T>(session: OciSession, call: Call, request: Request<T>, signal: AbortSignal): Promise<T> {
  const { client, clock } = session;
  const send = (until: AbortSignal) => client.send(request, until);
  try {
    return await attemptRead(clock, call, send, signal);
  } catch (error) {
    if (!isAnswer(error, 401)) throw error;
    client.forgetIdentity();
    return await attemptRead(clock, call, send, signal);
  }
}

/** A call that only reads, of something that may not be there, or not be for us: undefined then. Throws `RouteError`. */
export async function find<T>(
  session: OciSession,
  call: Call,
  request: Request<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await read(session, call, request, signal);
  } catch (error) {
    if (isAnswer(error, 404)) return undefined;
    throw error;
  }
}

type Listing<Entry> = { readonly items: readonly Entry[]; readonly opcNextPage: string };

/** Everything that a listing holds, all pages. Throws `RouteError`. */
export function list<Entry>(
  session: OciSession,
  call: Call,
  page: (network: OciNetwork, page: { page?: string }) => Promise<Listing<Entry>>,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  return allPages(call, async (token) => {
    const at = token === undefined ? {} : { page: token };
    const answer = await read(session, call, (network) => page(network, at), signal);
    // The header is null on the last page, whatever its type says.
    return { entries: answer.items, next: answer.opcNextPage || undefined };
  });
}

/** A changing call: one attempt. Throws `RouteError`. */
export async function change<T>(session: OciSession, call: Call, request: Request<T>): Promise<T> {
  try {
    return await attempt(session.clock, call, (signal) => session.client.send(request, signal));
  } catch (error) {
    if (isAnswer(error, 401)) session.client.forgetIdentity();
    throw error;
  }
}

/** Whether a change was refused because what it changes is not what was read. */
export function isChangedMeanwhile(error: unknown): error is RouteError {
  return error instanceof RouteError && isAnswer(error, 412);
}
