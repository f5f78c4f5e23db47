import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hostSecret } from "../../shared/protocol/keys.ts";
import { sampleFile, sampleWorld, type World } from "../admin/world.ts";

let world: World;
beforeEach(async () => {
  world = await sampleWorld();
});
afterEach(() => world.expectNoSecrets());

type Told = { readonly kind: string; readonly message: string; readonly by: string };
const events = async () => ((await world.get("events")).body as { readonly events: readonly Told[] }).events;

describe("whoever has the admin token", () => {
  it("reads the secret of every host, and each reading is an event", async () => {
    const paths = ["us-east/a1", "us-east/a2", "us-west/b1", "us-west/b2"].map((path) => `backbone/${path}`);

    for (const path of paths) {
      const { host } = await world.place(path);
      const { uri } = (await world.get(`host-uri/${path}`)).body as { readonly uri: string };
      expect(uri).toContain(hostSecret(await world.deps.secrets.masterKey(), host.id, 1));
    }

    const readings = (await events()).filter(({ message }) => message.endsWith("was read"));
    expect(readings.map(({ message }) => message).sort()).toEqual(paths.map((path) => `URI of ${path} was read`));
  });

  it("cannot read the URI unseen: where the event cannot be written it is not answered", async () => {
    const { store } = world;
    const tell = store.tell;
    Object.assign(store, { tell: async () => Promise.reject(new Error("no events today")) });

    const reply = await world.get("host-uri/backbone/us-east/a1");

    Object.assign(store, { tell });
    expect(reply.status).toBe(500);
    expect(JSON.stringify(reply.body)).not.toContain("pritunl://");
  });

  it("reads the key of every pair of locations with a device, which is an event, and not unseen", async () => {
    const reply = await world.get("device/backbone/office/router?secrets=true");

    const { peers } = reply.body as { readonly peers: readonly { readonly preSharedKey: string }[] };
    expect(new Set(peers.map(({ preSharedKey }) => preSharedKey)).size).toBe(2);
    expect((await events()).findLast(({ kind }) => kind === "operator")).toMatchObject({
      message: "exported the keys of backbone/office/router",
      by: "operator maria",
    });

    const { store } = world;
    const tell = store.tell;
    Object.assign(store, { tell: async () => Promise.reject(new Error("no events today")) });
    const unseen = await world.get("device/backbone/office/router?secrets=true");
    Object.assign(store, { tell });
    expect(unseen.status).toBe(500);
    for (const { preSharedKey } of peers) expect(JSON.stringify(unseen.body)).not.toContain(preSharedKey);
  });

  it("has routes pointed at any interface by a configuration, which is a version with who, when and why", async () => {
    const file = sampleFile.replace("eni-0a1 }", "eni-evil }");

    const reply = await world.post("apply", { file, why: "maintenance" });

    expect(reply).toMatchObject({ status: 200, body: { version: 2 } });
    expect((await world.place("backbone/us-east/a1")).host.target).toBe("eni-evil");
    expect((await world.store.readNetworkHistory(2))[0]).toMatchObject({ by: "operator maria", why: "maintenance" });
    expect((await world.store.readNetworkHistory(2))[1]?.source).toBe(sampleFile);
  });

  it("acts under any name that he gives: the name on record is what the bearer says of himself", async () => {
    await world.ask("POST", "pause", {}, { "pointsman-operator": "somebody else" });

    expect((await events()).map(({ by }) => by)).toContain("operator somebody else");
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])(
    "cannot change the token, the master key or an event by %s",
    async (method) => {
      const before = JSON.stringify((await events()).slice(0, 5));
      const paths = ["token", "rotate/token", "master-key", "init", "secrets", "events", "events/1", "network"];

      for (const path of paths) {
        const reply = await world.ask(method, path, method === "DELETE" ? undefined : {});
        expect([404, 405], path).toContain(reply.status);
      }

      expect(JSON.stringify((await events()).slice(0, 5))).toBe(before);
    },
  );

  it("is out with the next token: the old one is refused as soon as its hash is gone", async () => {
    let hash = createHash("sha256").update(world.token).digest("hex");
    world = await sampleWorld({
      secrets: { masterKey: world.deps.secrets.masterKey, adminTokenHash: async () => hash },
    });
    expect((await world.get("status")).status).toBe(200);

    hash = createHash("sha256").update("pm_another").digest("hex");

    expect((await world.get("status")).status).toBe(401);
  });

  it("leaves an event with a name for every command that changes anything", async () => {
    const commands: readonly (readonly [string, object])[] = [
      ["switchover/backbone/us-east", { host: "a2" }],
      ["pin/backbone/us-east", { host: "a1" }],
      ["unpin/backbone/us-east", {}],
      ["drain/backbone/us-east", { host: "a2" }],
      ["undrain/backbone/us-east", { host: "a2" }],
      ["pause", {}],
      ["resume", {}],
      ["rotate/host/backbone/us-east/a1", {}],
      ["rotate/link/backbone", {}],
      ["apply", { file: sampleFile.replace("priority: 10", "priority: 11") }],
    ];
    const byMaria = async () => (await events()).filter(({ by }) => by === "operator maria").length;

    for (const [path, body] of commands) {
      const before = await byMaria();
      const reply = await world.post(path, body);
      expect(reply.status, path).toBe(200);
      const fresh = (await events()).slice(before);
      expect(
        fresh.map(({ by }) => by),
        path,
      ).toContain("operator maria");
    }
  });
});
