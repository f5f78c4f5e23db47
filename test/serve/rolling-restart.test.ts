import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HostUri } from "../../dev/link-host/wire.ts";
import type { Serving } from "../../serve/serve.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { applyNetwork, beat, beginWithFirst, decisionsOf, type Estate, openEstate, until } from "./estate.ts";

let estate: Estate;
let servers: [Serving, Serving];
beforeEach(async () => {
  estate = await openEstate();
  servers = [await estate.start(0), await estate.start(1)];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await estate.close();
});

/** What heartbeats met: `retried` were refused by one server and answered by the other, `lost` by neither. */
type Tally = { sent: number; retried: number; readonly lost: string[] };

/** Heartbeats of one host without a pause worth the name, to both servers in turn, a refused one again to the other. */
async function beatOn(uri: HostUri, signal: AbortSignal, tally: Tally): Promise<void> {
  for (let at = 0; !signal.aborted; at++) {
    tally.sent += 1;
    try {
      await beat(uri, estate.ca, at);
    } catch {
      tally.retried += 1;
      await beat(uri, estate.ca, at + 1).catch((error: unknown) => void tally.lost.push(String(error)));
    }
    await systemClock.sleep(50, signal);
  }
}

describe("two servers over one database that are restarted one after the other", () => {
  it("lose no heartbeat that the other does not take, and fail nothing over", async () => {
    const uris = await applyNetwork(estate.admin(0), 10);
    const tally: Tally = { sent: 0, retried: 0, lost: [] };
    const stop = new AbortController();
    const before = await beginWithFirst(uris, estate);
    const beating = [...uris.values()].map((uri) => beatOn(uri, stop.signal, tally));

    const clean: boolean[] = [];
    for (const which of [0, 1, 0, 1] as const) {
      clean.push(await servers[which].stop());
      const sentMeanwhile = tally.sent;
      await until("heartbeats with one server", async () => (tally.sent >= sentMeanwhile + 10 ? true : undefined));
      servers[which] = await estate.start(which);
      const sentAfter = tally.sent;
      await until("heartbeats with both servers", async () => (tally.sent >= sentAfter + 10 ? true : undefined));
    }
    stop.abort();
    await Promise.all(beating);

    expect(clean).toEqual([true, true, true, true]);
    expect(tally.lost).toEqual([]);
    expect(tally.retried).toBeGreaterThan(0);
    expect(await decisionsOf(estate.store)).toEqual(before);
    expect(estate.complaints).toEqual([]);
  });
});
