import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/hetzner/in-process.ts";
import { HETZNER_OPERATIONS, operationOf } from "../../../dev/emulators/hetzner/requests.ts";
import { turnOf, untilDone } from "../../providers/contract/world.ts";
import { HOME, TOKEN } from "../../providers/hetzner/emulated-world.ts";
import { planted, type VirtualWorld, virtualWorld } from "../../providers/hetzner/virtual.ts";
import { describedOperations, mistakesIn, requiredFields } from "./description.ts";

type Seen = { readonly operation: string; readonly mistakes: readonly string[] };

/** Compares every exchange with the description on its way. */
function checked(world: VirtualWorld): { readonly fetch: typeof fetch; readonly seen: readonly Seen[] } {
  const seen: Seen[] = [];
  const send = inProcess(world.emulator);
  return {
    seen,
    fetch: async (input, init) => {
      const url = new URL(String(input));
      const { name } = operationOf({ method: init?.method ?? "GET", path: url.pathname });
      const response = await send(input, init);
      const answer: unknown = await response.clone().json();
      const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
      const exchange = { operation: name, query: url.searchParams, body, status: response.status, answer };
      seen.push({ operation: name, mistakes: mistakesIn(exchange) });
      return response;
    },
  };
}

const authorized = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
const url = (path: string) => `http://emulator/v1${path}`;

describe("Hetzner's description of its API", () => {
  it("knows every operation of the emulator, and the emulator every one that was taken from it", () => {
    expect([...HETZNER_OPERATIONS].sort()).toEqual([...describedOperations].sort());
  });

  it("knows all that the provider sends and gets in a day's work", async () => {
    const world = virtualWorld();
    const { fetch, seen } = checked(world);
    const provider = world.open({ fetch });
    const { control } = world.emulator;
    const changes = planted(world, 4);
    control.fail({ action: "delete_route", fault: { kind: "drop", written: true } });
    control.failOperation({ command: "add_route", code: "action_failed", message: "Action failed" });
    const hosts = ["server-11", "10.0.0.5", "auto"].map((target) => ({
      hostId: "hosta",
      target,
      localAddress: "10.0.0.4",
    }));

    await world.drive(provider.survey(untilDone()));
    await world.drive(provider.targets(hosts, untilDone()));
    await world.drive(provider.write(changes, turnOf(), untilDone()));
    const { routes } = (await world.drive(provider.survey(untilDone()))).value;
    await world.drive(
      provider.write(
        routes.map(({ table, destination, target }) => ({ kind: "remove", table, destination, found: target })),
        turnOf(),
        untilDone(),
      ),
    );

    expect(seen.flatMap(({ mistakes }) => mistakes)).toEqual([]);
    expect(new Set(seen.map(({ operation }) => operation)).size).toBe(6);
  });

  it("knows what the emulator answers to everything else that it takes", async () => {
    const world = virtualWorld();
    const { fetch, seen } = checked(world);
    planted(world, 3);
    world.emulator.seed({
      firewalls: [
        {
          id: 38,
          rules: [
            { protocol: "tcp", port: "80-85", ips: ["0.0.0.0/0"] },
            { protocol: "icmp", ips: [] },
          ],
        },
        { id: 39, rules: [{ direction: "out", protocol: "udp", port: "500", ips: ["198.51.100.7/32"] }] },
      ],
      servers: [{ id: 15, name: "guarded", firewalls: [38] }],
    });
    world.emulator.control.operations({ ms: 60_000, deleted: "when done" });
    const body = JSON.stringify({ destination: "10.240.0.0/16", gateway: "10.0.0.4" });
    const requests: readonly (readonly [string, RequestInit?])[] = [
      ["/networks?name=home&label_selector=a%3Db&page=1&per_page=50"],
      ["/networks"],
      ["/firewalls?sort=id&name=firewall&page=1&per_page=1"],
      ["/firewalls"],
      [`/networks/${HOME}/actions/add_route`, { method: "POST", body }],
      [`/networks/${HOME}/actions?status=running&status=error&sort=id%3Adesc`],
      ["/servers?status=running&sort=id"],
      ["/servers/11"],
      ["/actions/1"],
    ];

    for (const [path, init] of requests) {
      const { value } = await world.drive(fetch(url(path), { ...init, headers: authorized }));
      expect([path, value.status < 300]).toEqual([path, true]);
    }

    expect(seen.flatMap(({ mistakes }) => mistakes)).toEqual([]);
  });

  it("has no room for what the emulator refuses: unknown and missing fields, other types, unknown parameters", async () => {
    const world = virtualWorld();
    const send = inProcess(world.emulator);
    const statusOf = async (path: string, init?: RequestInit) =>
      (await world.drive(send(url(path), { ...init, headers: authorized }))).value.status;
    const good = { destination: "10.240.0.0/16", gateway: "10.0.0.4" };
    for (const action of ["add_route", "delete_route"]) {
      const operation = `POST /networks/{id}/actions/${action}`;
      const fields = requiredFields(operation);
      expect(fields).toEqual(Object.keys(good));
      const bodies: readonly object[] = [
        { ...good, metric: 1 },
        ...fields.map((field) => ({ ...good, [field]: undefined })),
        ...fields.map((field) => ({ ...good, [field]: 5 })),
      ];
      for (const body of bodies) {
        const text = JSON.stringify(body);
        expect(
          mistakesIn({ operation, query: new URLSearchParams(), body: JSON.parse(text), status: 422, answer: null }),
        ).not.toEqual([]);
        expect(await statusOf(`/networks/${HOME}/actions/${action}`, { method: "POST", body: text })).toBe(422);
      }
    }

    expect(await statusOf("/servers?network=4711")).toBe(422);
    expect(await statusOf("/networks/4711?fields=routes")).toBe(422);
    expect(await statusOf("/network_routes")).toBe(404);
  });
});
