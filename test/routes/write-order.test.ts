import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { testClock } from "../../dev/test-clock.ts";
import type { Job } from "../../functions/routes/job.ts";
import { createTries } from "../../functions/routes/tries.ts";
import { writeSteps } from "../../functions/routes/write-steps.ts";
import type { LedgerMove } from "../../shared/domain/ledger-moves.ts";
import { isWrite, type Place, type WriteStep } from "../../shared/domain/plan-steps.ts";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import { type Route, type RouteChange, routeKey } from "../../shared/domain/routes.ts";
import { openStore } from "../../shared/store/store.ts";
import { type Aim, entry, plan, route, table, type World, world, writer } from "../domain/plan-fixture.ts";
import { recordingLog } from "../platform/recording-log.ts";

const tableIds = ["t", "u"];
/** Networks within each other and beside each other, so that some hold what others are about. */
const destinations = [
  "0.0.0.0/0",
  "10.0.0.0/8",
  "10.0.0.0/9",
  "10.128.0.0/9",
  "10.1.0.0/16",
  "fd00::/8",
  "fd00:1::/32",
];
const places = tableIds.flatMap((id) => destinations.map((destination) => ({ id, destination })));
const targets = ["eni-a", "eni-b", "nat-1"];

const anyPlace = fc.record({
  target: fc.option(fc.constantFrom(...targets)),
  entry: fc.option(
    fc.record({
      state: fc.constantFrom("intended", "owned", "owned", "owned", "foreign", "orphan"),
      locationId: fc.constantFrom("here", "here", "here", "there"),
      generation: fc.constantFrom(1, 2),
    }),
    { freq: 4 },
  ),
});
const anyWorld: fc.Arbitrary<World> = fc
  .tuple(fc.array(anyPlace, { minLength: places.length, maxLength: places.length }), fc.subarray(targets))
  .map(([drawn, dead]) => {
    const routes: Route[] = [];
    const entries: LedgerEntry[] = [];
    places.forEach(({ id, destination }, at) => {
      const one = drawn[at];
      if (one?.target) routes.push(route(id, destination, one.target));
      if (one?.entry) entries.push(entry(id, destination, one.entry));
    });
    return world(routes, entries, dead);
  });
const anyAim: fc.Arbitrary<Aim> = fc.record({
  desired: fc.subarray(destinations),
  tables: fc.constant(tableIds.map(table)),
  active: fc.constantFrom("eni-a", "eni-b", null),
  own: fc.constant(new Set(["eni-a", "eni-b"])),
  removeRoutes: fc.boolean(),
});

/** What one effect was, and what stood in the cloud and in the ledger after it. */
type Effect = { readonly was: "written" | "claimed" | "settled"; readonly key: string; readonly after: World };

const withRoute = (state: World, change: RouteChange): World => {
  const routes = new Map(state.routes);
  const { table: at, destination } = change;
  if (change.kind === "remove") routes.delete(routeKey(at.key, destination));
  else routes.set(routeKey(at.key, destination), route(at.id, destination, change.target));
  return { ...state, routes };
};
const withEntry = (
  state: World,
  { table: at, destination }: Pick<Place, "table" | "destination">,
  move: LedgerMove,
): World => {
  const entries = new Map(state.entries);
  if (move?.kind === "put") entries.set(routeKey(at.key, destination), move.entry);
  if (move?.kind === "drop") entries.delete(routeKey(at.key, destination));
  return { ...state, entries };
};

/** Lets the routes function carry out the writes of a plan; calls of one batch land in any order that `mixed` gives. */
async function effectsOf(start: World, aim: Aim, mixed: (changes: readonly RouteChange[]) => readonly RouteChange[]) {
  const clock = testClock();
  const store = openStore(memoryDatabase(clock), { bytes: (count) => new Uint8Array(count) });
  const effects: Effect[] = [];
  let state = start;
  const note = (was: Effect["was"], key: string, after: World) => {
    state = after;
    effects.push({ was, key, after });
  };
  const job: Job = {
    deps: { store, clock, log: recordingLog() },
    provider: {
      survey: () => Promise.reject(new Error("not asked")),
      read: () => Promise.reject(new Error("not asked")),
      targets: () => Promise.reject(new Error("not asked")),
      async write(changes) {
        for (const change of mixed(changes)) {
          await Promise.resolve();
          note("written", routeKey(change.table.key, change.destination), withRoute(state, change));
        }
        return changes.map((change) => ({ change, result: "written", landedMs: clock.nowMs() }));
      },
    },
    tables: aim.tables,
    book: {
      entries: () => [...state.entries.values()],
      async move(place, move) {
        await Promise.resolve();
        const key = routeKey(place.table.key, place.destination);
        const isBefore = !effects.some((effect) => effect.was === "written" && effect.key === key);
        note(isBefore ? "claimed" : "settled", key, withEntry(state, place, move));
        return true;
      },
    },
    fence: {
      take: async () => true,
      guard: async () => {},
      stands: async () => true,
      isSuperseded: async () => false,
      lost: () => undefined,
      settlesMs: () => 0,
      release: async () => {},
    },
    budget: { leftMs: () => 60_000, signal: new AbortController().signal, end: () => {} },
    tries: createTries(),
    teller: { linkId: "link", locationId: "here", name: "link/here", epoch: writer.epoch },
    writer,
    plan: () => [],
    beforeWriting: async () => {},
    believeMs: undefined,
    staleCause: () => "target-moved",
  };
  const steps: readonly WriteStep[] = plan(start, aim).filter(isWrite);
  await writeSteps(job, steps, { written: 0, firstWriteMs: undefined });
  return { steps, effects };
}

/** By network, those of all that hold its first address. */
const holders = new Map(
  destinations.map((network) => {
    const [address] = ipaddr.parseCIDR(network);
    const holding = destinations.filter((other) => {
      const [base, bits] = ipaddr.parseCIDR(other);
      return base.kind() === address.kind() && address.match(base, bits);
    });
    return [network, holding] as const;
  }),
);

/** Whether some route of a table leads to the first address of a network. */
function leads(state: World, id: string, network: string): boolean {
  return holders.get(network)?.some((holder) => state.routes.has(routeKey(table(id).key, holder))) === true;
}

const anyOrder = fc.array(fc.nat(), { minLength: places.length, maxLength: places.length });
const mixer = (order: readonly number[]) => (changes: readonly RouteChange[]) =>
  changes
    .map((change, at) => [order[at] ?? 0, change] as const)
    .sort(([a], [b]) => a - b)
    .map(([, change]) => change);
const runs = { numRuns: 150, seed: 4_021 };

describe("the order in which the steps of a plan are written", () => {
  it("leaves no destination without a route at any moment, if it has one before and after", async () => {
    const property = fc.asyncProperty(anyWorld, anyAim, anyOrder, async (start, aim, order) => {
      const { effects } = await effectsOf(start, aim, mixer(order));
      const end = effects.at(-1)?.after ?? start;
      const gaps = places.filter(({ id, destination }) => {
        if (!leads(start, id, destination) || !leads(end, id, destination)) return false;
        return effects.some(({ after }) => !leads(after, id, destination));
      });
      expect(gaps).toEqual([]);
    });
    await fc.assert(property, runs);
  });

  it("changes no place twice, and none but those of the steps, at any moment", async () => {
    const property = fc.asyncProperty(anyWorld, anyAim, anyOrder, async (start, aim, order) => {
      const { steps, effects } = await effectsOf(start, aim, mixer(order));
      const written = effects.filter(({ was }) => was === "written").map(({ key }) => key);
      const planned = steps.map((step) => routeKey(step.table.key, step.destination));
      expect([...written].sort()).toEqual([...planned].sort());
      for (const { after } of effects) {
        const changed = places
          .map(({ id, destination }) => routeKey(table(id).key, destination))
          .filter((key) => after.routes.get(key)?.target !== start.routes.get(key)?.target);
        expect(changed.filter((key) => !planned.includes(key))).toEqual([]);
      }
    });
    await fc.assert(property, runs);
  });

  it("creates no route that the ledger does not say is intended, has none owned before it stands, forgets none that stands", async () => {
    const property = fc.asyncProperty(anyWorld, anyAim, anyOrder, async (start, aim, order) => {
      const { steps, effects } = await effectsOf(start, aim, mixer(order));
      for (const step of steps) {
        const key = routeKey(step.table.key, step.destination);
        for (const { after } of effects) {
          const held = after.entries.get(key);
          const isOurs = held?.locationId === "here" && ["intended", "owned"].includes(held.state);
          const isCreated = step.kind === "create" && after.routes.has(key);
          if (isCreated) expect(isOurs).toBe(true);
          const isNew = step.kind === "create" && start.entries.get(key)?.state !== "owned";
          if (isNew && held?.state === "owned") expect(after.routes.has(key)).toBe(true);
          if (step.kind === "remove" && after.routes.has(key)) expect(held).toEqual(start.entries.get(key));
        }
      }
    });
    await fc.assert(property, runs);
  });
});
