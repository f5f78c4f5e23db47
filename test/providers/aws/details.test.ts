import { describe, expect, it } from "vitest";
import { tablesIn } from "../contract/world.ts";
import { routesWorld, virtualWorld } from "./virtual.ts";

const never = () => new AbortController().signal;
const table = { id: "rtb-2", key: "aws/eu-central-1/rtb-2" };

describe("what is particular to EC2", () => {
  it("offers for change only routes that were made by a route call, and no prefix lists", async () => {
    const world = await virtualWorld(routesWorld(0));
    const region = world.emulator.control.region("eu-central-1");
    region.putRoute("rtb-2", { destination: "10.9.0.0/16", target: "eni-a" });
    region.putRoute("rtb-2", { destination: "10.9.0.0/16", target: "vgw-1", origin: "EnableVgwRoutePropagation" });
    region.putRoute("rtb-2", { destination: "pl-1", target: "vpce-1" });
    region.putRoute("rtb-2", { destination: "::/0", target: "eigw-1" });

    const routes = await world.open().read([table], never());

    expect(routes.map(({ destination, target, isStatic }) => [destination, target, isStatic])).toEqual([
      ["10.0.0.0/16", "local", false],
      ["10.9.0.0/16", "eni-a", true],
      ["10.9.0.0/16", "vgw-1", false],
      ["::/0", "eigw-1", true],
      ["pl-1", "vpce-1", false],
    ]);
  });

  it("shows a route as a blackhole when its instance was stopped or its interface deleted", async () => {
    const world = await virtualWorld(routesWorld(0));
    const region = world.emulator.control.region("eu-central-1");
    region.putRoute("rtb-2", { destination: "10.8.0.0/16", target: "eni-a" });
    region.putRoute("rtb-2", { destination: "10.9.0.0/16", target: "eni-b" });
    region.setInstance("i-a", "stopped");
    region.removeInterface("eni-b");

    const routes = await world.open().read([table], never());

    expect(routes.slice(1).map(({ target, state }) => [target, state])).toEqual([
      ["eni-a", "blackhole"],
      ["eni-b", "blackhole"],
    ]);
  });

  it("may show what stood before a write for a while, and shows the write after that", async () => {
    const world = await virtualWorld(routesWorld(1));
    await world.clock.advance(2_000);
    world.emulator.control.readLag(1_000);
    const provider = world.open();
    const [ref] = await provider.survey(never()).then(tablesIn);
    if (ref === undefined) throw new Error("no table");
    const seen = async () => {
      const routes = await provider.read([ref], never());
      return routes.find(({ destination }) => destination === "10.100.0.0/24")?.target;
    };

    const change = {
      kind: "replace",
      table: ref,
      destination: "10.100.0.0/24",
      target: "eni-b",
      found: "eni-a",
    } as const;
    await world.drive(provider.write([change], { guard: () => Promise.resolve(), epoch: 1 }, never()));
    const soon = new Set<string | undefined>();
    for (let reads = 0; reads < 20; reads++) soon.add(await seen());
    await world.clock.advance(1_001);

    expect(soon).toContain("eni-a");
    expect(await seen()).toBe("eni-b");
  });

  it("leaves it to a person when two interfaces answer to one host", async () => {
    const world = await virtualWorld(routesWorld(0));
    world.emulator.seed({
      regions: [
        {
          region: "eu-central-1",
          interfaces: ["eni-x", "eni-y"].map((id) => ({
            id,
            vpc: "vpc-1",
            addresses: ["10.0.0.8"],
            tags: { "pointsman:host": "h1" },
          })),
        },
      ],
    });

    const outcomes = await world.open().targets([{ hostId: "h1", target: "auto", localAddress: "10.0.0.8" }], never());

    expect(outcomes).toMatchObject([
      { result: "failed", error: { code: "TARGET_AMBIGUOUS", message: expect.stringContaining("eni-x, eni-y") } },
    ]);
  });

  it("asks once for a table that has gone, whatever was to be changed in it", async () => {
    const world = await virtualWorld(routesWorld(0));
    const gone = { id: "rtb-gone", key: "aws/eu-central-1/rtb-gone" };
    const changes = Array.from({ length: 200 }, (_, at) => {
      return { kind: "create", table: gone, destination: `10.9.${at}.0/24`, target: "eni-a" } as const;
    });

    const { value } = await world.drive(
      world.open().write(changes, { guard: () => Promise.resolve(), epoch: 1 }, never()),
    );

    expect(new Set(value.map((outcome) => outcome.result === "failed" && outcome.error.code))).toEqual(
      new Set(["TABLE_MISSING"]),
    );
    expect(world.emulator.control.calls().length).toBeLessThan(50);
  });
});
