import { EC2Client } from "@aws-sdk/client-ec2";
import { createEc2Emulator } from "../../../../dev/emulators/ec2/emulator.ts";
import { serveEc2 } from "../../../../dev/emulators/ec2/server.ts";
import { systemClock } from "../../../../shared/platform/clock.ts";
import type { RouteProvider } from "../../../../shared/ports/route-provider.ts";
import { awsListProvider } from "../../../../shared/providers/aws/prefix-lists/provider.ts";
import type { ContractWorld } from "../../contract/world.ts";
import { writeCases } from "../../contract/write.ts";
import { providerContract } from "../../contract.ts";
import { cloudOf, emulatedWorld, REGION, seedOf } from "../emulated-world.ts";

/** The route tables alone: what the contract says of tables is not about lists, which are in no network. */
function withoutLists(provider: RouteProvider): RouteProvider {
  return {
    ...provider,
    async survey(signal) {
      const { tables, routes } = await provider.survey(signal);
      return { tables: tables.filter(({ holds }) => holds?.kind !== "list"), routes };
    },
  };
}

/** The contract's world for locations whose networks are kept in prefix lists. */
async function listedWorld(shape: { readonly tables: number }): Promise<ContractWorld> {
  const world = await emulatedWorld(shape);
  const emulator = createEc2Emulator({ clock: systemClock, world: seedOf(world.tables) });
  const server = await serveEc2(emulator);
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
  const client = new EC2Client({ region: REGION, endpoint: server.url, maxAttempts: 1, credentials });
  return {
    ...world,
    open: (selection) => {
      const cloud = { ...cloudOf("vpc-home", selection), prefixList: { maxEntries: 50 } };
      return withoutLists(awsListProvider(cloud, "l1", client, systemClock));
    },
    changingCalls: () => emulator.control.calls().length,
    async close() {
      client.destroy();
      await server.close();
      await world.close();
    },
  };
}

const inTables = "a table has one route, for the list: test/providers/aws/prefix-lists tries reading and writing";
const skipped = [
  "reads where a route points, that it works, and that it may be touched",
  "reads IPv6 routes in canonical form",
  "names what stands there when it is no interface",
  "does not offer for change what the cloud made itself",
  "shows a route whose interface is attached to nothing as a blackhole",
  "reads every route of every table through all pages",
  "reads nothing for a table that has gone, and the others all the same",
  ...writeCases.map(({ says }) => says).filter((says) => !says.startsWith("does nothing, and asks for nothing")),
];

providerContract(
  "EC2 by prefix lists, emulated",
  listedWorld,
  Object.fromEntries(skipped.map((says) => [says, inTables])),
);
