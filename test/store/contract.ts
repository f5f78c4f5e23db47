import { beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Database, Key } from "../../shared/ports/database.ts";

/** A database to test, on a clock that the test can read; every call opens a fresh, empty table. */
export type OpenDatabase = () => Promise<{ readonly database: Database; readonly clock: Clock }>;

const key: Key = { pk: "p", sk: "s" };
const item = (data: Record<string, string | number>, at: Key = key, expiresAtS?: number) => ({
  key: at,
  schema: 1,
  data,
  ...(expiresAtS === undefined ? {} : { expiresAtS }),
});

/** What every implementation of the database port must do. */
export function databaseContract(name: string, open: OpenDatabase): void {
  describe(`database port: ${name}`, () => {
    let database: Database;
    let clock: Clock;
    beforeEach(async () => {
      ({ database, clock } = await open());
    });

    const write = async (data: Record<string, string | number>) => {
      const outcome = await database.put(item(data), { kind: "absent" });
      if (outcome.kind !== "written") throw new Error("expected the first write to win");
      return outcome.revision;
    };

    it("gives undefined for an item that is not there", async () => {
      expect((await database.get(key, "strong")).value).toBeUndefined();
    });

    it("gives back what was written, with its revision and schema version", async () => {
      const revision = await write({ name: "a", count: 3 });

      const found = (await database.get(key, "strong")).value;

      expect(found).toEqual({ key, revision, schema: 1, data: { name: "a", count: 3 } });
    });

    it("keeps bytes, lists, maps, booleans, null and empty values as they are", async () => {
      const data = {
        bytes: new Uint8Array([0, 255]),
        list: [1, "two"],
        map: { deep: { yes: true } },
        none: null,
        empty: "",
      };

      await database.put({ key, schema: 1, data }, { kind: "absent" });

      const found = (await database.get(key, "strong")).value;
      expect(found?.data).toMatchObject({ list: [1, "two"], map: { deep: { yes: true } }, none: null, empty: "" });
      expect(found?.data["bytes"]).toEqual(new Uint8Array([0, 255]));
    });

    it("refuses to create what exists", async () => {
      await write({ n: 1 });

      expect(await database.put(item({ n: 2 }), { kind: "absent" })).toEqual({ kind: "conflict" });
      expect((await database.get(key, "strong")).value?.data).toEqual({ n: 1 });
    });

    it("replaces an item whose revision is named, and raises the revision by one", async () => {
      const first = await write({ n: 1 });

      const second = await database.put(item({ n: 2 }), { kind: "revision", revision: first });

      expect(second).toEqual({ kind: "written", revision: first + 1 });
      expect((await database.get(key, "strong")).value?.data).toEqual({ n: 2 });
    });

    it("refuses to replace an item that has moved on, or is not there", async () => {
      const first = await write({ n: 1 });
      await database.put(item({ n: 2 }), { kind: "revision", revision: first });

      expect(await database.put(item({ n: 3 }), { kind: "revision", revision: first })).toEqual({ kind: "conflict" });
      const elsewhere = item({ n: 3 }, { pk: "p", sk: "other" });
      expect(await database.put(elsewhere, { kind: "revision", revision: 1 })).toEqual({ kind: "conflict" });
    });

    it("lets exactly one of two hundred racing writers win", async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, n) => database.put(item({ n }), { kind: "absent" })),
      );

      expect(outcomes.filter((outcome) => outcome.kind === "written")).toHaveLength(1);
    });

    it("removes an item whose revision is named, and no other", async () => {
      const revision = await write({ n: 1 });

      expect(await database.remove(key, { kind: "revision", revision: revision + 1 })).toEqual({ kind: "conflict" });
      expect((await database.remove(key, { kind: "revision", revision })).kind).toBe("written");
      expect((await database.get(key, "strong")).value).toBeUndefined();
      expect(await database.remove(key, { kind: "revision", revision })).toEqual({ kind: "conflict" });
    });

    it("does not show an expired item to a reader, and lets a writer take its place", async () => {
      const nowS = Math.floor(clock.nowMs() / 1000);
      await database.put(item({ n: 1 }, key, nowS - 1), { kind: "absent" });

      expect((await database.get(key, "strong")).value).toBeUndefined();
      expect((await database.query({ pk: "p" }, "strong")).value).toEqual([]);
      expect((await database.put(item({ n: 2 }), { kind: "absent" })).kind).toBe("written");
      expect((await database.get(key, "strong")).value?.data).toEqual({ n: 2 });
    });

    it("queries a partition in order of sort key, both ways, by prefix, after a key and with a limit", async () => {
      for (const sk of ["b#2", "a", "b#1", "c"]) await database.put(item({}, { pk: "q", sk }), { kind: "absent" });
      await database.put(item({}, { pk: "other", sk: "b#9" }), { kind: "absent" });
      const found = async (query: object) =>
        (await database.query({ pk: "q", ...query }, "strong")).value.map((one) => one.key.sk);

      expect(await found({})).toEqual(["a", "b#1", "b#2", "c"]);
      expect(await found({ prefix: "b#" })).toEqual(["b#1", "b#2"]);
      expect(await found({ after: "b#1" })).toEqual(["b#2", "c"]);
      expect(await found({ order: "descending", limit: 1 })).toEqual(["c"]);
      expect(await found({ prefix: "zz" })).toEqual([]);
    });

    it("reads a partition of more than one page whole", async () => {
      const blob = "x".repeat(300_000);
      for (let n = 0; n < 5; n++) {
        await database.put(item({ blob }, { pk: "big", sk: `k${n}` }), { kind: "absent" });
      }

      expect((await database.query({ pk: "big" }, "strong")).value).toHaveLength(5);
    });

    it("says when it was read, by the caller's clocks and by its own", async () => {
      const observed = await database.get(key, "strong");

      expect(observed.receivedMs).toBeGreaterThanOrEqual(observed.sentMs);
      expect(observed.databaseMs).toBeTypeOf("number");
      expect(Math.abs((observed.databaseMs ?? 0) - clock.nowMs())).toBeLessThan(5_000);
    });
  });
}
