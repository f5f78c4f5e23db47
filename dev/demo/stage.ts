import type { Id } from "../../shared/domain/ids.ts";
import type { Network } from "../../shared/domain/network.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import { createLoopbackNet } from "../link-host/loopback-net.ts";
import { createSimulatedHost, type SimulatedHost } from "../link-host/simulated-host.ts";
import { parseHostUri } from "../link-host/wire.ts";
import { type PretendedHost, pretendedHosts } from "../runtime/pretended-hosts.ts";
import { type Wait, waitFor } from "./wait.ts";

/** A simulated host with its place in the network. */
export type Actor = PretendedHost & { readonly simulated: SimulatedHost };

export type Stage = {
  readonly network: Network;
  readonly actors: readonly Actor[];
  close(): Promise<void>;
};

export type StageOptions = {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  /** The server's certificate, PEM. */
  readonly ca: string;
  /** The URI of a host, as an operator gets it. */
  readonly uriOf: (hostId: Id) => string;
};

/** Makes a simulated host of every host that heartbeats. None is started. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { network, clock, random, ca } = options;
  const net = createLoopbackNet(clock);
  const actors: Actor[] = [];
  const close = async () => void (await Promise.all(actors.map(({ simulated }) => simulated.close())));
  try {
    for (const place of pretendedHosts(network, process.platform)) {
      const { publicAddress, localAddress, address6, loopback } = place;
      const simulated = await createSimulatedHost({
        uri: parseHostUri(options.uriOf(place.host.id)),
        trust: { ca },
        addresses: { publicAddress, localAddress, address6 },
        clock,
        random,
        net,
        locationId: place.location.id,
        loopback,
      });
      actors.push({ ...place, simulated });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { network, actors, close };
}

const FIRST_ANSWER_MS = 15_000;

/** Starts all hosts, of each location the one with the highest priority first, so that it becomes active. */
export async function raiseCurtain(stage: Stage, wait: Wait): Promise<void> {
  const isFirst = ({ host, location }: Actor) => location.hosts.every((other) => other.priority <= host.priority);
  const first = stage.actors.filter(isFirst);
  for (const actor of first) await actor.simulated.start();
  await waitFor(
    wait,
    FIRST_ANSWER_MS,
    () => "waiting for the first hosts to be answered",
    () => first.every(({ simulated }) => simulated.agent.lastGood !== undefined) || undefined,
  );
  for (const actor of stage.actors) if (!isFirst(actor)) await actor.simulated.start();
}
