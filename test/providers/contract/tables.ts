import { expect } from "vitest";
import type { Case } from "./cases.ts";
import { tablesIn, untilDone } from "./world.ts";

export const tableCases: readonly Case[] = [
  {
    says: "lists the tables that are named, once each and in order of key",
    run: async (world) => {
      const [first = "", second = ""] = world.tables;

      const refs = await world
        .open({ by: "id", ids: [second, first, second] })
        .survey(untilDone())
        .then(tablesIn);

      expect(refs.map((ref) => ref.id).sort()).toEqual([first, second].sort());
      expect(refs.map((ref) => ref.key)).toEqual(refs.map((ref) => ref.key).sort());
      expect(new Set(refs.map((ref) => ref.key)).size).toBe(2);
    },
  },
  {
    says: "lists the tables of its network that carry the tag",
    run: async (world) => {
      const refs = await world.open({ by: "tag", value: "yes" }).survey(untilDone()).then(tablesIn);

      expect(refs.map((ref) => ref.id).sort()).toEqual(world.tables.slice(0, 2).sort());
    },
  },
  {
    says: "takes a tag's value as it is written, without wildcards",
    run: async (world) => {
      for (const value of ["*", "y?s", "ye\\s"]) {
        const listing = world.open({ by: "tag", value }).survey(untilDone()).then(tablesIn);

        await expect(listing).rejects.toMatchObject({ code: "TABLE_MISSING" });
      }
    },
  },
  {
    says: "lists every table of its network through all pages, and none of another",
    tables: 130,
    run: async (world) => {
      const refs = await world.open({ by: "network" }).survey(untilDone()).then(tablesIn);

      const ids = refs.map((ref) => ref.id);
      for (const id of world.tables) expect(ids).toContain(id);
      expect(ids).not.toContain(world.tableElsewhere);
    },
  },
  {
    says: "refuses a table of another network, with what to do",
    run: async (world) => {
      const listing = world
        .open({ by: "id", ids: [world.tables[0] ?? "", world.tableElsewhere] })
        .survey(untilDone())
        .then(tablesIn);

      await expect(listing).rejects.toMatchObject({
        code: "INVALID",
        retry: "never",
        message: expect.stringContaining(world.tableElsewhere),
        next: expect.stringContaining(world.tableElsewhere),
      });
    },
  },
  {
    says: "says which of the named tables is not there",
    run: async (world) => {
      const listing = world
        .open({ by: "id", ids: [world.tables[0] ?? "", world.tableMissing] })
        .survey(untilDone())
        .then(tablesIn);

      await expect(listing).rejects.toMatchObject({
        code: "TABLE_MISSING",
        retry: "later",
        message: expect.stringContaining(world.tableMissing),
      });
    },
  },
  {
    says: "says when no table carries the tag",
    run: async (world) => {
      const listing = world.open({ by: "tag", value: "no" }).survey(untilDone()).then(tablesIn);

      await expect(listing).rejects.toMatchObject({ code: "TABLE_MISSING", next: expect.stringContaining("tag") });
    },
  },
  {
    says: "does not begin to read when the run is over",
    run: async (world) => {
      const listing = world.open({ by: "network" }).survey(AbortSignal.abort()).then(tablesIn);

      await expect(listing).rejects.toMatchObject({ name: "RouteError", code: "TIMED_OUT", retry: "soon" });
    },
  },
];
