import { beforeEach, describe, expect, it } from "vitest";
import type { Problem, StatusAnswer } from "../../functions/admin/status-schemas.ts";
import { createFailover, type Failover } from "../../functions/failover/failover.ts";
import type { Replication } from "../../shared/domain/replication.ts";
import { sampleFile, sampleWorld, type World } from "../admin/world.ts";

/** Promise 1 over a table of several regions: nothing is decided where two regions could decide at once. */
const eventual: Replication = { kind: "eventual", regions: ["eu-west-1"] };
const strong: Replication = { kind: "strong", regions: ["eu-central-1", "eu-west-1"] };

let now: Replication;
let cleaned: number;
let cleaning: () => Promise<number>;
let world: World;
let failover: Failover;
beforeEach(async () => {
  now = { kind: "one-region" };
  cleaned = 0;
  cleaning = async () => ++cleaned;
  world = await sampleWorld({ tableCare: { replication: async () => now, removeExpired: () => cleaning() } });
  failover = createFailover(world.deps);
});

/** a1 dies; a2 is heard for as long as it takes to be steady. */
async function killA1(): Promise<void> {
  for (let beats = 0; beats < 10; beats++) {
    await world.clock.advance(8_000);
    await world.beat("backbone/us-east/a2", "backbone/us-west/b1", "backbone/us-west/b2");
  }
}
const headOfEast = async () => {
  const { link, location } = await world.place("backbone/us-east/a1");
  return (await world.store.readHead(link.id, location.id)).value?.value;
};
const statusNow = async () => (await world.get("status")).body as StatusAnswer;
const pauseOf = async () => (await statusNow()).links[0]?.paused?.by;
const messages = async () =>
  (await world.store.readEvents({ sinceMs: 0, key: undefined }, 1_000)).events.map((event) => event.message);

describe("over a table that is replicated with eventual consistency", () => {
  beforeEach(() => {
    now = eventual;
  });

  it("no sweep decides, nor the ticks after it, nor an elector that never looks at the table itself", async () => {
    await killA1();

    await failover.scheduled();
    await failover.tick({ kind: "sweep", dueMs: world.clock.nowMs() });
    await world.elect("backbone/us-east");

    expect(await headOfEast()).toMatchObject({ epoch: 1 });
  });

  it("an event, the log and the status say so, and what to do", async () => {
    await failover.scheduled();

    const told = /eu-west-1 with eventual consistency.*nothing is decided.*multi-Region strong consistency/s;
    expect((await messages()).filter((message) => told.test(message))).toHaveLength(1);
    expect(world.logged.filter((line) => told.test(line))).toHaveLength(1);
    const { problems } = await statusNow();
    expect(problems).toContainEqual({
      severity: "error",
      where: "backbone",
      what: expect.stringMatching(/nothing fails over.*eventual consistency/),
      next: expect.stringMatching(/docs\/deploy\/regions\.md/),
    } satisfies Record<keyof Problem, unknown>);
  });

  it("an operator's resume and apply are refused", async () => {
    await failover.scheduled();

    const applied = await world.post("apply", { file: sampleFile.replace("priority: 10", "priority: 11") });
    expect(applied).toMatchObject({ status: 409, body: { error: { code: "table-eventual" } } });
    expect(await world.post("resume")).toMatchObject({ status: 409, body: { error: { code: "table-eventual" } } });
    expect(await pauseOf()).toBe("the check of the table");
  });

  it("a pause of an operator stays his, also when the table is right again", async () => {
    await world.post("pause");
    await failover.scheduled();
    expect(await pauseOf()).toBe("operator maria");

    now = strong;
    await failover.scheduled();

    expect(await pauseOf()).toBe("operator maria");
  });

  it("doctor finds it", async () => {
    const { body } = await world.post("doctor");

    expect((body as { readonly findings: unknown }).findings).toContainEqual(
      expect.objectContaining({ about: "the table", state: "fail", found: expect.stringContaining("eventual") }),
    );
  });
});

describe("once the table is right", () => {
  it.each([{ kind: "one-region" } as const, strong])("decisions go on by themselves: $kind", async (right) => {
    now = eventual;
    await killA1();
    await failover.scheduled();
    expect((await headOfEast())?.epoch).toBe(1);

    now = right;
    await failover.scheduled();
    await world.beat("backbone/us-east/a2");
    await failover.tick({ kind: "sweep", dueMs: world.clock.nowMs() });

    expect((await headOfEast())?.epoch).toBe(2);
    expect((await messages()).filter((message) => message.startsWith("resume of backbone"))).toHaveLength(1);
    expect(await pauseOf()).toBeUndefined();
  });

  it("is told with strong consistency by doctor", async () => {
    now = strong;
    const { body } = await world.post("doctor");

    expect((body as { readonly findings: unknown }).findings).toContainEqual(
      expect.objectContaining({ about: "the table", state: "pass", found: expect.stringContaining("eu-west-1") }),
    );
  });
});

describe("when it cannot be told how the table is replicated", () => {
  beforeEach(async () => {
    await killA1();
    await failover.scheduled();
    world.logged.length = 0;
    now = { kind: "unknown", why: "AccessDeniedException: no" };
  });

  it("elections go on, and a line in the log says why it is not known", async () => {
    const before = (await headOfEast())?.epoch ?? 0;
    await world.post("switchover/backbone/us-west", { host: "b2", why: "" });

    await failover.scheduled();

    expect(before).toBe(2);
    expect(await pauseOf()).toBeUndefined();
    expect(world.logged.join("\n")).toMatch(/cannot be told.*AccessDeniedException/);
  });

  it("a pause that was made while it was known stays", async () => {
    now = eventual;
    await failover.scheduled();
    now = { kind: "unknown", why: "throttled" };

    await failover.scheduled();

    expect(await pauseOf()).toBe("the check of the table");
  });
});

describe("expired items", () => {
  it.each([
    [{ kind: "one-region" } as const, 0],
    [strong, 1],
    [eventual, 0],
    [{ kind: "unknown", why: "" } as const, 0],
  ])("are deleted by the scheduled run where the table itself cannot: %j", async (replication, times) => {
    now = replication;

    await failover.scheduled();
    await failover.tick({ kind: "sweep", dueMs: world.clock.nowMs() });

    expect(cleaned).toBe(times);
  });

  it("that cannot be deleted are no reason for a run to fail", async () => {
    now = strong;
    cleaning = () => Promise.reject(new Error("not authorized to scan"));

    await failover.scheduled();

    expect(world.logged.join("\n")).toMatch(/expired items.*not authorized to scan/);
  });
});
