import type { Network } from "../../../shared/domain/network.ts";
import type { Clock } from "../../../shared/ports/clock.ts";
import { asAws } from "../../as-aws.ts";
import { createEc2Emulator, type Ec2Emulator } from "../../emulators/ec2/emulator.ts";
import { serveEc2 } from "../../emulators/ec2/server.ts";
import { accountOf, interfaceOf, missingFrom, tablesOf, worldOf } from "../aws-world.ts";
import type { LocalCloud } from "./local-cloud.ts";

/** AWS as the local runtime has it: every account and region. */
export type LocalAws = LocalCloud & { readonly emulator: Ec2Emulator };

/** The EC2 emulator behind HTTP on a loopback port; a port that is taken stands for any free one. */
export async function startLocalAws(options: { readonly clock: Clock; readonly port: number }): Promise<LocalAws> {
  const emulator = createEc2Emulator({ clock: options.clock });
  const server = await serveEc2(emulator, options.port).catch(() => serveEc2(emulator, 0));
  const { control } = emulator;
  return {
    provider: "aws",
    url: server.url,
    emulator,
    seed: (network: Network) => emulator.seed(missingFrom(emulator.dump(), worldOf(network))),
    async standing(location) {
      if (location.cloud?.provider !== "aws") return [];
      const cloud = asAws(location.cloud);
      const region = control.region(cloud.region, accountOf(cloud));
      return tablesOf(location).flatMap((table) =>
        region
          .routes(table)
          .filter(({ target }) => target !== "local")
          .map(({ destination, target }) => ({ table, destination, target })),
      );
    },
    targetOf: (_location, host) => interfaceOf(host),
    changingCalls: () => control.calls().length,
    gaps: control.gaps,
    stop: () => server.close(),
  };
}
