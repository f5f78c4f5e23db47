import { serveEmulator } from "../../dev/emulators/common/http-server.ts";
import { remoteProvider } from "../../shared/executor/remote.ts";
import { createExecutor } from "../../shared/executor/server.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { systemRandom } from "../../shared/platform/random.ts";
import { placeOf } from "../../shared/providers/remote.ts";
import { recordingLog } from "../platform/recording-log.ts";
import { cloudOf, emulatedWorld } from "../providers/aws/emulated-world.ts";
import type { ContractWorld, Selection } from "../providers/contract/world.ts";
import { providerContract } from "../providers/contract.ts";
import { keyOf, keys } from "./rig.ts";

/** The EC2 emulator, whose real provider runs in an executor behind HTTP. */
async function remoteWorld(shape: { readonly tables: number }): Promise<ContractWorld> {
  const world = await emulatedWorld(shape);
  const executor = createExecutor({
    id: "contract",
    keys: [keyOf("key-a")],
    serves: ["aws"],
    openProvider: async ({ routeTables }) => world.open(selectionOf(routeTables)),
    clock: systemClock,
    random: systemRandom,
    log: recordingLog(),
    renews: true,
  });
  const server = await serveEmulator(({ method, path, headers, body }) =>
    executor({ method, path, headers: { get: (name) => headers[name] }, body }),
  );
  const cloudSecrets = { read: async (reference: string) => keys[reference] ?? "", forget: () => undefined };
  const parts = { clock: systemClock, random: systemRandom, cloudSecrets, shunned: new Map(), fetch };
  return {
    ...world,
    open: (selection) => {
      const place = placeOf(
        cloudOf("vpc-home", selection),
        [{ url: server.url, id: "contract", key: "key-a" }],
        "here",
      );
      return remoteProvider(parts, place);
    },
    async close() {
      await server.close();
      await world.close();
    },
  };
}

function selectionOf(tables: ReturnType<typeof cloudOf>["routeTables"]): Selection {
  return tables.by === "tag" ? { by: "tag", value: tables.value } : tables;
}

const perPermit = "the guard is asked for each permit, after the executor's challenge has come, and not for each call";
providerContract("EC2, emulated, by way of an executor", remoteWorld, {
  "writes what was throttled in its turn, each attempt with its own guard": perPermit,
  "begins no call that its guard has not let through, and none after the guard refused one": perPermit,
  "begins no call after the signal aborts, and waits for those that are under way": perPermit,
});
