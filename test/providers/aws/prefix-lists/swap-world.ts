import { randomBytes } from "node:crypto";
import { DescribeRouteTablesCommand } from "@aws-sdk/client-ec2";
import { asAws } from "../../../../dev/as-aws.ts";
import { memoryDatabase } from "../../../../dev/memory-database.ts";
import { adoptRoutes } from "../../../../functions/routes/adopt.ts";
import { createSwapper } from "../../../../functions/routes/swap.ts";
import type { AwsCloud } from "../../../../shared/domain/clouds/aws.ts";
import type { Link, Location } from "../../../../shared/domain/network.ts";
import type { LedgerEntry } from "../../../../shared/domain/records.ts";
import type { Wake } from "../../../../shared/ports/queues.ts";
import type { OpenProvider } from "../../../../shared/ports/route-provider.ts";
import { awsListProvider } from "../../../../shared/providers/aws/prefix-lists/provider.ts";
import { awsProvider } from "../../../../shared/providers/aws/provider.ts";
import { openStore } from "../../../../shared/store/store.ts";
import { decision, network } from "../../../fixtures/network.ts";
import { backbone, hereIn, wakeHere } from "../../../routes/world.ts";
import { cloudOf, REGION } from "../emulated-world.ts";
import { virtualClient, virtualWorld } from "../virtual.ts";

export const plain: AwsCloud = cloudOf("vpc-1", { by: "network" });
export const listed: AwsCloud = { ...plain, prefixList: { maxEntries: 50 } };

/** `here` with the hosts a1 and a2 at eni-a1 and eni-a2, kept as the cloud says; reaches 10.2.0.0/16 and 10.3.0.0/16. */
export const here = (cloud: AwsCloud, more: Partial<Location> = {}): Location =>
  hereIn({ cloud, removeRoutes: true, ...more });

export type SwapWorld = Awaited<ReturnType<typeof swapWorld>>;

/** The routes function on the EC2 emulator, with the tables rtb-1 and rtb-2. */
export async function swapWorld() {
  const world = await virtualWorld({
    regions: [
      {
        region: REGION,
        vpcs: [{ id: "vpc-1", cidrs: ["10.200.0.0/16"] }],
        routeTables: ["rtb-1", "rtb-2"].map((id) => ({ id, vpc: "vpc-1" })),
        interfaces: ["eni-a1", "eni-a2"].map((id, at) => ({ id, vpc: "vpc-1", addresses: [`10.200.0.${at + 4}`] })),
      },
    ],
  });
  const { clock, emulator } = world;
  const reach = { changes: Number.POSITIVE_INFINITY };
  const client = virtualClient({
    ...emulator,
    async handle(request) {
      return emulator.control.calls().length < reach.changes ? emulator.handle(request) : "dropped";
    },
  });
  // The first call of a client reads configuration files, which takes real time.
  await client.send(new DescribeRouteTablesCommand({ MaxResults: 5 }));
  const store = openStore(memoryDatabase(clock));
  const openProvider: OpenProvider = async (where, locationId) => {
    const cloud = asAws(where);
    const { prefixList } = cloud;
    return prefixList === undefined
      ? awsProvider(cloud, client, clock)
      : awsListProvider({ ...cloud, prefixList }, locationId, client, clock);
  };
  const swapper = createSwapper({
    store,
    clock,
    random: { bytes: (count) => randomBytes(count) },
    log: { warn: () => undefined, error: () => undefined },
    openProvider,
    swapQueue: async () => ({ wake: async () => undefined }),
    tickQueue: async () => ({ send: async () => undefined }),
  });
  let place: Location | undefined;

  return {
    ...world,
    store,
    region: emulator.control.region(REGION),
    /** The cloud cannot be reached any more once so many changing calls have been answered. */
    cutAfter(changes: number): void {
      reach.changes = emulator.control.calls().length + changes;
    },
    /** Applies a network with this location in it; the generation before is retired. */
    async apply(next: Link): Promise<void> {
      const location = next.locations.find(({ id }) => id === "here");
      const old = place;
      place = location;
      if (old?.cloud !== undefined && old.generation !== location?.generation) {
        const { generation, cloud, removeRoutes } = old;
        const names = { linkId: "backbone", linkName: "backbone", locationId: "here", locationName: "here" };
        await store.retire({ ...names, generation, cloud, removeRoutes, atMs: clock.nowMs() });
      }
      const { version } = (await store.readNetwork()).value.network;
      const applied = { atMs: clock.nowMs(), by: "operator ann", why: "", source: "" };
      await store.commitNetwork({ ...applied, network: network([next], version + 1) });
    },
    async decide(activeHostId: string | null): Promise<void> {
      const prior = (await store.readHead("backbone", "here")).value;
      const next = decision("backbone", "here", activeHostId, {
        epoch: (prior?.value.epoch ?? 0) + 1,
        generation: place?.generation ?? 1,
        previousHostId: prior?.value.activeHostId ?? null,
        decidedMs: clock.nowMs(),
        swap: { state: "pending" },
      });
      await store.commitDecision(next, prior, () => true);
    },
    async adopt() {
      const [on] = (await store.readNetwork()).value.network.links;
      if (on === undefined || place === undefined) throw new Error("nothing is applied");
      return adoptRoutes(store, { link: on, location: place }, {}, "operator ann", clock.nowMs());
    },
    swap: (cause: Wake["cause"] = "decision") => world.drive(swapper({ ...wakeHere, cause })),
    async state(): Promise<string | undefined> {
      return (await store.readHead("backbone", "here")).value?.value.swap.state;
    },
    async ledger(): Promise<readonly LedgerEntry[]> {
      const tables = await store.knownTables();
      const read = await Promise.all(tables.map(({ table }) => store.readLedger(table)));
      return read.flatMap((entries) => [...entries.values()].map(({ value }) => value));
    },
    async events(kind: string): Promise<readonly string[]> {
      const { events } = await store.readEvents({ sinceMs: 0, key: undefined }, 10_000);
      return events.filter((event) => event.kind === kind).map(({ message }) => message);
    },
    /** Where packets of a table go, by network, as EC2 prefers routes. */
    effective(table: string): Readonly<Record<string, string>> {
      const region = emulator.control.region(REGION);
      const lists = new Map(region.lists().map(({ id, entries }) => [id, [...entries.keys()]]));
      const routes = region.routes(table).filter(({ target }) => target !== "local");
      const own = routes.filter(({ destination }) => !lists.has(destination));
      const through = routes.flatMap(({ destination, target }) =>
        (lists.get(destination) ?? []).map((network) => ({ destination: network, target })),
      );
      return Object.fromEntries([...through, ...own].map(({ destination, target }) => [destination, target]));
    },
    /** Networks that were without a working route at any time. */
    gaps: () => emulator.control.gaps(0).filter((gap) => !gap.includes(" pl-")),
    calls: () => emulator.control.calls().map(({ action }) => action),
  };
}

/** A world in which `here` is kept as the cloud says, and a1 is active since long. */
export async function settledWorld(cloud: AwsCloud): Promise<SwapWorld> {
  const world = await swapWorld();
  await world.apply(backbone(here(cloud)));
  await world.decide("a1");
  await world.swap();
  await world.clock.advance(60_000);
  return world;
}
