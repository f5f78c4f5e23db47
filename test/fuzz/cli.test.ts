import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { exitCodes } from "../../cli/exit.ts";
import { orphansIn } from "../admin/orphans-in.ts";
import { sampleFile, sampleWorld, type World } from "../admin/world.ts";
import { type Desk, openDesk, type Ran, runOnce } from "../cli/desk.ts";
import { cases, must, tally, timeoutMs } from "./cases.ts";
import { anyCommandLine, type Places, wordsOf } from "./command-line.ts";
import { isPolluted, leakIn } from "./leaks.ts";

const worldCases = 150;
const hosts = ["us-east/a1", "us-east/a2", "us-west/b1", "us-west/b2"].map((path) => `backbone/${path}`);

async function openWorld(): Promise<World> {
  const world = await sampleWorld();
  await orphansIn(world, ["10.7.0.0/16"]);
  await orphansIn(world, ["10.1.0.0/16", "192.168.0.0/16"], { state: "foreign", seen: "nat-0a1" });
  return world;
}

/** Files that a command line may name, in the desk's folder; a file in the place of a data folder. */
async function setOut(desk: Desk): Promise<Places> {
  const files = [
    await desk.file("same.yaml", sampleFile),
    await desk.file("next.yaml", sampleFile.replace("priority: 10", "priority: 11")),
    await desk.file("less.yaml", sampleFile.slice(0, sampleFile.indexOf("      office:"))),
    await desk.file("wrong.yaml", sampleFile.replace("10.1.0.0/16", "10.1.0.1/16")),
    join(desk.folder, "missing.yaml"),
    desk.folder,
  ];
  await writeFile(join(desk.folder, "binary.yaml"), new Uint8Array([0xff, 0xfe, 0x00]));
  await writeFile(join(desk.folder, "a-file"), "");
  await mkdir(join(desk.folder, "empty"));
  return {
    folder: desk.folder,
    files: [...files, join(desk.folder, "binary.yaml")],
    url: desk.url,
    deadUrl: "https://127.0.0.1:1",
  };
}

/** AWS is nowhere: nothing that a command line says leaves this machine. */
function takeAwayAws(): void {
  vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "key");
  vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED", "true");
}

const codes: readonly number[] = Object.values(exitCodes);

/** What AWS says of itself is passed on with its name. */
const ofAws = /SSM parameter \S+ cannot be written: \w+: .*/g;

/** What every run of a command is. */
function judge({ code, out, err }: Ran): void {
  must(codes.includes(code), `exit code ${code}`);
  const leak = leakIn(`${out}\n${err}`.replaceAll(ofAws, ""));
  must(leak === undefined, `shows its insides: ${leak}\n${err}`);
  must(!`${out}${err}`.includes("fault of pointsman"), `does not know what to make of it: ${out}${err}`);
  must(code === 0 || err !== "" || out.includes('"error"'), "fails without a word");
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("whatever is typed behind `pointsman`", () => {
  it(
    "ends with an exit code that is documented, never shows a stack, and changes nothing where it is wrong",
    async () => {
      takeAwayAws();
      let world = await openWorld();
      const desk = await openDesk({
        ...world,
        get admin() {
          return world.admin;
        },
      });
      const places = await setOut(desk);
      const met = { code: tally(), command: tally() };
      let count = 0;
      const anyCase = fc.record({ line: anyCommandLine, answers: fc.constantFrom(undefined, [], [true], [false]) });

      const property = fc.asyncProperty(anyCase, async ({ line, answers }) => {
        if (++count % worldCases === 0) world = await openWorld();
        if (count % 20 === 0) await world.beat(...hosts);
        const words = wordsOf(line, places);
        const before = { writes: world.database.writes, wakes: world.wakes.length };

        const options = { env: { POINTSMAN_DATA: desk.folder }, interruptAt: 2, ...(answers && { answers }) };
        const ran = await runOnce(words, world, [], options);

        judge(ran);
        const after = { writes: world.database.writes, wakes: world.wakes.length };
        const isWrong = ran.code === exitCodes.usage || ran.code >= exitCodes.unreachable;
        must(!isWrong || (after.writes === before.writes && after.wakes === before.wakes), "wrong, and done");
        if (words.includes("token")) await writeFile(join(desk.folder, "admin-token"), `${world.token}\n`);
        met.code.add(ran.code);
        if (ran.code === 0) met.command.add(words[0] ?? "");
      });
      await fc.assert(property, cases(5_000, 31));

      met.code.expectEach(codes, 0.02);
      const commands = [
        "init",
        "validate",
        "plan",
        "apply",
        "status",
        "explain",
        "events",
        "host",
        "switchover",
        "pin",
      ];
      const others = ["unpin", "drain", "undrain", "pause", "resume", "rotate", "adopt", "orphans"];
      met.command.expectEach([...commands, ...others], 0.002);
      expect(isPolluted()).toBe(false);
      await desk.close();
    },
    timeoutMs,
  );
});
