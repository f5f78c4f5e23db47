import { describe, expect, it } from "vitest";
import { testClock } from "../../dev/test-clock.ts";
import { createHealth } from "../../serve/health.ts";
import { answerHealth } from "../../serve/health-answer.ts";

const ask = (path: string, health: ReturnType<typeof createHealth>) =>
  answerHealth(new Request(`https://localhost${path}`), health.report(), { version: "1.2.3" });

describe("the health of a server", () => {
  it("is good while the database answered within 30 s and the schedule ran within 150 s", async () => {
    const clock = testClock();
    const health = createHealth(clock);

    await clock.advance(30_000);
    expect(ask("/healthz", health).status).toBe(200);
    await clock.advance(1);
    const missed = ask("/healthz", health);
    expect([missed.status, await missed.text()]).toEqual([503, "failing: database\n"]);

    health.database.well();
    expect(await ask("/healthz", health).text()).toBe("ok\n");
    await clock.advance(120_000);
    health.database.well();
    const late = ask("/healthz", health);
    expect([late.status, await late.text()]).toEqual([503, "failing: schedule\n"]);
    health.schedule.well();
    expect(ask("/healthz", health).status).toBe(200);
  });

  it("tells of both parts, of what the database said and of the version as JSON", async () => {
    const clock = testClock();
    const health = createHealth(clock);
    await clock.advance(31_000);
    health.database.badly("dynamodb: no answer");
    health.schedule.well();
    await clock.advance(1_000);

    const answer = ask("/healthz?verbose", health);

    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      ok: false,
      failing: ["database"],
      uptimeMs: 32_000,
      database: { ok: false, agoMs: 32_000, error: "dynamodb: no answer" },
      schedule: { ok: true, agoMs: 1_000 },
      version: "1.2.3",
    });
  });

  it("sends load balancers elsewhere as soon as the server is to stop", async () => {
    const health = createHealth(testClock());

    health.stopping();

    const answer = ask("/healthz", health);
    expect([answer.status, await answer.text()]).toEqual([503, "failing: stopping\n"]);
  });
});
