import { describe, expect, it } from "vitest";
import type { Link } from "../../shared/domain/network.ts";
import { host, link, location } from "../fixtures/network.ts";
import { type Ports, type Rig, settledRig } from "./rig.ts";

const pairs = (count: number, prefix = "") =>
  Array.from({ length: count }, (_, at) =>
    location(`${prefix}p${at}`, [host(`${prefix}x${at}`), host(`${prefix}y${at}`)]),
  );

/** Every first host of every location has been silent for longer than its time-out. */
async function rigWithDeadActives(links: readonly Link[]): Promise<Rig> {
  const rig = await settledRig(links);
  const standby = links.flatMap((one) => one.locations.map((place) => place.hosts[1]?.id ?? ""));
  for (let at = 0; at < 3; at++) {
    await rig.clock.advance(10_500);
    await rig.hear(standby);
  }
  return rig;
}

/** Every call takes `ms`; counts how many commits are under way at once. */
function slowly(rig: Rig, ms: number): { readonly ports: Ports; readonly most: () => number } {
  let commits = 0;
  let most = 0;
  const ports: Ports = async (name, call) => {
    const isCommit = name.endsWith("#a");
    if (isCommit) most = Math.max(most, ++commits);
    await rig.clock.sleep(ms);
    const result = await call();
    if (isCommit) commits--;
    return result;
  };
  return { ports, most: () => most };
}

async function heads(rig: Rig, links: readonly Link[]): Promise<ReadonlySet<string | null | undefined>> {
  const all = links.flatMap((one) => one.locations.map((place) => rig.head(place.id, one.id)));
  const epochs = (await Promise.all(all)).map((head) => `${head?.epoch} ${head?.reason}`);
  return new Set(epochs);
}

describe("a hundred locations whose active hosts fail at once", () => {
  it("are all committed in one sweep, with at most sixteen under way, within two seconds", async () => {
    const links = [link("mesh", pairs(100))];
    const rig = await rigWithDeadActives(links);
    const { ports, most } = slowly(rig, 20);
    const startedMs = rig.clock.nowMs();

    await rig.drive(rig.elector(ports).sweep());

    expect(await heads(rig, links)).toEqual(new Set(["2 timed-out"]));
    expect(most()).toBe(16);
    expect(rig.clock.nowMs() - startedMs).toBeLessThan(2_000);
    expect(new Set(rig.swaps.map(({ locationId }) => locationId)).size).toBe(100);
  });

  it("in a hundred links too, with the same bound over all of them together", async () => {
    const links = Array.from({ length: 100 }, (_, at) => link(`link${at}`, pairs(1, `l${at}`)));
    const rig = await rigWithDeadActives(links);
    const { ports, most } = slowly(rig, 20);

    await rig.drive(rig.elector(ports).sweep());

    expect(await heads(rig, links)).toEqual(new Set(["2 timed-out"]));
    expect(most()).toBeLessThanOrEqual(16);
  });

  it("in two links of fifty, with the same bound", async () => {
    const links = [link("one", pairs(50, "one")), link("two", pairs(50, "two"))];
    const rig = await rigWithDeadActives(links);
    const { ports, most } = slowly(rig, 20);

    await rig.drive(rig.elector(ports).sweep());

    expect(await heads(rig, links)).toEqual(new Set(["2 timed-out"]));
    expect(most()).toBeLessThanOrEqual(16);
  });
});

it("evidence that grows old in the middle of a sweep is read again, and the rest decided on that", async () => {
  const links = [link("mesh", pairs(100))];
  const rig = await rigWithDeadActives(links);
  const { ports } = slowly(rig, 150);

  await rig.drive(rig.elector(ports).sweep());

  expect(await heads(rig, links)).toEqual(new Set(["2 timed-out"]));
});
