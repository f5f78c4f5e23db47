import { describe, expect, it } from "vitest";
import { limits } from "../../shared/domain/limits.ts";
import { allAt, backbone, gaps, routeCalls, wakeHere } from "../routes/world.ts";
import { remoteWorld, settledRemoteWorld } from "./remote-world.ts";

describe("the routes function by way of an executor", () => {
  it("points every route at the active host and confirms, without a gap", async () => {
    const { world } = await settledRemoteWorld();

    await world.decide("a2");
    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.head())?.swap.state).toBe("confirmed");
    expect(gaps(world)).toEqual([]);
    expect(new Set(world.cloud.calls.map(({ by }) => by))).toEqual(new Set(["executor"]));
  });

  it("starts no call for an epoch that was replaced while its permit was on the way (promise 2)", async () => {
    const { world, between } = await settledRemoteWorld();
    await world.decide("a2");
    let before = -1;
    between.way = async (request, go) => {
      const isFirst = before < 0 && request.url.endsWith("/write");
      if (!isFirst) return go();
      before = routeCalls(world).length;
      await world.decide("a1");
      await world.clock.sleep(limits.fenceMs + 1);
      return go();
    };

    await world.swap(wakeHere);

    expect(before).toBeGreaterThanOrEqual(0);
    expect(routeCalls(world)).toHaveLength(before);
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    await world.swap();
    expect((await world.head())?.swap.state).toBe("confirmed");
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
  });

  it("starts no call once a newer decision stands when the guard reads, though the older challenge is young", async () => {
    const { world, between } = await settledRemoteWorld();
    await world.decide("a2");
    let isDecided = false;
    between.way = async (request, go) => {
      await world.clock.sleep(1);
      const answer = await go();
      if (request.url.endsWith("/challenge") && !isDecided) {
        isDecided = true;
        await world.decide("a1");
      }
      return answer;
    };
    const before = routeCalls(world).length;

    await world.swap(wakeHere);

    expect(isDecided).toBe(true);
    expect(between.sent.filter((one) => one === "write")).toEqual([]);
    expect(routeCalls(world)).toHaveLength(before);
  });

  it("is confirmed by a later run when the executor was away for a while, and told with what to do", async () => {
    const { world, between } = await settledRemoteWorld();
    await world.decide("a2");
    between.way = async () => {
      throw new TypeError("fetch failed");
    };

    await world.swap();

    expect((await world.head())?.swap.state).toBe("pending");
    expect(JSON.stringify(await world.report())).toContain("a.example runs and can be reached");
    between.way = (_request, go) => go();
    await world.live(90_000);
    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.head())?.swap.state).toBe("confirmed");
  });

  it("finds by reading what was written when the answer to a write was lost", async () => {
    const { world, between } = remoteWorld();
    await world.apply([backbone()]);
    await world.decide("a1");
    let lost = 0;
    between.way = async (request, go) => {
      const answer = await go();
      if (request.url.endsWith("/write") && lost === 0) {
        lost += 1;
        throw new TypeError("other side closed");
      }
      return answer;
    };

    await world.swap();
    await world.live(30_000);

    expect(lost).toBe(1);
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.head())?.swap.state).toBe("confirmed");
  });
});
