import { afterEach, describe, expect, it } from "vitest";
import { hostSecret } from "../../shared/protocol/keys.ts";
import { openWorld, sampleFile, sampleWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.expectNoSecrets());

const a1 = "backbone/us-east/a1";
const uriOf = async (path: string) => ((await world.get(`host-uri/${path}`)).body as { uri: string }).uri;
const events = async () =>
  ((await world.get("events")).body as { events: { kind: string; message: string; host: string | null }[] }).events;

describe("the URI of a host", () => {
  it("names its id, its secret of the present generation and every endpoint, and that it was read is recorded", async () => {
    world = await sampleWorld();
    const { host } = await world.place(a1);
    const secret = hostSecret(await world.deps.secrets.masterKey(), host.id, 1);

    expect(await uriOf(a1)).toBe(`pritunl://${host.id}:${secret}@hb.example.net,hb2.example.net:8443`);
    expect((await events()).at(-1)).toMatchObject({
      kind: "operator",
      message: "URI of backbone/us-east/a1 was read",
      host: "a1",
    });
  });

  it("can be taken apart as a URL by an agent", async () => {
    world = await sampleWorld({ endpoints: ["hb.example.net"] });
    const url = new URL((await uriOf(a1)).replace("pritunl:", "https:"));
    expect(url.username).toMatch(/^[A-Za-z0-9]+$/);
    expect(url.password).toMatch(/^[A-Za-z0-9]+$/);
    expect(url.host).toBe("hb.example.net");
  });

  it("is refused for a static host, and where the deployment does not know its endpoint", async () => {
    world = await sampleWorld();
    expect((await world.get("host-uri/backbone/office/router")).body).toMatchObject({ error: { code: "host-static" } });
    world = await sampleWorld({ endpoints: [] });
    expect(await world.get(`host-uri/${a1}`)).toMatchObject({
      status: 409,
      body: { error: { code: "endpoint-unknown" } },
    });
  });
});

describe("the rotation of a host's secret", () => {
  it("makes a new generation, keeps the one before for the grace time, and is a version of the configuration", async () => {
    world = await sampleWorld();
    const before = await uriOf(a1);
    const nowMs = world.clock.nowMs();

    const reply = await world.post(`rotate/host/${a1}`, { graceMs: 3_600_000, why: "leaked" });

    expect(reply).toMatchObject({ status: 200, body: { version: 2, generation: 2, graceUntilMs: nowMs + 3_600_000 } });
    expect((await world.place(a1)).host).toMatchObject({
      secretGeneration: 2,
      previousSecretUntilMs: nowMs + 3_600_000,
    });
    expect(await uriOf(a1)).not.toBe(before);
    expect((await world.get("network")).body).toMatchObject({ version: 2, source: sampleFile, by: "operator maria" });
    expect((await events()).filter(({ kind }) => kind === "secret-rotated")).toMatchObject([
      { message: "new secret of backbone/us-east/a1, generation 2: leaked", host: "a1" },
    ]);
    const { link } = await world.place(a1);
    expect((await world.store.readPulse(link.id)).value.switches?.value.networkVersion).toBe(2);
  });

  it("keeps the secret before for a day when nothing is said, and cuts it off at once for a grace of nothing", async () => {
    world = await sampleWorld();
    await world.post(`rotate/host/${a1}`);
    expect((await world.place(a1)).host.previousSecretUntilMs).toBe(world.clock.nowMs() + 86_400_000);
    await world.post("rotate/host/backbone/us-east/a2", { graceMs: 0 });
    expect((await world.place("backbone/us-east/a2")).host.previousSecretUntilMs).toBe(0);
  });

  it("is refused within the grace of the one before, which would cut off a host that still uses the older secret", async () => {
    world = await sampleWorld();
    await world.post(`rotate/host/${a1}`, { graceMs: 60_000 });

    expect(await world.post(`rotate/host/${a1}`)).toMatchObject({
      status: 409,
      body: { error: { code: "rotation-in-grace" } },
    });
    expect((await world.post(`rotate/host/${a1}`, { force: true })).body).toMatchObject({ generation: 3 });
    await world.clock.advance(86_400_001);
    expect((await world.post(`rotate/host/${a1}`)).body).toMatchObject({ generation: 4 });
  });

  it.each([-1, 1.5, 31 * 86_400_000, "1h"])("is refused for a grace of %j ms", async (graceMs) => {
    world = await sampleWorld();
    expect((await world.post(`rotate/host/${a1}`, { graceMs })).status).toBe(400);
  });

  it("survives the next apply of the same file", async () => {
    world = await sampleWorld();
    await world.post(`rotate/host/${a1}`);
    const uri = await uriOf(a1);

    expect((await world.post("apply", { file: sampleFile })).body).toMatchObject({ state: "unchanged" });
    await world.post("apply", { file: sampleFile.replace("priority: 10", "priority: 11") });

    expect(await uriOf(a1)).toBe(uri);
  });

  it("is refused for a static host", async () => {
    world = await sampleWorld();
    expect((await world.post("rotate/host/backbone/office/router")).body).toMatchObject({
      error: { code: "host-static" },
    });
  });
});

describe("the rotation of a link's keys", () => {
  it("makes a new generation for all its pairs", async () => {
    world = await sampleWorld();

    expect((await world.post("rotate/link/backbone")).body).toMatchObject({
      version: 2,
      generation: 2,
      graceUntilMs: 0,
    });
    expect((await world.network()).links[0]?.keyGeneration).toBe(2);
  });

  it("has one winner of two at the same moment", async () => {
    world = await sampleWorld();
    const replies = await Promise.all([world.post("rotate/link/backbone"), world.post("rotate/link/backbone")]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await world.network()).links[0]?.keyGeneration).toBe(2);
  });
});

describe("a master key that cannot be read", () => {
  it("is answered 503 without its error's words", async () => {
    world = await sampleWorld();
    const secrets = {
      ...world.deps.secrets,
      masterKey: async () => {
        throw new Error("AccessDenied on /pointsman/prod/master-key");
      },
    };
    const other = openWorld({ secrets, store: world.store });

    const reply = await other.get(`host-uri/${a1}`);

    expect(reply.status).toBe(503);
    expect(JSON.stringify(reply.body)).not.toContain("AccessDenied");
  });
});
