import { describe, expect, it } from "vitest";
import { createHetznerEmulator } from "../../../dev/emulators/hetzner/emulator.ts";
import { inProcess } from "../../../dev/emulators/hetzner/in-process.ts";
import { serveHetzner } from "../../../dev/emulators/hetzner/server.ts";
import { testClock } from "../../../dev/test-clock.ts";
import { HOME, seedOf, TOKEN } from "../../providers/hetzner/emulated-world.ts";

type Answer = { readonly status: number; readonly code: string; readonly headers: Headers; readonly body: Body };
type Body = {
  readonly error?: { readonly code: string };
  readonly action?: { readonly id: number; readonly status: string; readonly progress: number };
  readonly servers?: readonly { readonly id: number }[];
  readonly meta?: { readonly pagination: Readonly<Record<string, number | null>> };
};

function world() {
  const clock = testClock();
  const emulator = createHetznerEmulator({ clock, world: seedOf() });
  const send = inProcess(emulator);
  const call = async (method: string, path: string, body?: object, token = TOKEN): Promise<Answer> => {
    const response = await send(`http://emulator/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Body;
    return { status: response.status, code: answer.error?.code ?? "", headers: response.headers, body: answer };
  };
  const change = (action: string, destination: string, gateway: string) =>
    call("POST", `/networks/${HOME}/actions/${action}`, { destination, gateway });
  return { clock, emulator, call, change };
}

describe("the Hetzner emulator", () => {
  it("lets nobody in without a token, and nobody write with one that may only read", async () => {
    const { emulator, call } = world();
    emulator.seed({ tokens: [{ token: "reader", access: "read" }] });

    expect(await call("GET", "/networks", undefined, "wrong")).toMatchObject({ status: 401, code: "unauthorized" });
    const body = { destination: "10.200.0.0/16", gateway: "10.0.0.4" };
    const path = `/networks/${HOME}/actions/add_route`;
    expect(await call("POST", path, body, "reader")).toMatchObject({ status: 403, code: "token_readonly" });
    expect((await call("GET", "/networks", undefined, "reader")).status).toBe(200);
  });

  it.each([
    ["an overlap with a subnet", "10.0.0.0/25", "10.0.0.4", "invalid_input"],
    ["an overlap with another route", "10.200.7.0/24", "10.0.0.4", "invalid_input"],
    ["the same destination again", "10.200.0.0/16", "10.0.0.5", "invalid_input"],
    ["a public destination", "203.0.113.0/24", "10.0.0.4", "invalid_input"],
    ["a destination with host bits", "10.201.0.1/16", "10.0.0.4", "invalid_input"],
    ["an IPv6 destination", "fd00::/64", "10.0.0.4", "invalid_input"],
    ["the gateway of public interfaces inside", "172.16.0.0/12", "10.0.0.4", "invalid_input"],
    ["a gateway of another network", "10.201.0.0/16", "10.99.0.4", "invalid_input"],
    ["the network's first address as gateway", "10.201.0.0/16", "10.0.0.1", "invalid_input"],
    ["a gateway behind a vSwitch", "10.201.0.0/16", "10.0.9.4", "invalid_input"],
  ])("refuses %s", async (_what, destination, gateway, code) => {
    const { emulator, change } = world();
    emulator.control.putRoute(HOME, { destination: "10.200.0.0/16", gateway: "10.0.0.4" });

    expect(await change("add_route", destination, gateway)).toMatchObject({ status: 422, code });
  });

  it("takes no more routes than the network's quota", async () => {
    const { emulator, change } = world();
    emulator.control.setQuota(HOME, 1);

    expect((await change("add_route", "10.200.0.0/16", "10.0.0.4")).status).toBe(201);
    expect(await change("add_route", "10.201.0.0/16", "10.0.0.4")).toMatchObject({ code: "resource_limit_exceeded" });
  });

  it("deletes a route only by way of the gateway that it has", async () => {
    const { change } = world();
    await change("add_route", "10.200.0.0/16", "10.0.0.4");

    expect(await change("delete_route", "10.200.0.0/16", "10.0.0.5")).toMatchObject({ code: "not_found" });
    expect((await change("delete_route", "10.200.0.0/16", "10.0.0.4")).status).toBe(201);
  });

  it("runs one action at a time in a network, and tells how far it is", async () => {
    const { clock, emulator, call, change } = world();
    emulator.control.operations({ ms: 500, deleted: "when done" });

    const { body } = await change("add_route", "10.200.0.0/16", "10.0.0.4");
    expect(body.action).toMatchObject({ status: "running", progress: 0 });
    expect(await change("add_route", "10.201.0.0/16", "10.0.0.4")).toMatchObject({ status: 423, code: "locked" });
    expect(emulator.control.routes(HOME)).toEqual([]);
    await clock.advance(500);

    expect((await call("GET", `/actions/${body.action?.id}`)).body.action).toMatchObject({
      status: "success",
      progress: 100,
    });
    expect(emulator.control.routes(HOME)).toHaveLength(1);
    expect((await change("add_route", "10.201.0.0/16", "10.0.0.4")).status).toBe(201);
  });

  it("counts requests against 3600 an hour, of which one comes back a second", async () => {
    const { clock, emulator, call } = world();
    emulator.control.throttling(true);

    const { headers } = await call("GET", `/networks/${HOME}`);
    expect([headers.get("ratelimit-limit"), headers.get("ratelimit-remaining")]).toEqual(["3600", "3599"]);
    emulator.control.rateLimit(3_600, 1);
    expect((await call("GET", `/networks/${HOME}`)).status).toBe(200);
    expect(await call("GET", `/networks/${HOME}`)).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    clock.jump(1_000);
    expect((await call("GET", `/networks/${HOME}`)).status).toBe(200);
  });

  it("shows lists in pages of at most 50", async () => {
    const { emulator, call } = world();
    const servers = Array.from({ length: 50 }, (_, at) => ({ id: 100 + at, name: `many-${at}` }));
    emulator.seed({ servers });

    const first = await call("GET", "/servers?per_page=50");
    expect(first.body.servers).toHaveLength(50);
    expect(first.body.meta?.pagination).toMatchObject({ page: 1, next_page: 2, last_page: 2, total_entries: 54 });
    expect((await call("GET", "/servers?per_page=50&page=2")).body.meta?.pagination["next_page"]).toBeNull();
    expect((await call("GET", "/servers?per_page=51")).code).toBe("invalid_input");
  });

  it.each([
    ["pointsman-host", [11, 12, 14]],
    ["!pointsman-host", [13]],
    ["pointsman-host=hosta", [11]],
    ["pointsman-host==hosta", [11]],
    ["pointsman-host!=hosta,pointsman-host", [12, 14]],
  ])("selects servers by the label selector %s", async (selector, ids) => {
    const { call } = world();

    const { body } = await call("GET", `/servers?label_selector=${encodeURIComponent(selector)}`);

    expect(body.servers?.map(({ id }) => id)).toEqual(ids);
  });

  it("may show what stood a while ago", async () => {
    const { clock, emulator, call } = world();
    await clock.advance(5_000);
    emulator.control.readLag(5_000);
    emulator.control.putServer({ id: 99, name: "new", status: "running", private_net: [], labels: {} });
    await clock.advance(2_000);

    const seen = new Set<number>();
    for (let reads = 0; reads < 30; reads++) seen.add((await call("GET", "/servers")).body.servers?.length ?? 0);

    expect([...seen].sort()).toEqual([4, 5]);
    expect(emulator.dump().servers).toHaveLength(5);
  });

  it("is dumped and restored as plain JSON, and numbers its actions on", async () => {
    const { emulator, change } = world();
    await change("add_route", "10.200.0.0/16", "10.0.0.4");
    const kept = JSON.parse(JSON.stringify(emulator.dump()));
    const other = createHetznerEmulator({ clock: testClock() });

    other.restore(kept);

    expect(other.dump()).toEqual(kept);
    expect(kept.lastActionId).toBe(1);
    expect(() => other.restore({ ...kept, volumes: [] })).toThrow();
  });

  it("is served where the API's version is part of the address", async () => {
    const { emulator } = world();
    const server = await serveHetzner(emulator);

    const response = await fetch(`${server.url}/networks/${HOME}`, { headers: { authorization: `Bearer ${TOKEN}` } });
    await server.close();

    expect(server.url).toMatch(/\/v1$/);
    expect(response.status).toBe(200);
  });
});
