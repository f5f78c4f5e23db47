import { RouteError } from "../../domain/errors.ts";
import { waitFor } from "./act.ts";
import { ActionsAnswer, type Network } from "./answers.ts";
import { canonical, readNetwork } from "./read.ts";
import type { Run } from "./run.ts";

/** The gateway of a destination in a network as it was read. */
export function gatewayOf(network: Network, destination: string): string | undefined {
  return network.routes.find((route) => canonical(route.destination) === destination)?.gateway;
}

/**
 * A network when nothing goes on in it any more: a call whose answer was lost may have begun an action that still runs.
 * A `RouteError` when it cannot be told.
 */
export async function settledNetwork(run: Run, id: string): Promise<Network | RouteError> {
  try {
    await untilQuiet(run, id);
    return await readNetwork(run.client, id, run.finishing);
  } catch (error) {
    if (error instanceof RouteError) return error;
    throw error;
  }
}

async function untilQuiet(run: Run, id: string): Promise<void> {
  const { client, finishing } = run;
  const call = { action: "GET /networks/{id}/actions", about: `network ${id}`, secret: client.secret };
  const path = `/networks/${encodeURIComponent(id)}/actions?status=running`;
  const { actions } = await client.get(call, path, ActionsAnswer, finishing);
  for (const action of actions) await waitFor(run, action);
}
