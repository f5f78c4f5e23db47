import { join } from "node:path";
import type { ProviderName } from "../../../shared/domain/clouds/cloud.ts";
import { RouteError } from "../../../shared/domain/errors.ts";
import type { Network } from "../../../shared/domain/network.ts";
import type { Clock } from "../../../shared/ports/clock.ts";
import type { CloudSecrets } from "../../../shared/ports/cloud-secrets.ts";
import type { ProviderParts } from "../../../shared/providers/registry.ts";
import type { Latency } from "../../emulators/common/faults.ts";
import { startLocalAws } from "./aws.ts";
import { startLocalAzure } from "./azure.ts";
import { startLocalGcp } from "./gcp.ts";
import { startLocalHetzner } from "./hetzner.ts";
import { keepWorld } from "./kept-world.ts";
import type { LocalCloud } from "./local-cloud.ts";
import { startLocalOci } from "./oci.ts";

/** How an emulated cloud behaves. `readLagMs`: reads show what stood up to so long ago. */
export type Behaviour = { readonly latency: Latency; readonly readLagMs: number };

/** The emulators of all clouds. */
export type LocalClouds = {
  readonly byName: ReadonlyMap<ProviderName, LocalCloud>;
  /** What the product's providers need to reach them. */
  readonly parts: Pick<ProviderParts, "cloudSecrets" | "cloudEndpoints">;
  /** Makes what a network names and they do not have. */
  seed(network: Network): void;
  /** From now on calls take time, reads lag, and every cloud lets through what it does by its documentation. */
  behave(behaviour: Behaviour): void;
  stop(): Promise<void>;
};

type Started = LocalCloud & {
  readonly emulator: {
    readonly control: {
      latency(call: string, latency: Latency): void;
      readLag(ms: number): void;
      throttling(isOn: boolean): void;
    };
    dump(): object;
    restore(world: never): void;
  };
};

type Options = {
  readonly clock: Clock;
  /** Folder of the worlds that are kept from one run to the next. */
  readonly folder: string;
  /** Of the first emulator; the others have the following ones. Ports that are taken are passed over. */
  readonly firstPort: number;
};

/** Starts the emulators of all clouds. Throws `FolderError` when a kept world is damaged. */
export async function startLocalClouds({ clock, folder, firstPort }: Options): Promise<LocalClouds> {
  const port = (at: number) => ({ clock, port: firstPort + at });
  const aws = await startLocalAws(port(0));
  const azure = await startLocalAzure(port(1));
  const gcp = await startLocalGcp(port(2));
  const oci = await startLocalOci(port(3));
  const hetzner = await startLocalHetzner(port(4));
  const all: readonly Started[] = [aws, azure, gcp, oci, hetzner];
  const stop = async (): Promise<void> => void (await Promise.all(all.map((cloud) => cloud.stop())));
  const save: (() => Promise<void>)[] = [];
  try {
    const fresh: Readonly<Partial<Record<ProviderName, readonly string[]>>> = { oci: ["apiKeys"], hetzner: ["tokens"] };
    for (const { provider, emulator } of all) {
      const path = join(folder, `${provider === "aws" ? "ec2" : provider}.json`);
      save.push(await keepWorld(emulator, path, clock, fresh[provider]));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const values = { oci: oci.secret, hetzner: hetzner.token };
  const secrets = localSecrets(values);
  return {
    byName: new Map(all.map((cloud) => [cloud.provider, cloud])),
    parts: {
      cloudSecrets: secrets,
      cloudEndpoints: { azure: azure.url, gcp: gcp.url, oci: oci.url, hetzner: hetzner.url },
    },
    seed(network) {
      secrets.know(network);
      for (const cloud of all) cloud.seed(network);
    },
    behave({ latency, readLagMs }) {
      for (const { emulator } of all) {
        emulator.control.latency("*", latency);
        emulator.control.readLag(readLagMs);
        emulator.control.throttling(true);
      }
    },
    async stop() {
      await Promise.all(save.map((end) => end()));
      await stop();
    },
  };
}

/** Whatever name a network gives to the secret of a cloud, it holds what that cloud's emulator takes. */
function localSecrets(values: { readonly oci: string; readonly hetzner: string }): CloudSecrets & {
  know(network: Network): void;
} {
  const known = new Map<string, string>();
  return {
    know(network) {
      for (const { cloud } of network.links.flatMap((link) => link.locations)) {
        if (cloud?.provider === "hetzner") known.set(cloud.token, values.hetzner);
        if (cloud?.provider === "oci" && cloud.identity !== undefined) known.set(cloud.identity.secret, values.oci);
      }
    },
    async read(reference) {
      const value = known.get(reference);
      if (value !== undefined) return value;
      const next = "name it in the network file";
      throw new RouteError("INVALID", `no secret ${reference}`, { retry: "later", next });
    },
    forget: () => undefined,
  };
}
