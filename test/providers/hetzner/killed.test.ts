import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/hetzner/in-process.ts";
import { planRoutes } from "../../../shared/domain/plan.ts";
import { changeOf, isWrite, type WriteStep } from "../../../shared/domain/plan-steps.ts";
import type { LedgerEntry } from "../../../shared/domain/records.ts";
import type { RouteProvider } from "../../../shared/ports/route-provider.ts";
import { turnOf, untilDone } from "../contract/world.ts";
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

describe("a run that is killed", () => {
  it.each(["when accepted", "when done"] as const)(
    "at any point is completed by the next one (deleted %s)",
    async (deleted) => {
      let halfDone = 0;
      for (let nth = 1; nth <= REQUESTS; nth++) {
        for (const lands of [true, false]) {
          const world = virtualWorld();
          world.emulator.control.operations({ ms: ACTION_MS, deleted });
          const changes = planted(world, ROUTES);
          // It dies with its request: nothing that it would still do is done.
          void world.open({ fetch: dyingFetch(world, nth, lands) }).write(changes, turnOf(), untilDone());
          for (let at = 0; at < 200; at++) await world.clock.advance(20);
          if (gateways(world).length < ROUTES) halfDone++;

          const next = world.open();
          for (let round = 0; round < ROUNDS; round++) {
            const { value } = await world.drive(runOnce(next));
            if (value.length === 0) break;
          }

          expect({ nth, lands, gateways: gateways(world) }).toEqual({ nth, lands, gateways: [B, B, B] });
        }
      }
      expect(halfDone).toBeGreaterThan(0);
    },
  );
});
