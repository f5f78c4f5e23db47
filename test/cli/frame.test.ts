import { describe, expect, it } from "vitest";
import { age, duration, pastMoment } from "../../cli/text.ts";
import { openWorld } from "../admin/world.ts";
import { runOnce } from "./desk.ts";

const world = openWorld();
const run = (...args: readonly string[]) => runOnce(args, world, []);

const commands: readonly (readonly string[])[] = [
  ["init"],
  ["validate"],
  ["plan"],
  ["apply"],
  ["status"],
  ["explain"],
  ["events"],
  ["host", "uri"],
  ["switchover"],
  ["pin"],
  ["unpin"],
  ["drain"],
  ["undrain"],
  ["pause"],
  ["resume"],
  ["rotate", "host"],
  ["rotate", "link"],
  ["rotate", "token"],
  ["adopt"],
  ["orphans"],
];

describe("help", () => {
  it.each(commands)("of %s %s shows examples, the global options and the exit codes", async (...command) => {
    const { code, out, err } = await run(...command, "--help");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`Usage: pointsman ${command.join(" ")}`);
    expect(out).toContain(`Examples:\n  pointsman ${command.join(" ")}`);
    expect(out).toContain("--json");
    expect(out).toMatch(/Exit codes:\n {2}0 {2}done\n {2}1 .*\n {2}2 .*\n {2}3 .*\n {2}4 /);
  });

  it("lists every command", async () => {
    const { out } = await run("--help");
    for (const [name] of commands) expect(out).toMatch(new RegExp(`^  ${name}\\b`, "m"));
  });
});

describe("a command line that is wrong", () => {
  it.each([
    [["nothing"]],
    [["status", "--nothing"]],
    [["status", "extra"]],
    [["explain"]],
    [["plan"]],
    [["host"]],
    [["rotate"]],
    [["host", "uri", "backbone/us-east"]],
    [["pin", "backbone/us-east"]],
    [["switchover", "us-east"]],
    [["switchover", "a/b/c"]],
    [["drain", "a//c"]],
    [["plan", "-f", "/nothing/there.yaml"]],
    [["plan", "-f", "/"]],
    [["init", "--stage", "Prod/1"]],
  ])("%j ends with 2 and says why", async (args) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).not.toBe("");
  });

  it("is told as JSON with --json", async () => {
    const { code, out } = await run("status", "--nothing", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "usage", message: expect.stringContaining("--nothing") } });
    expect(JSON.parse((await run("pin", "x", "--json")).out)).toMatchObject({ error: { code: "usage" } });
  });
});

describe("texts", () => {
  it.each([
    [0, "0.0 s"],
    [3_249, "3.2 s"],
    [59_900, "59.9 s"],
    [59_960, "1 m 0 s"],
    [130_400, "2 m 10 s"],
    [3_599_700, "1 h 0 m"],
    [11_040_000, "3 h 4 m"],
    [183_600_000, "2 d 3 h"],
    [-500, "0.0 s"],
  ])("an age of %i ms is %s", (ms, text) => {
    expect(age(ms)).toBe(text);
  });

  it("lengths and points of time are read, and nothing else is", () => {
    expect(["30s", "5m", "2h", "7d"].map(duration)).toEqual([30_000, 300_000, 7_200_000, 604_800_000]);
    expect(["", "5", "-5m", "1.5h", "5 m", "m"].map(duration)).toEqual(Array(6).fill(undefined));
    expect(pastMoment("10s", 15_000)).toBe(5_000);
    expect(pastMoment("7d", 15_000)).toBe(0);
    expect(pastMoment("2026-01-31T12:00:00Z", 0)).toBe(Date.UTC(2026, 0, 31, 12));
    expect(["yesterday", "2026-13-01", "1900-01-01"].map((text) => pastMoment(text, 0))).toEqual(
      Array(3).fill(undefined),
    );
  });
});
