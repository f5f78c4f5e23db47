import { expect } from "vitest";
import type { Route } from "../../../shared/ports/route-provider.ts";
import type { Case } from "./cases.ts";
import { type ContractWorld, refsOf, untilDone } from "./world.ts";

async function read(world: ContractWorld): Promise<readonly Route[]> {
  const provider = world.open({ by: "network" });
  return provider.read(await refsOf(world, provider), untilDone());
}

async function routeTo(world: ContractWorld, destination: string): Promise<readonly Omit<Route, "table">[]> {
  const routes = (await read(world)).filter((route) => route.destination === destination);
  return routes.map(({ table: _, ...rest }) => rest);
}

export const readCases: readonly Case[] = [
  {
    says: "reads where a route points, that it works, and that it may be touched",
    run: async (world) => {
      const [table = ""] = world.tables;
      await world.plant(table, "10.200.0.0/16", world.interfaces.a);

      const routes = (await read(world)).filter((route) => route.destination === "10.200.0.0/16");

      expect(routes).toEqual([
        {
          table: { id: table, key: expect.stringContaining(table) },
          destination: "10.200.0.0/16",
          target: world.interfaces.a,
          state: "active",
          isStatic: true,
        },
      ]);
    },
  },
  {
    says: "reads IPv6 routes in canonical form",
    run: async (world) => {
      await world.plant(world.tables[0] ?? "", "fd00:200::/64", world.interfaces.a);

      expect(await routeTo(world, "fd00:200::/64")).toMatchObject([{ target: world.interfaces.a, isStatic: true }]);
    },
  },
  {
    says: "names what stands there when it is no interface",
    run: async (world) => {
      await world.plant(world.tables[0] ?? "", "10.200.0.0/16", "gateway");

      const [route] = await routeTo(world, "10.200.0.0/16");

      expect(route?.target).not.toBe("");
      expect(Object.values(world.interfaces)).not.toContain(route?.target);
    },
  },
  {
    says: "does not offer for change what the cloud made itself",
    run: async (world) => {
      await world.plant(world.tables[0] ?? "", "10.200.0.0/16", world.interfaces.a);

      const made = (await read(world)).filter((route) => route.destination !== "10.200.0.0/16");

      expect(made.length).toBeGreaterThan(0);
      expect(made.filter((route) => route.isStatic)).toEqual([]);
    },
  },
  {
    says: "shows a route whose interface is attached to nothing as a blackhole",
    run: async (world) => {
      await world.plant(world.tables[0] ?? "", "10.200.0.0/16", world.interfaces.a);
      world.detachA();

      expect(await routeTo(world, "10.200.0.0/16")).toMatchObject([{ state: "blackhole", target: world.interfaces.a }]);
    },
  },
  {
    says: "reads every route of every table through all pages",
    tables: 130,
    run: async (world) => {
      for (const table of world.tables) await world.plant(table, "10.200.0.0/16", world.interfaces.a);
      for (let at = 0; at < 130; at++)
        await world.plant(world.tables[7] ?? world.tables[0] ?? "", `10.201.${at}.0/24`, world.interfaces.b);

      const routes = await read(world);

      const common = routes.filter((route) => route.destination === "10.200.0.0/16").map((route) => route.table.id);
      expect(common.sort()).toEqual([...world.tables].sort());
      expect(routes.filter((route) => route.destination.startsWith("10.201."))).toHaveLength(130);
    },
  },
  {
    says: "reads nothing for a table that has gone, and the others all the same",
    run: async (world) => {
      await world.plant(world.tables[0] ?? "", "10.200.0.0/16", world.interfaces.a);
      const provider = world.open({ by: "network" });
      const gone = { id: world.tableMissing, key: `gone/${world.tableMissing}` };

      const routes = await provider.read([gone, ...(await refsOf(world, provider))], untilDone());

      expect(routes.some((route) => route.destination === "10.200.0.0/16")).toBe(true);
      expect(routes.filter((route) => route.table.id === gone.id)).toEqual([]);
    },
  },
];
