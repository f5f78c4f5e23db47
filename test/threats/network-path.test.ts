import { beforeEach, describe, expect, it } from "vitest";
import { openAnswer } from "../../dev/link-host/wire.ts";
import { heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { host, link, location, network } from "../fixtures/network.ts";
import { quietBody } from "../fixtures/signed-host.ts";

/** Certificate checks are off, and somebody sits between the host e1 and the endpoint. */
const mesh = (pinned?: string) =>
  network([
    link("l1", [
      location("east", [host("e1", pinned === undefined ? {} : { publicAddress: pinned })]),
      location("west", [host("w1", { publicAddress: "198.51.100.3" })]),
    ]),
  ]);
const evil = "203.0.113.66";

let world: World;
beforeEach(async () => {
  world = await heartbeatWorld(mesh());
});

/** Lets the genuine headers of a heartbeat through with another body. */
async function withBody(hostId: string, body: Partial<typeof quietBody>) {
  const genuine = world.capture(hostId)();
  const text = JSON.stringify({ ...quietBody, ...body });
  return world.first.receive(new Request(genuine.url, { method: "PUT", headers: genuine.headers, body: text }));
}
const sealed = (answer: Response, body: string) => ({
  body,
  iv: answer.headers.get("Cipher-IV") ?? undefined,
  signature: answer.headers.get("Cipher-Signature") ?? undefined,
});

describe("whoever sits between a host and the endpoint", () => {
  it("writes any body under a genuine signature, and is believed: what the signature does not cover", async () => {
    const answer = await withBody("e1", { public_address: evil, local_address: "10.0.0.66" });

    expect(answer.status).toBe(200);
    expect(await world.record("e1")).toMatchObject({ publicAddress: evil, localAddress: "10.0.0.66" });
  });

  it("draws the tunnel of a peer to himself by a false public address, and learns no pre-shared key by it", async () => {
    const seen = await (await withBody("e1", { public_address: evil })).text();
    await world.clock.advance(2_000);

    const peer = await world.beat("w1");

    expect(peer.state?.links[0]?.right).toBe(evil);
    const key = peer.state?.links[0]?.pre_shared_key ?? "";
    expect(key).not.toBe("");
    expect(`${seen} ${peer.text}`).not.toContain(key);
    expect(Buffer.from(peer.text, "base64").toString("latin1")).not.toContain(key);
  });

  it("does not draw it where the network file pins the public address", async () => {
    world = await heartbeatWorld(mesh("198.51.100.1"));

    await withBody("e1", { public_address: evil });
    await world.clock.advance(2_000);

    expect((await world.beat("w1")).state?.links[0]?.right).toBe("198.51.100.1");
  });

  it("cannot use a genuine signature a second time for another body once it is on record", async () => {
    const genuine = world.capture("e1")();
    const headers = genuine.headers;
    await world.first.receive(genuine);

    const again = await world.first.receive(
      new Request(genuine.url, {
        method: "PUT",
        headers,
        body: JSON.stringify({ ...quietBody, public_address: evil }),
      }),
    );

    expect(again.status).toBe(409);
    expect((await world.record("e1"))?.publicAddress).toBe("");
  });

  it("cannot read an answer or change a byte of it beyond its first sixteen without the agent refusing it", async () => {
    const secret = world.secret("e1");
    const answer = await world.first.receive(world.capture("e1")());
    const text = await answer.text();
    const whole = sealed(answer, text);
    expect(openAnswer(secret, whole).id).toBe("e1");

    const bytes = Buffer.from(text, "base64");
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => openAnswer(secret, { ...whole, body: changed.toString("base64") })).toThrow("bad signature");
    }
    expect(bytes.toString("latin1")).not.toContain("links");
  });

  it("changes the first sixteen bytes through the initialisation vector, which hold a part of the host's own id alone", async () => {
    const secret = world.secret("e1");
    const answer = await world.first.receive(world.capture("e1")());
    const whole = sealed(answer, await answer.text());
    const iv = Buffer.from(whole.iv ?? "", "base64");
    const flipped = Buffer.from(iv);
    // The text begins {"id":"e1","prot…
    flipped[7] = (iv[7] ?? 0) ^ "e".charCodeAt(0) ^ "x".charCodeAt(0);

    const before = openAnswer(secret, whole);
    const after = openAnswer(secret, { ...whole, iv: flipped.toString("base64") });

    expect(after).toEqual({ ...before, id: "x1" });
  });

  it("gives the host an old answer for a new one, which an agent cannot tell", async () => {
    const secret = world.secret("e1");
    const old = await world.first.receive(world.capture("e1")());
    const kept = sealed(old, await old.text());
    await world.clock.advance(3_600_000);
    await world.beat("e1");

    expect(openAnswer(secret, kept).id).toBe("e1");
  });
});
