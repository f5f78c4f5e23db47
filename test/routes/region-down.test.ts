import { describe, expect, it } from "vitest";
import type { Fault, FaultRule } from "../../dev/emulators/common/faults.ts";
import type { TestClock } from "../../dev/test-clock.ts";
import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { Wake } from "../../shared/ports/queues.ts";
import type { RouteProvider } from "../../shared/ports/route-provider.ts";
import { host, link, location } from "../fixtures/network.ts";
import * as awsCloud from "../providers/aws/emulated-world.ts";
import * as aws from "../providers/aws/virtual.ts";
import * as azureCloud from "../providers/azure/emulated-world.ts";
import * as azure from "../providers/azure/virtual.ts";
import * as gcpCloud from "../providers/gcp/emulated-world.ts";
import * as gcp from "../providers/gcp/virtual.ts";
import * as hetznerCloud from "../providers/hetzner/emulated-world.ts";
import * as hetzner from "../providers/hetzner/virtual.ts";
import * as ociCloud from "../providers/oci/emulated-world.ts";
import * as oci from "../providers/oci/virtual.ts";
import { createWorld, hereIn, wakeHere } from "./world.ts";

/** A cloud that can go down, with the settings of a location in it and the targets of its two hosts. */
type Sick = {
  readonly clock: TestClock;
  readonly cloud: Cloud;
  readonly targets: readonly [string, string];
  readonly provider: RouteProvider;
  readonly control: { fail(rule: FaultRule): void; calm(): void };
};

const clouds: Readonly<Record<string, () => Sick | Promise<Sick>>> = {
  async aws() {
    const { clock, emulator, open } = await aws.virtualWorld(aws.routesWorld(0));
    const cloud = awsCloud.cloudOf("vpc-1", { by: "network" });
    return { clock, cloud, targets: ["eni-a", "eni-b"], provider: open(), control: emulator.control };
  },
  azure() {
    const { clock, emulator, open } = azure.virtualWorld(azureCloud.seedOf(["rt-1"]));
    const cloud = azureCloud.cloudOf({ by: "network" });
    const targets = [azureCloud.interfaceId("nic-a"), azureCloud.interfaceId("nic-b")] as const;
    return { clock, cloud, targets, provider: open(cloud), control: emulator.control };
  },
  gcp() {
    const { clock, emulator, open } = gcp.virtualWorld();
    const cloud = gcpCloud.cloudOf();
    return { clock, cloud, targets: [gcp.A, gcp.B], provider: open(cloud, "sick"), control: emulator.control };
  },
  oci() {
    const { clock, emulator, provider } = oci.virtualWorld();
    const cloud = ociCloud.cloudOf(ociCloud.ocid("vcn", "home"), { by: "network" });
    return { clock, cloud, targets: [oci.A, oci.B], provider, control: emulator.control };
  },
  hetzner() {
    const { clock, emulator, open } = hetzner.virtualWorld();
    const cloud = hetznerCloud.cloudOf(hetznerCloud.HOME);
    return { clock, cloud, targets: ["server-11", "server-12"], provider: open(), control: emulator.control };
  },
};

const wakeSick: Wake = { ...wakeHere, locationId: "sick" };
const always = 1_000_000;
const turns = 8;

/** `here` in a cloud that works, `sick` in one that can go down, both settled at their first hosts. */
async function settled(sick: Sick) {
  const { clock } = sick;
  const open = (cloud: Cloud) => (cloud === undefined || isHere(cloud) ? undefined : sick.provider);
  const world = createWorld({}, { clock, open });
  const swapper = world.processOf({ name: "plain", ports: (_name, call) => call() });
  const [first, second] = sick.targets;
  const there = location("sick", [host("s1", { target: first, priority: 20 }), host("s2", { target: second })], {
    networks: ["10.0.0.0/16"],
    cloud: sick.cloud,
  });
  await world.apply([link("backbone", [hereIn({ networks: ["10.201.0.0/16"] }), there, ...others])]);

  const drive = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    work.then(over, over);
    // Reading the body of an answer takes more turns than the clock waits for by itself.
    for (let steps = 0; !isOver && steps < 200_000; steps++) {
      for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      if (!isOver) await clock.step();
    }
    return work;
  };
  /** Works a wake off; how long that took, ms. */
  const swap = async (wake: Wake): Promise<number> => {
    const startMs = clock.monotonicMs();
    await swapper(wake);
    return clock.monotonicMs() - startMs;
  };
  /** Delivers the wakes of the sick location that fall due, and the reconcile of each minute, for some time. */
  const live = async (ms: number): Promise<void> => {
    const endMs = clock.monotonicMs() + ms;
    let reconcileMs = clock.monotonicMs() + 60_000;
    while (clock.monotonicMs() < endMs) {
      const due = world.ticks.findIndex((tick) => tick.dueMs <= clock.nowMs());
      const [tick] = due < 0 ? [] : world.ticks.splice(due, 1);
      if (tick?.kind === "wake") world.swaps.push({ ...tick, linkId: tick.linkId, locationId: tick.locationId });
      const wake = world.swaps.shift();
      if (wake !== undefined) await drive(swap(wake));
      else if (clock.monotonicMs() >= reconcileMs) {
        reconcileMs += 60_000;
        await drive(swap({ ...wakeSick, cause: "reconcile" }));
      } else await clock.advance(1_000);
    }
  };
  for (const [locationId, hostId, wake] of [["here", "a1", wakeHere] as const, ["sick", "s1", wakeSick] as const]) {
    await world.decide(hostId, { locationId });
    await drive(swap(wake));
    expect((await world.head("backbone", locationId))?.swap.state).toBe("confirmed");
  }
  world.swaps.length = 0;
  world.ticks.length = 0;
  const stateOf = async (locationId: string) => (await world.head("backbone", locationId))?.swap.state;
  /** Where the routes of the sick location lead. */
  const leads = async (): Promise<readonly string[]> => {
    const { routes } = await drive(sick.provider.survey(new AbortController().signal));
    const reached = ["10.201.0.0/16", "10.202.0.0/16"];
    return [...new Set(routes.filter((one) => reached.includes(one.destination)).map(({ target }) => target))];
  };
  return { ...world, drive, swap, live, stateOf, leads };
}

const others = [location("office", ["c1"], { networks: ["10.202.0.0/16"] })];
const isHere = (cloud: Cloud) => cloud.provider === "aws" && cloud.region === "eu-west-1";

const outages: Readonly<Record<string, Fault>> = {
  "closes every connection": { kind: "drop", written: false },
  "answers nothing for longer than anybody waits": { kind: "stall", ms: 3_600_000 },
};

describe.each(Object.entries(clouds))("a region of %s that is down", (_name, open) => {
  it.each(Object.entries(outages))(
    "and %s holds nobody else up, and is swapped once it is back",
    async (_what, fault) => {
      const sick = await open();
      const world = await settled(sick);
      const before = await world.leads();
      await world.decide("a2");
      const usualMs = await world.drive(world.swap(wakeHere));

      sick.control.fail({ action: "*", fault, count: always });
      await world.decide("s2", { locationId: "sick" });
      await world.decide("a1");
      const [, hereMs] = await world.drive(Promise.all([world.swap(wakeSick), world.swap(wakeHere)]));
      expect([hereMs, await world.stateOf("here")]).toEqual([usualMs, "confirmed"]);

      await world.live(180_000);
      expect(await world.stateOf("sick")).not.toBe("confirmed");
      await world.decide("a2");
      expect(await world.drive(world.swap(wakeHere))).toBe(usualMs);
      expect(await world.stateOf("here")).toBe("confirmed");

      sick.control.calm();
      await world.live(120_000);
      const after = await world.leads();
      expect(await world.stateOf("sick")).toBe("confirmed");
      expect([before.length, after.length]).toEqual([1, 1]);
      expect(after).not.toEqual(before);
    },
  );
});
