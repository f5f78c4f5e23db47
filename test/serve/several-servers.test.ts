import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Serving } from "../../serve/serve.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { applyNetwork, beat, beginWithFirst, decisionsOf, type Estate, openEstate, send, until } from "./estate.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

let estate: Estate;
let other: ChildProcess;
let server: Serving;
beforeEach(async () => {
  estate = await openEstate();
  const { databaseUrl, secrets, port, tlsCert, tlsKey, endpoint } = estate.options(1);
  const args = ["--database-url", databaseUrl, "--secrets", secrets, "--host", "127.0.0.1", "--port", String(port)];
  const rest = ["--tls-cert", tlsCert, "--tls-key", tlsKey, "--endpoint", endpoint?.join(",")];
  other = spawn(process.execPath, ["bin/pointsman.mjs", "serve", ...args, ...rest].map(String), {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  server = await estate.start(0);
});
afterEach(async () => {
  other.kill("SIGKILL");
  await server.stop();
  await estate.close();
});

describe("two servers over one database of which one is killed", () => {
  it("fail over exactly once: a host that says good-bye to both, and one that falls silent", async () => {
    const uris = await applyNetwork(estate.admin(0), 5);
    for await (const chunk of other.stdout ?? []) if (String(chunk).includes('"serving"')) break;
    const stop = new AbortController();
    const silent = new Set<string>();
    const failed: string[] = [];
    const heard = new Map<string, number>();
    const beatOn = async (name: string): Promise<void> => {
      const uri = uris.get(name);
      for (let at = 0; uri !== undefined && !stop.signal.aborted && !silent.has(name); at++) {
        const good = await beat(uri, estate.ca, at).catch(() => beat(uri, estate.ca, at + 1).catch(() => undefined));
        if (good === undefined) failed.push(name);
        else heard.set(name, (heard.get(name) ?? 0) + 1);
        await systemClock.sleep(300, stop.signal);
      }
    };
    const before = await beginWithFirst(uris, estate);
    const beating = [...uris.keys()].map(beatOn);
    for (const name of ["x2", "y2"]) {
      await until(`${name} is heard by both`, async () => ((heard.get(name) ?? 0) >= 2 ? true : undefined));
    }

    silent.add("x1").add("y1");
    const gone = once(other, "exit");
    const leaving = uris.get("x1");
    if (leaving === undefined) throw new Error("no URI of x1");
    const byes = await Promise.allSettled([
      send(leaving, estate.ca, 0, "DELETE"),
      send(leaving, estate.ca, 1, "DELETE"),
      systemClock.sleep(5).then(() => other.kill("SIGKILL")),
    ]);
    await gone;
    const after = await until("both locations have failed over and are confirmed", async () => {
      const found = await decisionsOf(estate.store);
      const isOver = (name: string) =>
        found[name]?.[0]?.epoch !== before[name]?.[0]?.epoch && found[name]?.[0]?.swap.state === "confirmed";
      return isOver("x") && isOver("y") ? found : undefined;
    });
    stop.abort();
    await Promise.all(beating);

    expect(byes[0].status).toBe("fulfilled");
    expect(failed).toEqual([]);
    for (const [name, to] of [
      ["x", "x2"],
      ["y", "y2"],
    ] as const) {
      expect(after[name]).toHaveLength((before[name]?.length ?? 0) + 1);
      expect(after[name]?.[0]?.activeHostId).toBe(uris.get(to)?.hostId);
    }
  });
});
