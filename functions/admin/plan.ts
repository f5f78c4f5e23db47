import { InputError } from "../../shared/domain/errors.ts";
import { emptyNetwork, hostIndex, type Network } from "../../shared/domain/network.ts";
import { compileNetwork } from "../../shared/network-file/compile.ts";
import { diffNetworks, isEmptyDiff, type NetworkDiff } from "../../shared/network-file/diff.ts";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";
import type { AppliedNetwork } from "../../shared/ports/store.ts";
import type { AdminDeps } from "./deps.ts";
import { activeLeavers } from "./hand-over.ts";
import { type Answer, readBody } from "./http.ts";
import { idMaker } from "./new-id.ts";
import type { Call } from "./router.ts";
import { FileRequest, type Plan, type ValidateAnswer } from "./schemas.ts";

/** A network file against the configuration in force. */
export type Proposal = {
  readonly applied: AppliedNetwork;
  readonly next: Network;
  readonly diff: NetworkDiff;
  readonly plan: Plan;
};

/** POST validate: whether a network file could be applied, with every mistake. */
export async function validate({ deps, request }: Call): Promise<Answer> {
  const { file } = await readBody(request, FileRequest);
  try {
    const network = compileNetwork(parseNetworkFile(file), emptyNetwork, idMaker(deps.random));
    const locations = network.links.flatMap((link) => link.locations);
    const counts = { links: network.links.length, locations: locations.length, hosts: hostIndex(network).size };
    return { body: { valid: true, mistakes: [], ...counts } satisfies ValidateAnswer };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const mistakes = [...error.mistakes];
    return { body: { valid: false, mistakes, links: 0, locations: 0, hosts: 0 } satisfies ValidateAnswer };
  }
}

/** POST plan: what applying a network file would change. */
export async function plan({ deps, request }: Call): Promise<Answer> {
  const { file } = await readBody(request, FileRequest);
  return { body: (await propose(deps, file)).plan };
}

/** Reads a network file and compares it with what is in force. Throws `InputError` with every mistake. */
export async function propose(deps: AdminDeps, text: string): Promise<Proposal> {
  const file = parseNetworkFile(text);
  const applied = (await deps.store.readNetwork()).value;
  const next = compileNetwork(file, applied.network, idMaker(deps.random));
  const diff = diffNetworks(applied.network, next);
  const leavers = await activeLeavers(deps, applied, next);
  return { applied, next, diff, plan: planOf(applied.network.version, diff, leavers) };
}

function planOf(version: number, diff: NetworkDiff, handOvers: readonly string[]): Plan {
  const removed = diff.changes.filter((change) => change.action === "removed" && change.subject !== "host");
  const gone = removed.filter(({ subject }) => subject === "link" || subject === "location").map(({ path }) => path);
  return {
    version,
    unchanged: isEmptyDiff(diff),
    diff,
    handOvers: [...handOvers],
    routesLost: diff.routesLostCount,
    needsAllowRemove: diff.routesLostCount > 0 || gone.length > 0,
    removed: gone,
  };
}
