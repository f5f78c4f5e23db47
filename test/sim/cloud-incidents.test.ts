import { describe, expect, it } from "vitest";
import type { Fact } from "../../sim/facts.ts";
import {
  type CloudWorld,
  create,
  createCloudWorld,
  mayWrite,
  networkOf,
  never,
  tableA,
  tableB,
  there,
} from "./cloud-world.ts";

const kinds = ["replace", "etag", "ec2"] as const;
const rolls = Array.from({ length: 60 }, (_, at) => at / 60 + 0.003);
type Foreign = Extract<Fact, { kind: "foreign-change" }>;

const changesIn = (facts: readonly Fact[]): readonly Foreign[] =>
  facts.filter((fact) => fact.kind === "foreign-change");
const faultsIn = (world: CloudWorld): readonly string[] =>
  world.facts.flatMap((fact) => (fact.kind === "fault" ? [fact.what] : []));

/** A world in which Pointsman's routes stand in both tables of the first site and in those of the third. */
async function routedWorld(kind: (typeof kinds)[number]): Promise<CloudWorld> {
  const world = await createCloudWorld(kind);
  await world.live(1_500);
  const process = world.processOf("routes");
  const [near, far] = [await world.providerIn(process), await world.providerIn(process, "site2")];
  const third = { key: "c", id: "rtb-2a" };
  await world.drive(
    near.write([create("eni-site0-h0"), create("eni-site0-h0", tableB)], { guard: mayWrite, epoch: 1 }, never()),
  );
  await world.drive(far.write([create("eni-site2-h0", third, "10.1.0.0/16")], { guard: mayWrite, epoch: 1 }, never()));
  await world.live(1_500);
  return world;
}

/** Begins an incident of 20 s; what somebody else changed at once, and until it had ended. */
async function befall(world: CloudWorld, kind: "interface-replaced" | "foreign-route", roll: number) {
  const before = world.facts.length;
  world.cloud.begin({ number: 1, kind, fromMs: 5_000, toMs: 25_000, roll });
  const atOnce = changesIn(world.facts.slice(before));
  await world.live(21_000);
  return { atOnce, all: changesIn(world.facts.slice(before)) };
}

describe.each(kinds)("incidents in the simulator's cloud of the kind %s", (kind) => {
  it("give hosts that are found by their tag new interfaces at their old address, and leave routes at the old ones dead", async () => {
    const world = await routedWorld(kind);
    const provider = await world.providerIn(world.processOf("p"));
    let replaced = 0;

    for (const roll of rolls) {
      const lives = world.cloud.interfacesOf("site0h0").length;
      await befall(world, "interface-replaced", roll);
      const [current = "", old = ""] = world.cloud.interfacesOf("site0h0");
      if (world.cloud.interfacesOf("site0h0").length === lives) continue;

      replaced++;
      expect(current).toBe(`eni-site0-h0-${lives}`);
      expect(world.cloud.ownerOf(current)).toEqual({ location: "site0", host: "h0" });
      expect(world.cloud.ownerOf(old)).toEqual({ location: "site0", host: "h0" });
      const asked = { hostId: "site0h0", target: "auto", localAddress: world.cloud.addressOf("site0h0") };
      const outcomes = await world.drive(provider.targets([asked], never()));
      expect(outcomes).toEqual([{ hostId: "site0h0", result: "found", target: current }]);
      expect(world.cloud.routes(tableA.id).find((route) => route.destination === there)?.isBlackhole).toBe(true);
    }

    expect(replaced).toBeGreaterThan(3);
    const { routes } = await world.drive(provider.survey(never()));
    expect(routes.find((route) => route.destination === there)?.state).toBe("blackhole");
    expect(faultsIn(world).some((what) => what.endsWith("move"))).toBe(true);
    expect(faultsIn(world).some((what) => what.endsWith("exchange"))).toBe(true);
    expect(faultsIn(world).some((what) => what.endsWith("wait"))).toBe(true);
    expect(world.weather.counts.get("interface-replaced")).toBe(faultsIn(world).length);
  });

  it("take the interface of a host that is named by it off for a while", async () => {
    const world = await routedWorld(kind);
    const ours = () => world.cloud.routes("rtb-2a").find((route) => route.destination === "10.1.0.0/16");
    let off = 0;

    for (const roll of rolls) {
      world.cloud.begin({ number: 1, kind: "interface-replaced", fromMs: 0, toMs: 20_000, roll });
      const isHit = faultsIn(world).at(-1)?.startsWith("site2/h0") === true;
      if (isHit) off++;
      expect(ours()?.isBlackhole).toBe(isHit);
      await world.live(21_000);
      expect(ours()?.isBlackhole).toBe(false);
    }

    expect(off).toBeGreaterThan(3);
    expect(world.cloud.interfacesOf("site2h0")).toEqual(["eni-site2-h0"]);
  });

  it("change routes of Pointsman's and of others in every way, and say so", async () => {
    const ways = new Set<string>();
    for (const roll of rolls) {
      const world = await routedWorld(kind);
      const standing = (table: string) => new Map(world.cloud.routes(table).map((one) => [one.destination, one]));
      const before = new Map(["rtb-0a", "rtb-0b", "rtb-2a"].map((table) => [table, standing(table)]));

      const { atOnce, all } = await befall(world, "foreign-route", roll);

      const [what = ""] = faultsIn(world);
      const way = what.split(/:| in /)[0] ?? "";
      ways.add(way);
      expect(faultsIn(world)).toHaveLength(1);
      expect(atOnce).toHaveLength(1);
      const [change] = atOnce;
      const old = before.get(change?.table ?? "")?.get(change?.destination ?? "");
      if (before.has(change?.table ?? "")) expect(change?.before).toBe(old?.target);
      expect(old?.by === "pointsman").toBe(what.includes(":"));
      const now = standing(change?.table ?? "").get(change?.destination ?? "");
      expect(now?.target).toBe(all.at(-1)?.after);
      expect(now?.by).toBe(now === undefined ? undefined : "somebody");
      expect(all.length).toBe(way === "points elsewhere, and back" || way === "creates their own" ? 2 : 1);
    }

    expect([...ways].sort()).toEqual([
      "changes their own",
      "creates their own",
      "points at another host",
      "points elsewhere",
      "points elsewhere, and back",
      "removes",
    ]);
  });

  it("leave the interfaces of hosts that come later, and tag them when they come", async () => {
    const world = await createCloudWorld(kind);
    const provider = await world.providerIn(world.processOf("p"));
    const asked = { hostId: "new", target: "auto", localAddress: "10.1.0.12" };
    expect(await world.drive(provider.targets([asked], never()))).toMatchObject([
      { result: "failed", error: { code: "TARGET_NOT_ALLOWED" } },
    ]);

    const network = networkOf(world.shape, 2);
    const [first, ...others] = network.links[0]?.locations ?? [];
    const model = first?.hosts[0];
    if (first === undefined || model === undefined) throw new Error("no host");
    const more = { ...first, hosts: [...first.hosts, { ...model, id: "new", name: "h2" }] };
    world.cloud.configure({
      ...network,
      links: network.links.map((link) => ({ ...link, locations: [more, ...others] })),
    });
    await world.live(1_500);

    expect(await world.drive(provider.targets([asked], never()))).toEqual([
      { hostId: "new", result: "found", target: "eni-site0-h2" },
    ]);
    expect(world.cloud.addressOf("new")).toBe("10.1.0.12");
    expect(world.cloud.interfacesOf("nobody")).toEqual([]);
  });
});
