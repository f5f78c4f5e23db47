import { afterEach, describe, expect, it, vi } from "vitest";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { testClock } from "../../dev/test-clock.ts";
import type { Data, NewItem } from "../../shared/ports/database.ts";
import type { Kind, Step } from "../../shared/store/versions.ts";
import { openCloud, openControlPlane } from "./control-plane.ts";
import { beatAll, hosts, live } from "./past-life.ts";
import { toNewItem } from "./release-data.ts";

/**
 * A pretended next release: hosts and heads are of version 3, the pulse of version 2. What this release calls by its name
 * was called otherwise in the versions before.
 */
const renamed =
  (from: string, to: string): Step =>
  (data) => {
    const { [from]: value, ...rest } = data;
    return value === undefined ? rest : { ...rest, [to]: value };
  };
const pretended: { readonly [kind in Kind]?: readonly Step[] } = {
  "!pulse": [renamed("credited", "lastCreditedMs")],
  "#a": [renamed("who", "host"), renamed("host", "activeHostId")],
  decisions: [renamed("who", "host"), renamed("host", "activeHostId")],
  "#h": [renamed("seen", "times"), renamed("times", "t")],
};
const older: { readonly [kind in Kind]?: readonly [string, string] } = {
  "!pulse": ["lastCreditedMs", "credited"],
  "#a": ["activeHostId", "who"],
  decisions: ["activeHostId", "who"],
  "#h": ["t", "seen"],
};

const inForce = vi.hoisted(() => ({ steps: {} as { [kind: string]: readonly unknown[] } }));
vi.mock(import("../../shared/store/versions.ts"), async (load) => {
  const real = await load();
  return { ...real, stepsOf: (key) => (inForce.steps[kindOf(key)] ?? real.stepsOf(key)) as readonly Step[] };
});

function kindOf({ pk, sk }: NewItem["key"]): string {
  if (pk.startsWith("link/")) return sk.startsWith("!") ? sk : (/#./.exec(sk)?.[0] ?? "");
  return pk.split("/")[0] ?? "";
}

afterEach(() => {
  inForce.steps = {};
});

let life: ReturnType<typeof live> | undefined;
const leftBehind = async (): Promise<{ readonly atMs: number; readonly items: readonly NewItem[] }> => {
  life ??= live("0.0.1");
  const { atMs, items } = await life;
  return { atMs, items: items.map(toNewItem) };
};

async function planeOver(atMs: number, items: readonly NewItem[]) {
  const clock = testClock(atMs);
  const database = memoryDatabase(clock);
  for (const item of items) await database.put(item, { kind: "absent" });
  return { database, plane: openControlPlane(clock, database, openCloud(clock)) };
}

describe("items of an older version", () => {
  it("are brought to this release's as they are read, and written as such", async () => {
    const { atMs, items } = await leftBehind();
    const old = items.map((item) => {
      const [to, from] = older[kindOf(item.key) as Kind] ?? [];
      return to === undefined || from === undefined ? item : { ...item, data: renamed(to, from)(item.data, item.key) };
    });
    inForce.steps = pretended as typeof inForce.steps;
    const { plane, database } = await planeOver(atMs, old);

    await beatAll(plane, hosts, 10);
    await plane.minute();

    expect(await plane.activeOf("backbone/west")).toEqual({ name: "w2", epoch: 2 });
    expect((await plane.admin("GET", "explain/backbone/west")).status).toBe(200);
    expect(plane.log.lines).toEqual([]);
    const versions = new Map(database.dump().map(({ key, schema }) => [kindOf(key), schema]));
    expect(versions.get("#h")).toBe(3);
    expect(versions.get("!pulse")).toBe(2);
    expect(versions.get("!switches")).toBe(1);
  });

  it("may be some steps behind or none: each goes on from where it is", async () => {
    const { atMs, items } = await leftBehind();
    const mixed = items.map((item, at): NewItem => {
      if (kindOf(item.key) !== "#h") return item;
      if (at % 2 === 0) return { ...item, schema: 3 };
      return { ...item, schema: 2, data: renamed("t", "times")(item.data, item.key) };
    });
    inForce.steps = { "#h": pretended["#h"] ?? [] };
    const { plane } = await planeOver(atMs, mixed);

    await beatAll(plane, hosts, 5);

    expect((await plane.admin("GET", "status")).status).toBe(200);
    expect(plane.log.lines).toEqual([]);
  });
});

describe("items of a newer version than this release knows", () => {
  const newer = (item: NewItem): NewItem => ({ ...item, schema: 2, data: { from: "the future" } satisfies Data });

  it.each(["#h", "#a", "!pulse", "!switches", "network", "lease", "ledger", "report", "targets", "swept", "tables"])(
    "of kind %s are refused, with what to do, and never overwritten or removed",
    async (kind) => {
      const { atMs, items } = await leftBehind();
      const isOfKind = ({ key }: Pick<NewItem, "key">) =>
        kindOf(key) === kind || (key.pk.startsWith("routes/") && key.sk === kind);
      const { plane, database } = await planeOver(
        atMs,
        items.map((item) => (isOfKind(item) ? newer(item) : item)),
      );
      const there = () => database.dump().filter((item) => isOfKind(item) && item.schema === 2);
      const planted = there();
      expect(planted.length).toBeGreaterThan(0);
      const errors: string[] = [];
      const tried = async (work: Promise<unknown>) => {
        await work.catch((error: unknown) => errors.push(String(error)));
      };

      for (let round = 0; round < 8; round++) {
        await plane.clock.advance(5_000);
        for (const path of hosts) await tried(plane.beat(path));
        await tried(plane.beat("backbone/west/w2", "DELETE"));
        await tried(plane.minute());
        await tried(plane.admin("POST", "pause", { why: "" }));
        await tried(plane.admin("POST", "resume", { why: "" }));
        await tried(plane.admin("POST", "drain/backbone/west", { host: "w2", why: "" }));
        await tried(plane.admin("GET", "status"));
      }

      expect(there()).toEqual(planted);
      const told = [...errors, ...plane.log.lines.map((line) => JSON.stringify(line))].join("\n");
      expect(told).toMatch(/is of version 2, this release reads up to 1: upgrade this function/);
    },
  );
});
