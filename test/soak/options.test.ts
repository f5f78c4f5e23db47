import { describe, expect, it } from "vitest";
import { readSoakOptions } from "../../soak/options.ts";

function read(line: string) {
  const out: string[] = [];
  const err: string[] = [];
  const argv = line === "" ? [] : line.split(" ");
  const asked = readSoakOptions(argv, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { asked, out: out.join("\n"), err: err.join("\n") };
}

describe("the command line of npm run soak", () => {
  it("needs nothing", () => {
    expect(read("").asked).toEqual({
      kind: "run",
      options: {
        hosts: 500,
        locations: 100,
        minutes: 3,
        seed: 1,
        serverKills: 3,
        databaseKills: 3,
        sleepMs: undefined,
        json: false,
        keep: false,
      },
    });
  });

  it("takes every option", () => {
    const line =
      "--hosts 40 --locations 8 --minutes 0.5 --seed 9 --server-kills 1 --database-kills 0 --sleep 1.5 --json --keep";

    expect(read(line).asked).toEqual({
      kind: "run",
      options: {
        hosts: 40,
        locations: 8,
        minutes: 0.5,
        seed: 9,
        serverKills: 1,
        databaseKills: 0,
        sleepMs: 1_500,
        json: true,
        keep: true,
      },
    });
  });

  it.each([
    ["--frobnicate", "unknown option"],
    ["surplus", "too many arguments"],
    ["--hosts 1", "a number from 2 to 800"],
    ["--hosts many", "a number from 2 to 800"],
    ["--locations 201", "a number from 2 to 200"],
    ["--minutes 0", "from 0.2 to 120"],
    ["--seed -1", "a number from 0"],
    ["--sleep 0.5", "from 1 to 5 seconds"],
    ["--server-kills 21", "a number from 0 to 20"],
    ["--hosts 100 --locations 60", "from 2 to 32 hosts"],
    ["--hosts 100 --locations 2", "from 2 to 32 hosts"],
  ])("refuses %s with exit code 2 and says why", (line, reason) => {
    const { asked, out, err } = read(line);

    expect(asked).toEqual({ kind: "end", exitCode: 2 });
    expect(err).toContain(reason);
    expect(err).toContain("--help");
    expect(out).toBe("");
  });

  it("shows help with examples and exit codes", () => {
    const { asked, out } = read("--help");

    expect(asked).toEqual({ kind: "end", exitCode: 0 });
    expect(out).toContain("Examples:");
    expect(out).toContain("Exit codes:");
  });
});
