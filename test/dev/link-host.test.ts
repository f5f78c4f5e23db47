import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { type Agent, type AgentOptions, createAgent } from "../../dev/link-host/agent.ts";
import { createLoopbackNet } from "../../dev/link-host/loopback-net.ts";
import { createSimulatedHost, type SimulatedHost } from "../../dev/link-host/simulated-host.ts";
import { openAnswer, parseHostUri } from "../../dev/link-host/wire.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { systemRandom } from "../../shared/platform/random.ts";
import { fakeEndpoint, linkState, type Seen, seal } from "./fake-endpoint.ts";

const secret = "s3cret";
const order = {
  id: "loc2",
  static: false,
  pre_shared_key: "psk",
  right: "198.51.100.2",
  wg_public_key: "",
  left_subnets: ["10.0.0.0/16"],
  right_subnets: ["10.1.0.0/16"],
  hash: "e1",
};

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

async function endpoint(answer: (seen: Seen) => Response | Promise<Response>) {
  const made = await fakeEndpoint(answer);
  cleanUp.push(() => made.stop());
  return made;
}

type Endpoint = Awaited<ReturnType<typeof endpoint>>;

/** A clock whose sleeps take a tenth of the time, so that heartbeats follow one another quickly. */
const hastyClock = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 10, signal) };

function agentOf(endpoints: readonly Endpoint[], changes: Partial<AgentOptions> = {}): Agent {
  const agent = createAgent({
    uri: { hostId: "host1", secret, endpoints: endpoints.map((one) => one.endpoint) },
    trust: { ca: endpoints.map((one) => one.ca).join("\n") },
    addresses: { publicAddress: "198.51.100.1", localAddress: "10.0.0.10", address6: "" },
    clock: hastyClock,
    random: systemRandom,
    check: async () => ({ state: true, latencyUs: 900 }),
    tunnel: () => "connecting",
    ...changes,
  });
  cleanUp.push(() => agent.halt());
  return agent;
}

describe("a host URI", () => {
  it("names the host, its secret and one or more endpoints", () => {
    expect(parseHostUri("pritunl://abc:XYZ@one.example,[::1]:9443,127.0.0.1:8443")).toEqual({
      hostId: "abc",
      secret: "XYZ",
      endpoints: [
        { host: "one.example", port: 443 },
        { host: "::1", port: 9443 },
        { host: "127.0.0.1", port: 8443 },
      ],
    });
  });

  it.each(["https://a:b@c", "pritunl://a-b:c@d", "pritunl://a:b@", "pritunl://a:b@c/path"])("refuses %s", (uri) => {
    expect(() => parseHostUri(uri)).toThrow(/not an? /);
  });
});

describe("an answer", () => {
  it("opens with the host's secret", async () => {
    const sealed = seal(secret, linkState());
    const opened = openAnswer(secret, {
      body: await sealed.text(),
      iv: sealed.headers.get("Cipher-IV") ?? undefined,
      signature: sealed.headers.get("Cipher-Signature") ?? undefined,
    });
    expect(opened.hash).toBe("h1");
  });

  it.each([
    ["another secret", { secret: "other" }],
    ["no signature", { signature: undefined }],
    ["no iv", { iv: undefined }],
    ["a changed body", { body: "AAAA" }],
  ])("is refused with %s", async (_, change) => {
    const sealed = seal(secret, linkState());
    const whole = {
      secret,
      body: await sealed.text(),
      iv: sealed.headers.get("Cipher-IV") ?? undefined,
      signature: sealed.headers.get("Cipher-Signature") ?? undefined,
    };
    const given = { ...whole, ...change };
    expect(() => openAnswer(given.secret, given)).toThrow(/^answer /);
  });
});

describe("a simulated agent", () => {
  it("signs its heartbeat as the protocol says and reports what it knows", async () => {
    const server = await endpoint(() => seal(secret, linkState({ links: [order], hosts: { host2: "198.51.100.2" } })));
    const agent = agentOf([server], { tunnel: () => "connected" });

    agent.start();
    await agent.nextGood();
    await agent.nextGood();

    const [first, second] = server.seen;
    const stamp = first?.headers.get("Auth-Timestamp");
    const nonce = first?.headers.get("Auth-Nonce");
    expect(nonce).toMatch(/^[0-9a-zA-Z]{32}$/);
    expect(first?.headers.get("Auth-Token")).toBe("host1");
    expect(first?.headers.get("Auth-Signature")).toBe(
      createHmac("sha512", secret).update(`host1&${stamp}&${nonce}&PUT&/link/state`).digest("base64"),
    );
    expect(JSON.parse(first?.body ?? "")).toEqual({
      timestamp: Number(stamp),
      version: "simulated-1.0",
      public_address: "198.51.100.1",
      local_address: "10.0.0.10",
      address6: "",
      wg_public_key: "",
      status: {},
      hosts: {},
      errors: null,
    });
    expect(JSON.parse(second?.body ?? "")).toMatchObject({
      status: { loc2: "connected" },
      hosts: { host2: { state: true, latency: 900 } },
    });
    expect(second?.headers.get("Auth-Nonce")).not.toBe(nonce);
  });

  it("asks all endpoints at once and takes the first good answer", async () => {
    const broken = await endpoint(() => new Response("no", { status: 500 }));
    const slow = await endpoint(async () => {
      await systemClock.sleep(300);
      return seal(secret, linkState({ hash: "slow" }));
    });
    const quick = await endpoint(() => seal(secret, linkState({ hash: "quick" })));
    const agent = agentOf([broken, slow, quick]);

    agent.start();
    const good = await agent.nextGood();

    expect(good.state.hash).toBe("quick");
    expect([broken.seen.length, slow.seen.length, quick.seen.length]).toEqual([1, 1, 1]);
    const stamps = [broken, slow, quick].map((one) => JSON.parse(one.seen[0]?.body ?? "").timestamp);
    expect(new Set(stamps).size).toBe(1);
  });

  it("goes on with its last good answer through failures", async () => {
    let count = 0;
    const server = await endpoint(() => {
      count += 1;
      return count === 1 ? seal(secret, linkState({ links: [order] })) : new Response("", { status: 503 });
    });
    const agent = agentOf([server]);

    agent.start();
    await agent.nextGood();
    while (!agent.timeline.some((moment) => moment.what === "failed")) await systemClock.sleep(20);

    expect(agent.lastGood?.state.links).toHaveLength(1);
    expect(agent.timeline.map((moment) => moment.what).slice(0, 4)).toEqual([
      "started",
      "answered",
      "active",
      "failed",
    ]);
    expect(JSON.parse(server.seen[1]?.body ?? "").status).toEqual({ loc2: "connecting" });
  });

  it("does not believe an answer that somebody else sealed", async () => {
    const server = await endpoint(() => seal("other", linkState()));
    const agent = agentOf([server]);

    agent.start();
    while (!agent.timeline.some((moment) => moment.what === "failed")) await systemClock.sleep(20);

    expect(agent.lastGood).toBeUndefined();
    expect(agent.timeline.at(-1)?.detail).toContain("bad signature");
  });

  it("says good-bye twice when it leaves, and nothing when it is halted", async () => {
    const server = await endpoint(() => seal(secret, linkState()));
    const agent = agentOf([server]);
    agent.start();
    await agent.nextGood();

    agent.halt();
    expect(server.seen.filter((one) => one.method === "DELETE")).toHaveLength(0);
    agent.start();
    await agent.nextGood();
    await agent.leave();

    const byes = server.seen.filter((one) => one.method === "DELETE");
    expect(byes).toHaveLength(2);
    const stamp = byes[0]?.headers.get("Auth-Timestamp");
    expect(byes[0]?.headers.get("Auth-Signature")).toBe(
      createHmac("sha512", secret)
        .update(`host1&${stamp}&${byes[0]?.headers.get("Auth-Nonce")}&DELETE&/link/state`)
        .digest("base64"),
    );
    expect(byes[0]?.body).toBe("");
  });
});

describe("simulated hosts on one network", () => {
  async function pair() {
    const net = createLoopbackNet(systemClock);
    const make = async (hostId: string, locationId: string, farId: string, address: string, farAddress: string) => {
      const links = [{ ...order, id: farId, right: farAddress }];
      const server = await endpoint(() => seal(secret, linkState({ links, hosts: { far: farAddress } })));
      const host = await createSimulatedHost({
        net,
        locationId,
        loopback: "127.0.0.1",
        uri: { hostId, secret, endpoints: [server.endpoint] },
        trust: { ca: server.ca },
        addresses: { publicAddress: address, localAddress: "", address6: "" },
        clock: hastyClock,
        random: systemRandom,
      });
      cleanUp.push(() => host.close());
      return { host, server };
    };
    const a = await make("a", "locA", "locB", "198.51.100.1", "198.51.100.2");
    const b = await make("b", "locB", "locA", "198.51.100.2", "198.51.100.1");
    return { net, a, b };
  }

  const latest = (server: Endpoint) => JSON.parse(server.seen.at(-1)?.body ?? "{}");
  const start = async (...hosts: SimulatedHost[]) => {
    for (const host of hosts) await host.start();
    for (let beat = 0; beat < 3; beat++) await Promise.all(hosts.map((host) => host.agent.nextGood()));
  };

  it("check one another over HTTP and connect a tunnel that both hold", async () => {
    const { a, b } = await pair();

    await start(a.host, b.host);

    expect(latest(a.server)).toMatchObject({ status: { locB: "connected" }, hosts: { far: { state: true } } });
    expect(latest(b.server)).toMatchObject({ status: { locA: "connected" }, hosts: { far: { state: true } } });
  });

  it("are refused at once by one that crashed", async () => {
    const { net, a, b } = await pair();
    await start(a.host, b.host);

    await b.host.crash();
    const result = await net.check("198.51.100.2", AbortSignal.timeout(10_000));
    await a.host.agent.nextGood();
    await a.host.agent.nextGood();

    expect(result.state).toBe(false);
    expect(result.latencyUs).toBeLessThan(3_000_000);
    expect(latest(a.server)).toMatchObject({ status: { locB: "connecting" }, hosts: { far: { state: false } } });
  });

  it("wait for their time-out on one that vanished, and reach it again when it is back", async () => {
    const { net, a, b } = await pair();
    await start(a.host, b.host);

    await b.host.vanish();
    const gone = await net.check("198.51.100.2", AbortSignal.timeout(10_000));
    await b.host.start();
    const back = await net.check("198.51.100.2", AbortSignal.timeout(10_000));

    expect(gone.state).toBe(false);
    expect(gone.latencyUs).toBeGreaterThanOrEqual(2_990_000);
    expect(back.state).toBe(true);
  });
});
