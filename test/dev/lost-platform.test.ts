import { describe, expect, it } from "vitest";
import { losePlatform, watchHeads } from "../../dev/demo/lost-platform.ts";
import type { Wait } from "../../dev/demo/wait.ts";
import type { StoreMoment } from "../../dev/runtime/watched-store.ts";
import { allAt, settledWorld, type World } from "../routes/world.ts";

const longestTimeoutMs = ({
  locations,
}: {
  readonly locations: readonly { readonly hosts: readonly { readonly timeoutMs: number }[] }[];
}) => Math.max(...locations.flatMap(({ hosts }) => hosts.map(({ timeoutMs }) => timeoutMs)));

async function lost(world: World, meanwhile: () => Promise<unknown>) {
  const announced: string[] = [];
  let ended = 0;
  const runtime = {
    store: world.store,
    data: { certificatePath: "c.pem", announce: async ({ url }: { url: string }) => void announced.push(url) },
    loseFunctions: async () => {
      ended += 1;
      await meanwhile();
    },
  };
  const { network } = (await world.store.readNetwork()).value;
  const wait: Wait = { clock: world.clock, signal: new AbortController().signal, progress: () => undefined };
  const second = { name: "gcp", url: "https://127.0.0.1:9", stop: async () => undefined } as const;
  const report = await world.drive(losePlatform(runtime, network, second, wait));
  return { report, announced, ended, network };
}

describe("the loss of a platform in the demonstration", () => {
  it("ends its functions, watches for longer than any time-out, and finds nothing moved", async () => {
    const { report, announced, ended, network } = await lost(await settledWorld(), async () => undefined);

    const [link] = network.links;
    expect(report).toMatchObject({ lost: "aws", wentOn: "gcp", failovers: 0 });
    expect(report.watchedMs).toBeGreaterThan(link === undefined ? Number.POSITIVE_INFINITY : longestTimeoutMs(link));
    expect({ announced, ended }).toEqual({ announced: ["https://127.0.0.1:9"], ended: 1 });
  });

  it("counts a location that got another decision meanwhile", async () => {
    const world = await settledWorld();

    const { report } = await lost(world, () => world.decide("a2"));

    expect(report.failovers).toBe(1);
  });
});

describe("decisions that another process makes", () => {
  it("are told once each, and once more when they are confirmed", async () => {
    const world = await settledWorld();
    const { network } = (await world.store.readNetwork()).value;
    const moments: StoreMoment[] = [];
    const stop = watchHeads({ store: world.store, clock: world.clock, network }, (moment) => void moments.push(moment));
    await world.live(1_000);
    await world.decide("a2");
    await world.live(1_000);
    await world.swap();
    await world.live(1_000);

    await world.drive(stop());

    expect(moments.map(({ kind }) => kind)).toEqual(["committed", "confirmed"]);
    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
  });
});
