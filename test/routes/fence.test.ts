import { describe, expect, it } from "vitest";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { testClock } from "../../dev/test-clock.ts";
import { createFence } from "../../functions/routes/fence.ts";
import { DatabaseError } from "../../shared/domain/errors.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Store } from "../../shared/ports/store.ts";
import { openStore } from "../../shared/store/store.ts";

/** A fence of epoch 5 whose evidence is as old as the test makes it. `latest` is the epoch that the database shows. */
function scene() {
  const clock = testClock();
  const store: Store = openStore(memoryDatabase(clock), { bytes: (count) => new Uint8Array(count) });
  const asked = { count: 0, latest: 5, takesMs: 0, fails: false };
  const overlaps: number[] = [];
  const fence = createFence({
    store,
    clock,
    locationId: "here",
    claim: { owner: "me", epoch: 5 },
    ask: async () => {
      asked.count += 1;
      const monotonicMs = clock.monotonicMs();
      if (asked.fails) throw new DatabaseError("UNREACHABLE", "no answer", { next: "wait" });
      const isLatest = asked.latest === 5;
      if (asked.takesMs > 0) await clock.sleep(asked.takesMs);
      return { isLatest, monotonicMs };
    },
    knownMs: clock.monotonicMs(),
    overlapped: async (untilMs) => void overlaps.push(untilMs),
  });
  const lease = (owner: string, epoch: number, inMs: number, prior?: number) =>
    store.writeLease("here", { owner, epoch, untilMs: clock.nowMs() + inMs, settlesMs: 0 }, prior);
  return { clock, store, asked, overlaps, fence, lease };
}

const superseded = { code: "SUPERSEDED", retry: "never" };

describe("the guard before a route call", () => {
  it("lets calls through on evidence that is young, and asks again when it is older than the fence allows", async () => {
    const { clock, asked, fence } = scene();
    await fence.guard();
    await clock.advance(limits.fenceMs);
    await fence.guard();
    expect(asked.count).toBe(0);

    await clock.advance(1);
    await fence.guard();
    await fence.guard();
    expect(asked.count).toBe(1);
  });

  it("counts the age of evidence from before it was asked for, so that an answer that took long is not believed", async () => {
    const { clock, asked, fence } = scene();
    await clock.advance(limits.fenceMs + 1);
    asked.takesMs = limits.fenceMs + 1;

    const guard = expect(fence.guard()).rejects.toMatchObject({ code: "SUPERSEDED", retry: "soon" });
    await clock.advance(60_000);
    await guard;

    expect(asked.count).toBe(limits.writeAttempts);
    expect(fence.lost()).toBeUndefined();
  });

  it("is not fooled by a wall clock that jumps", async () => {
    const { clock, asked, fence } = scene();
    await fence.take();
    clock.jumpWall(-3_600_000);
    await clock.advance(limits.fenceMs + 1);

    await fence.guard();

    expect(asked.count).toBe(1);
  });

  it("is not kept out by a lease of a run whose clock was wrong", async () => {
    const { fence, lease } = scene();
    await lease("other", 5, 600_000);

    await fence.guard();

    expect(fence.lost()).toBeUndefined();
  });

  it("leaves no lease behind that lasts, however wrong its clock has become", async () => {
    const { clock, store, fence } = scene();
    await fence.guard();
    clock.jumpWall(684_000);
    await fence.release();

    const left = (await store.readLease("here")).value?.value.untilMs ?? 0;
    expect(left).toBeLessThanOrEqual(clock.nowMs() - 684_000 + limits.leaseMs);
  });

  it("shuts when its run lets go of the lease, whatever of it is still under way", async () => {
    const { fence } = scene();
    await fence.guard();

    await fence.release();

    await expect(fence.guard()).rejects.toMatchObject(superseded);
  });

  it("shuts for good when a newer epoch is decided", async () => {
    const { clock, asked, fence } = scene();
    await fence.guard();
    asked.latest = 6;
    await clock.advance(limits.fenceMs + 1);

    await expect(fence.guard()).rejects.toMatchObject(superseded);

    asked.latest = 5;
    await expect(fence.guard()).rejects.toMatchObject(superseded);
    expect(fence.lost()).toEqual({ why: "superseded" });
  });

  it("shuts when the lease has gone to another run", async () => {
    const { clock, store, fence, lease } = scene();
    await fence.guard();
    await lease("other", 6, limits.leaseMs, (await store.readLease("here")).value?.revision);
    await clock.advance(limits.fenceMs + 1);

    await expect(fence.guard()).rejects.toMatchObject(superseded);
    expect(fence.lost()).toEqual({ why: "lease-gone" });
  });

  it("shuts when the lease is over, even if nobody has taken it", async () => {
    const { clock, fence } = scene();
    await fence.guard();
    await clock.advance(limits.leaseMs);

    await expect(fence.guard()).rejects.toMatchObject(superseded);
  });

  it("lets nothing through while the database cannot be asked, and opens again when it can", async () => {
    const { clock, asked, fence } = scene();
    await fence.guard();
    await clock.advance(limits.fenceMs + 1);
    asked.fails = true;
    await expect(fence.guard()).rejects.toMatchObject({ code: "SUPERSEDED", retry: "soon" });
    expect(await fence.stands()).toBe(false);

    asked.fails = false;
    await fence.guard();
    expect(await fence.stands()).toBe(true);
  });

  it("asks once for many calls that wait", async () => {
    const { clock, asked, fence } = scene();
    await fence.guard();
    await clock.advance(limits.fenceMs + 1);

    await Promise.all(Array.from({ length: 20 }, () => fence.guard()));

    expect(asked.count).toBe(1);
  });
});

describe("the lease", () => {
  it("is taken from an older epoch at once, and its end is told", async () => {
    const { clock, overlaps, fence, lease } = scene();
    await lease("other", 4, 20_000);

    expect(await fence.take()).toBe(true);
    await fence.guard();

    expect(overlaps).toEqual([clock.nowMs() + 20_000]);
  });

  it("of an older epoch that is over tells of no overlap", async () => {
    const { clock, overlaps, fence, lease } = scene();
    await lease("other", 4, 20_000);
    await clock.advance(20_000);

    expect(await fence.take()).toBe(true);
    expect(overlaps).toEqual([]);
  });

  it("of the same epoch is left to its owner until it is over", async () => {
    const { clock, fence, lease } = scene();
    await lease("other", 5, 20_000);

    expect(await fence.take()).toBe(false);
    expect(fence.lost()).toEqual({ why: "busy", untilMs: clock.nowMs() + 20_000 });
    await expect(fence.guard()).rejects.toMatchObject(superseded);
  });

  it("of a newer epoch is never taken, even when it is over", async () => {
    const { clock, fence, lease } = scene();
    await lease("other", 6, 1_000);
    await clock.advance(60_000);

    expect(await fence.take()).toBe(false);
    expect(fence.lost()).toEqual({ why: "superseded" });
  });

  it("ends when it is released, and not before", async () => {
    const { clock, store, fence } = scene();
    await fence.release();
    expect((await store.readLease("here")).value).toBeUndefined();
    await fence.take();
    expect((await store.readLease("here")).value?.value).toMatchObject({
      owner: "me",
      untilMs: clock.nowMs() + 30_000,
    });

    await fence.release();

    expect((await store.readLease("here")).value?.value.untilMs).toBe(clock.nowMs());
  });
});
