import { createSecureContext } from "node:tls";
import { parseHostUri } from "../../dev/link-host/wire.ts";
import { pretendedHosts } from "../../dev/runtime/pretended-hosts.ts";
import { HostUriAnswer } from "../../functions/admin/schemas.ts";
import type { Network } from "../../shared/domain/network.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import { createLightAgent, type LightAgent } from "../agents/light-agent.ts";
import { emptyTally, type Tally } from "../agents/tally.ts";
import type { Pointsman } from "./pointsman.ts";

/** All hosts of the run. */
export type Crew = {
  readonly agents: readonly LightAgent[];
  /** The agents of each location, in the order of the network. */
  readonly byLocation: readonly (readonly LightAgent[])[];
  /** What was counted since it was last emptied. */
  tally: Tally;
  /** How long an agent sleeps after an answer. ms */
  sleepMs: number;
};

/** Questions to the admin API at the same time. */
const ASKED_AT_ONCE = 8;

/** Makes an agent of every host, with the URI that the admin API gives. None is started. Throws the CLI's `CliError`. */
export async function hireCrew(
  pointsman: Pointsman,
  network: Network,
  sleepMs: number,
  deps: { readonly clock: Clock; readonly random: Random },
): Promise<Crew> {
  const trust = { secureContext: createSecureContext({ ca: pointsman.certificate }) };
  const places = pretendedHosts(network, process.platform);
  const agents: LightAgent[] = [];
  const crew = { agents, byLocation: [] as LightAgent[][], tally: emptyTally(), sleepMs };
  const uris = new Map<string, string>();
  await inParallel(places, ASKED_AT_ONCE, async ({ link, location, host }) => {
    const path = ["host-uri", link.name, location.name, host.name];
    uris.set(host.id, (await pointsman.admin.get(path, HostUriAnswer)).uri);
  });
  const byLocation = new Map<string, LightAgent[]>();
  for (const { link, location, host, publicAddress, localAddress } of places) {
    const agent = createLightAgent({
      ...deps,
      uri: parseHostUri(uris.get(host.id) ?? ""),
      trust,
      publicAddress,
      localAddress,
      tally: () => crew.tally,
      sleepMs: () => crew.sleepMs,
      record: {
        linkId: link.id,
        locationId: location.id,
        hostId: host.id,
        name: `${link.name}/${location.name}/${host.name}`,
        timeoutMs: host.timeoutMs,
        runs: [],
        good: [],
        toldActive: [],
      },
    });
    agents.push(agent);
    byLocation.set(location.id, [...(byLocation.get(location.id) ?? []), agent]);
  }
  crew.byLocation.push(...byLocation.values());
  return crew;
}
