import { executorLimits } from "../../shared/executor/limits.ts";
import { remoteProvider } from "../../shared/executor/remote.ts";
import { createExecutor } from "../../shared/executor/server.ts";
import { webHandler } from "../../shared/platform/plain-http.ts";
import type { RouteProvider } from "../../shared/ports/route-provider.ts";
import { recordingLog } from "../platform/recording-log.ts";
import { backbone, createWorld, type World } from "../routes/world.ts";
import { countedBytes, first, keyOf, keys, type Way } from "./rig.ts";

/** What a test may change while it runs: the way to the executor, and the executor's own hand. */
export type Between = {
  way: Way;
  /** What the executor calls in place of the cloud's provider. */
  hand: (honest: RouteProvider) => RouteProvider;
  /** Operations that were asked for. */
  readonly sent: string[];
  /** Sends a request to the executor once more, and gives the text of the answer. */
  again: (request: Request) => Promise<string>;
};

/** The routes function's world, in which every process reaches the cloud by way of one executor. */
export function remoteWorld(): { readonly world: World; readonly between: Between } {
  const between: Between = { way: (_request, go) => go(), hand: (honest) => honest, sent: [], again: async () => "" };
  let serve: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  const random = countedBytes();
  const shunned = new Map<string, number>();
  const cloudSecrets = { read: async (reference: string) => keys[reference] ?? "", forget: () => undefined };
  const world: World = createWorld(
    {},
    {
      open: (cloud) => {
        const fetch = (url: string, init: RequestInit): Promise<Response> =>
          serve?.(url, init) ?? Promise.reject(new TypeError("fetch failed"));
        return remoteProvider(
          { clock: world.clock, random, cloudSecrets, shunned, fetch },
          { executors: [first], cloud, locationId: "here", isTable: ({ key }) => key.startsWith("memory/") },
        );
      },
    },
  );
  const executor = createExecutor({
    id: "a",
    keys: [keyOf("key-a")],
    serves: ["aws"],
    openProvider: async (where) => between.hand(await world.cloud.open("executor")(where)),
    clock: world.clock,
    random: countedBytes(900_000),
    log: recordingLog(),
    renews: false,
  });
  const handle = webHandler(executor, executorLimits.requestBytes);
  between.again = async (request) => (await handle(request)).text();
  serve = (url, { signal: _, ...init }) => {
    const request = new Request(url, init);
    between.sent.push(new URL(url).pathname.split("/").at(-1) ?? "");
    return between.way(request, () => handle(request));
  };
  return { world, between };
}

/** The same, in which a1 is active, and its routes are in place and confirmed, long ago. */
export async function settledRemoteWorld(): Promise<ReturnType<typeof remoteWorld>> {
  const made = remoteWorld();
  await made.world.apply([backbone()]);
  await made.world.decide("a1");
  await made.world.swap();
  await made.world.clock.advance(60_000);
  made.between.sent.length = 0;
  return made;
}
