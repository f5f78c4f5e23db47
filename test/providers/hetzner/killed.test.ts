import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/hetzner/in-process.ts";
import { RouteError } from "../../../shared/domain/errors.ts";
import { planRoutes } from "../../../shared/domain/plan.ts";
import { changeOf, isWrite, type WriteStep } from "../../../shared/domain/plan-steps.ts";
import type { LedgerEntry } from "../../../shared/domain/records.ts";
import type { Guard, RouteProvider } from "../../../shared/ports/route-provider.ts";
import { mayWrite, turnOf, untilDone } from "../contract/world.ts";
import { A, ACTION_MS, B, destination, gateways, planted, table, type VirtualWorld, virtualWorld } from "./virtual.ts";

const ROUTES = 3;
/** Requests of an undisturbed swap of these routes: every one of them is a point to be killed at. */
const REQUESTS = 30;
const ROUNDS = 10;

/** Requests up to the n-th; that one lands or not, and neither it nor any later one is answered. */
function dyingFetch(world: VirtualWorld, nth: number, lands: boolean): typeof fetch {
  const send = inProcess(world.emulator);
  let sent = 0;
  return async (input, init) => {
    sent++;
    if (sent < nth) return send(input, init);
    if (sent === nth && lands) void send(input, { ...init, signal: null }).catch(() => undefined);
    return new Promise<never>(() => undefined);
  };
}

/** What a run of the routes function does with a location whose every route is in the ledger. */
async function runOnce(provider: RouteProvider): Promise<readonly WriteStep[]> {
  const desired = Array.from({ length: ROUTES }, (_, at) => destination(at));
  const { tables, routes } = await provider.survey(untilDone());
  const steps = planRoutes({
    desired,
    tables,
    routes,
    entries: desired.map(owned),
    active: B,
    own: new Set([A, B]),
    locationId: "l1",
    generation: 1,
    removeRoutes: false,
  }).filter(isWrite);
  await provider.write(steps.map(changeOf), turnOf(), untilDone());
  return steps;
}

function owned(to: string): LedgerEntry {
  const by = { linkId: "k1", locationId: "l1", generation: 1, epoch: 1, atMs: 0, by: "test" };
  return { table: table.key, destination: to, state: "owned", seen: "", ...by };
}

type Death = {
  readonly nth: number;
  readonly lands: boolean;
  readonly deleted: "when accepted" | "when done";
  readonly guard: Guard;
};

/** Lets a run die at its n-th request; the gateways that it leaves, and those after the runs that follow. */
async function afterDeath({ nth, lands, deleted, guard }: Death) {
  const world = virtualWorld();
  world.emulator.control.operations({ ms: ACTION_MS, deleted });
  const changes = planted(world, ROUTES);
  // It dies with its request: nothing that it would still do is done.
  void world.open({ fetch: dyingFetch(world, nth, lands) }).write(changes, turnOf(guard), untilDone());
  for (let at = 0; at < 200; at++) await world.clock.advance(20);
  const left = gateways(world);
  const next = world.open();
  for (let round = 0; round < ROUNDS; round++) {
    const { value } = await world.drive(runOnce(next));
    if (value.length === 0) break;
  }
  return { left, settled: gateways(world) };
}

describe.each(["when accepted", "when done"] as const)("a run that is killed (deleted %s)", (deleted) => {
  it("at any point is completed by the next one", async () => {
    let halfDone = 0;
    for (let nth = 1; nth <= REQUESTS; nth++) {
      for (const lands of [true, false]) {
        const { left, settled } = await afterDeath({ nth, lands, deleted, guard: mayWrite });

        if (left.length < ROUTES) halfDone++;
        if (nth === REQUESTS) expect(left).toEqual([B, B, B]);
        expect({ nth, lands, settled }).toEqual({ nth, lands, settled: [B, B, B] });
      }
    }
    expect(halfDone).toBeGreaterThan(0);
  });

  it("while it puts back what it deleted is completed by the next one", async () => {
    let halfDone = 0;
    for (let nth = 1; nth <= REQUESTS / 2; nth++) {
      for (const lands of [true, false]) {
        let asked = 0;
        const guard = async () => {
          asked++;
          if (asked > 1) throw new RouteError("SUPERSEDED", "a newer decision", { retry: "soon", next: "nothing" });
        };
        const { left, settled } = await afterDeath({ nth, lands, deleted, guard });

        if (left.length < ROUTES) halfDone++;
        if (nth > REQUESTS / 2 - 1) expect(left).toEqual([A, A, A]);
        expect({ nth, lands, settled }).toEqual({ nth, lands, settled: [B, B, B] });
      }
    }
    expect(halfDone).toBeGreaterThan(0);
  });
});
