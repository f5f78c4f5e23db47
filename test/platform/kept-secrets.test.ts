import { describe, expect, it } from "vitest";
import { testClock } from "../../dev/test-clock.ts";
import { keptSecrets } from "../../shared/platform/kept-secrets.ts";
import { startMs } from "../fixtures/network.ts";

function scene(answers: readonly (string | Error)[]) {
  const clock = testClock(startMs);
  const asked: string[] = [];
  const secrets = keptSecrets(async (reference) => {
    const answer = answers[Math.min(asked.push(reference), answers.length) - 1] ?? "";
    if (answer instanceof Error) throw answer;
    return answer;
  }, clock);
  return { clock, secrets, asked };
}

describe("secrets of clouds", () => {
  it("are read once for callers at the same time, and kept for five minutes", async () => {
    const { clock, secrets, asked } = scene(["one", "two"]);

    expect(await Promise.all([secrets.read("a"), secrets.read("a")])).toEqual(["one", "one"]);
    await clock.advance(299_000);
    expect(await secrets.read("a")).toBe("one");
    expect(asked).toEqual(["a"]);

    await clock.advance(1_000);
    expect(await secrets.read("a")).toBe("two");
  });

  it("are kept apart by their reference", async () => {
    const { secrets, asked } = scene(["one", "two"]);

    expect(await secrets.read("a")).toBe("one");
    expect(await secrets.read("b")).toBe("two");
    expect(asked).toEqual(["a", "b"]);
  });

  it("are read anew once the cloud has refused them: a rotated one is taken without a new deployment", async () => {
    const { clock, secrets } = scene(["old", "new"]);
    await secrets.read("a");
    await clock.advance(60_000);

    secrets.forget("a");

    expect(await secrets.read("a")).toBe("new");
  });

  it("are not read anew with every call that a wrong one is refused in", async () => {
    const { clock, secrets, asked } = scene(["wrong", "wrong", "right"]);
    await secrets.read("a");
    secrets.forget("a");
    await secrets.read("a");
    secrets.forget("a");
    expect(await secrets.read("a")).toBe("wrong");
    expect(asked).toHaveLength(1);

    await clock.advance(10_000);
    await secrets.read("a");
    expect(asked).toHaveLength(2);
  });

  it("are tried again at once when they could not be read", async () => {
    const { secrets } = scene([new Error("no answer"), "one"]);

    await expect(secrets.read("a")).rejects.toThrow("no answer");
    expect(await secrets.read("a")).toBe("one");
  });
});
