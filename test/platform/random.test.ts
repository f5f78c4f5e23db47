import { describe, expect, it } from "vitest";
import { systemRandom } from "../../shared/platform/random.ts";

describe("chance from the operating system", () => {
  it("never gives the same bytes twice, across many refills", () => {
    const drawn = Array.from({ length: 2_000 }, () => Buffer.from(systemRandom.bytes(16)).toString("hex"));

    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it("gives bytes that a later draw does not change", () => {
    const first = systemRandom.bytes(16);
    const copy = first.slice();
    for (let draw = 0; draw < 1_000; draw++) systemRandom.bytes(16);

    expect(first).toEqual(copy);
  });

  it.each([0, 1, 4_095, 4_096, 4_097, 10_000])("gives %i bytes when asked for them", (count) => {
    expect(systemRandom.bytes(count)).toHaveLength(count);
  });
});
