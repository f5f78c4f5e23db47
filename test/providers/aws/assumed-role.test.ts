import { describe, expect, it } from "vitest";
import { testClock } from "../../../dev/test-clock.ts";
import { assumedRole } from "../../../shared/providers/aws/assumed-role.ts";

const role = { roleArn: "arn:aws:iam::111111111111:role/pointsman", externalId: "ours" };
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** STS with sessions of an hour, counted; `fail` makes it refuse. */
function sessions() {
  const clock = testClock();
  const state = { count: 0, isFailing: false, holds: Promise.resolve() };
  const credentials = assumedRole(role, "eu-central-1", clock, async (asked) => {
    state.count++;
    await state.holds;
    if (state.isFailing) throw Object.assign(new Error("no"), { name: "AccessDenied" });
    expect(asked).toEqual(role);
    const id = String(state.count);
    const expiration = new Date(clock.nowMs() + HOUR_MS);
    return { accessKeyId: id, secretAccessKey: id, sessionToken: id, expiration };
  });
  return { clock, state, credentials };
}

describe("the session of an assumed role", () => {
  it("is kept until five minutes before its end, then renewed", async () => {
    const { clock, state, credentials } = sessions();

    expect((await credentials()).accessKeyId).toBe("1");
    await clock.advance(HOUR_MS - 5 * MINUTE_MS - 1);
    expect((await credentials()).accessKeyId).toBe("1");
    await clock.advance(1);
    expect((await credentials()).accessKeyId).toBe("2");
    expect(state.count).toBe(2);
  });

  it("is asked for once by all who need it at the same time", async () => {
    const { state, credentials } = sessions();

    const ids = (await Promise.all([credentials(), credentials(), credentials()])).map((held) => held.accessKeyId);

    expect(ids).toEqual(["1", "1", "1"]);
    expect(state.count).toBe(1);
  });

  it("serves until its end when it cannot be renewed, and is an error after that", async () => {
    const { clock, state, credentials } = sessions();
    await credentials();
    state.isFailing = true;

    await clock.advance(HOUR_MS - MINUTE_MS);
    expect((await credentials()).accessKeyId).toBe("1");
    await clock.advance(MINUTE_MS);
    await expect(credentials()).rejects.toMatchObject({
      name: "RouteError",
      code: "DENIED",
      retry: "later",
      next: expect.stringContaining(role.roleArn),
    });
    state.isFailing = false;
    expect((await credentials()).accessKeyId).toBe("4");
  });

  it("is given up when STS does not answer in time", async () => {
    const { clock, state, credentials } = sessions();
    state.holds = new Promise(() => undefined);

    const waiting = expect(credentials()).rejects.toMatchObject({ code: "TIMED_OUT" });
    await clock.advance(5_000);

    await waiting;
  });

  it("is an error when the answer holds no credentials", async () => {
    const credentials = assumedRole(role, "eu-central-1", testClock(), async () => ({ accessKeyId: "1" }));

    await expect(credentials()).rejects.toMatchObject({ code: "UNKNOWN" });
  });
});
