import { describe, expect, it } from "vitest";
import { readSimOptions } from "../../sim/run/options.ts";
import { replayCommand } from "../../sim/run/replay.ts";

function read(line: string) {
  const said: string[] = [];
  const asked = readSimOptions(line === "" ? [] : line.split(" "), {
    out: (text) => void said.push(text),
    err: (text) => void said.push(text),
  });
  return { asked, said: said.join("\n") };
}

describe("the command line of the simulator", () => {
  it("takes seeds, hours, faults and workers, hours as a fraction", () => {
    const { asked } = read("--seeds 1000 --hours 0.5 --faults light --first-seed 77 --workers 3 --json");

    expect(asked).toMatchObject({
      kind: "run",
      options: { seeds: 1000, hours: 0.5, faults: "light", firstSeed: 77, workers: 3, json: true, seed: undefined },
    });
  });

  it("takes one world with what is kept of it", () => {
    const { asked } = read("--seed 17 --until 812.4 --only 3,17,22 --without replay,host-clock");

    expect(asked).toMatchObject({
      kind: "run",
      options: { seed: 17, untilMs: 812_400, only: [3, 17, 22], without: ["host-clock", "replay"] },
    });
  });

  it("takes no incident at all", () => {
    expect(read("--seed 17 --only none").asked).toMatchObject({ kind: "run", options: { only: [] } });
  });

  it.each([
    ["--seeds 0", "a number of worlds is a whole number from 1"],
    ["--seeds many", "a number of worlds is a whole number from 1"],
    ["--hours 0", "hours are a number above 0"],
    ["--hours -1", "hours are a number above 0"],
    ["--faults some", "Allowed choices are none, light, heavy"],
    ["--workers 0", "a number of workers"],
    ["--seed -1", "a seed"],
    ["--seed 1 --until soon", "a time is a number of seconds"],
    ["--seed 1 --only 1,,2", "incidents are numbers with commas"],
    ["--seed 1 --without rain", 'there is no fault "rain"; there are: host-vanish'],
    ["--until 5", "--until and --only are about one world"],
    ["--only 5", "--until and --only are about one world"],
    ["--wrong", "unknown option"],
    ["more", "too many arguments"],
  ])("refuses %s, says why, and ends with 2", (line, why) => {
    const { asked, said } = read(line);

    expect(asked).toEqual({ kind: "end", exitCode: 2 });
    expect(said).toContain(why);
    expect(said).toContain("npm run sim -- --help");
  });

  it("helps with examples and exit codes", () => {
    const { asked, said } = read("--help");

    expect(asked).toEqual({ kind: "end", exitCode: 0 });
    for (const part of ["--first-seed", "--without", "Examples:", "Exit codes:"]) expect(said).toContain(part);
  });

  it("understands the command that replays a violation", () => {
    const world = { seed: 9, hours: 0.25, faults: "heavy" } as const;
    const command = replayCommand(world, { only: [3, 4], untilMs: 812_401, without: ["replay"] });

    expect(command).toBe(
      "npm run sim -- --seed 9 --hours 0.25 --faults heavy --until 812.401 --only 3,4 --without replay",
    );
    expect(read(command.slice("npm run sim -- ".length)).asked).toMatchObject({
      kind: "run",
      options: { ...world, only: [3, 4], untilMs: 812_401, without: ["replay"] },
    });
  });

  it("can say that no incident is kept", () => {
    expect(replayCommand({ seed: 1, hours: 1, faults: "none" }, { only: [] })).toContain("--only none");
  });
});
