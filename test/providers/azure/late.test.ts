import type { HttpClient } from "@azure/core-rest-pipeline";
import { createHttpHeaders } from "@azure/core-rest-pipeline";
import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/azure/in-process.ts";
import { limits } from "../../../shared/domain/limits.ts";
import type { RouteChange } from "../../../shared/ports/route-provider.ts";
import {
  codes,
  destination,
  HOST_A,
  HOST_B,
  mayWrite,
  never,
  refOf,
  replace,
  routesWorld,
  turn,
  type VirtualWorld,
  virtualWorld,
} from "./virtual.ts";

const table = refOf("rt-1");
const remove = (to: string): RouteChange => ({ kind: "remove", table, destination: to, found: HOST_A });

/** The emulator's HTTP client with what `change` makes of each answer. */
function answering(
  world: VirtualWorld,
  change: (answer: Awaited<ReturnType<HttpClient["sendRequest"]>>) => Awaited<ReturnType<HttpClient["sendRequest"]>>,
): HttpClient {
  const inner = inProcess(world.emulator);
  return { sendRequest: async (request) => change(await inner.sendRequest(request)) };
}

describe("a route of Azure that is to be written though reads show it in place", () => {
  it("is not told as written when a delete of an older decision lands after it was read", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.operations(3_000);
    const older = world.open().write([remove(destination(0))], turn, never());
    await world.clock.advance(500);

    const { value } = await world.drive(
      world.open().write([replace(table, destination(0), HOST_A, HOST_A)], { guard: mayWrite, epoch: 2 }, never()),
    );
    await world.drive(older);

    expect(value).toMatchObject([{ error: { code: "ROUTE_MISSING", retry: "soon" } }]);
  });

  it("comes after those that do not stand as they are to", async () => {
    const world = virtualWorld(routesWorld(3));
    const changes = [
      replace(table, destination(0), HOST_A, HOST_A),
      replace(table, destination(1), HOST_A, HOST_A),
      replace(table, destination(2)),
    ];

    const { value } = await world.drive(world.open().write(changes, turn, never()));

    expect(value.map(({ change }) => change)).toEqual(changes);
    expect(world.emulator.control.calls().map((call) => call.destination)).toEqual([2, 0, 1].map(destination));
  });

  it("is put again when reads are older than what an older decision has written", async () => {
    const world = virtualWorld(routesWorld(1));
    await world.clock.advance(60_000);
    await world.drive(world.open().write([replace(table, destination(0), HOST_B, HOST_A)], turn, never()));
    world.emulator.control.readLag(60_000);

    const outcomes = new Set<string>();
    for (let tries = 0; tries < 8; tries++) {
      const again = [replace(table, destination(0), HOST_A, HOST_A)];
      const { value } = await world.drive(world.open().write(again, { guard: mayWrite, epoch: 2 }, never()));
      for (const code of codes(value)) outcomes.add(code);
      if (code(value) === "written") break;
    }

    expect(outcomes).toContain("written");
    expect(world.emulator.control.effective(table.id).get(destination(0))).toBe(HOST_A);
  });
});

describe("a route of Azure that somebody made drop its packets", () => {
  it("is pointed elsewhere as any other: it is not dead, to be put right", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.putRoute(table.id, { name: "to-0", addressPrefix: destination(0), nextHopType: "None" });

    const { value } = await world.drive(world.open().read([table], never()));

    expect(value).toMatchObject([{ target: "None", state: "active" }]);
  });
});

const code = (value: Parameters<typeof codes>[0]): string => codes(value)[0] ?? "";

describe("a changing call to Azure", () => {
  it("overwrites nothing that the operation has put there which held the table before it", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.lock(table.id, 3_000);
    void world.clock.sleep(2_900).then(() => {
      const route = { name: "to-0", addressPrefix: destination(0), nextHopIpAddress: "10.0.0.77" };
      world.emulator.control.putRoute(table.id, route);
    });

    const { value } = await world.drive(world.open().write([replace(table, destination(0))], turn, never()));

    expect(value).toMatchObject([{ error: { code: "ROUTE_EXISTS", retry: "soon" } }]);
    expect(world.emulator.control.effective(table.id).get(destination(0))).toBe("10.0.0.77");
  });

  it("is sent on nowhere: it would be made a second time without its guard", async () => {
    const world = virtualWorld(routesWorld(1));
    let asked = 0;
    let sent = 0;
    const httpClient: HttpClient = {
      sendRequest: async (request) => {
        if (request.method === "GET") return inProcess(world.emulator).sendRequest(request);
        sent++;
        const headers = createHttpHeaders({ location: `${request.url}&again=1` });
        return { request, status: 307, headers, bodyAsText: "" };
      },
    };
    const guard = async () => void asked++;

    const { value } = await world.drive(
      world.open(undefined, { httpClient }).write([replace(table, destination(0))], { guard, epoch: 1 }, never()),
    );

    expect(code(value)).not.toBe("written");
    expect([asked, sent]).toEqual([1, 1]);
  });

  it("is not told as written when Azure names another address for how its operation goes", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.operations(3_000);
    const httpClient = answering(world, (answer) => {
      if (answer.headers.has("azure-asyncoperation")) {
        answer.headers.set("azure-asyncoperation", "https://elsewhere.example/operations/1");
        answer.headers.delete("location");
      }
      return answer;
    });

    const { value } = await world.drive(
      world.open(undefined, { httpClient }).write([replace(table, destination(0))], turn, never()),
    );

    expect(value).toMatchObject([{ error: { code: "TIMED_OUT", retry: "soon" } }]);
  });

  it("is left soon after the run has ended, though Azure answers nothing any more", async () => {
    const world = virtualWorld(routesWorld(1));
    world.emulator.control.operations(60_000);
    world.emulator.control.latency("Microsoft.Network/locations/operations/read", 40_000);
    const run = new AbortController();
    void world.clock.sleep(10_000).then(() => run.abort());

    const { value, tookMs } = await world.drive(world.open().write([replace(table, destination(0))], turn, run.signal));

    expect(codes(value)).toEqual(["TIMED_OUT"]);
    expect(tookMs).toBeLessThanOrEqual(10_000 + limits.routeCallMs + 100);
  });

  it("does not hold up another location of the table beyond the end of that one's run", async () => {
    const world = virtualWorld(routesWorld(2));
    world.emulator.control.lock(table.id, 600_000);
    const provider = world.open();
    const first = new AbortController();
    void world.clock.sleep(60_000).then(() => first.abort());
    void provider.write([replace(table, destination(0))], turn, first.signal);
    await world.clock.advance(100);
    const second = new AbortController();
    void world.clock.sleep(5_000).then(() => second.abort());

    const { value, tookMs } = await world.drive(provider.write([replace(table, destination(1))], turn, second.signal));

    expect(codes(value)).toEqual(["TIMED_OUT"]);
    expect(tookMs).toBeLessThan(6_000);
  });
});
