import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../cli/main.ts";
import { readOptions } from "../../dev/demo/options.ts";
import type { Report } from "../../dev/demo/report.ts";
import { run } from "../../dev/demo/run.ts";
import { serveDynamo } from "../../serve/database/embedded-dynamo.ts";
import { openDynamo, tableName } from "../../serve/database/table.ts";
import { deployedFunctions } from "../../serve/functions.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { systemRandom } from "../../shared/platform/random.ts";
import { dynamoDatabase } from "../../shared/store/dynamo.ts";
import { openStore } from "../../shared/store/store.ts";
import { soakNetworkFile } from "../../soak/network-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pointsman-"));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** `npm start` in this process, with what it printed so far and a hand on Ctrl-C. */
function start(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    hasColour: false,
  };
  const asked = readOptions(["--data", join(folder, "data"), ...argv], io);
  if (asked.kind === "end") throw new Error(err.join("\n"));
  const interrupt = new AbortController();
  const ended = run(asked.options, {
    io,
    clock: systemClock,
    random: systemRandom,
    functions: deployedFunctions,
    interrupted: interrupt.signal,
    path: (path) => path,
  });
  const printed = async (lines: readonly string[], text: string): Promise<string> => {
    let isOver = false;
    void ended.finally(() => {
      isOver = true;
    });
    for (;;) {
      const line = lines.find((one) => one.includes(text));
      if (line !== undefined) return line;
      if (isOver) throw new Error(`ended without printing "${text}":\n${[...out, ...err].join("\n")}`);
      await systemClock.sleep(20);
    }
  };
  return { out, err, ended, printed, interrupt: () => interrupt.abort() };
}

/** Away for longer than half the hosts' time-out: silence during that proves nothing. */
const HOLD_AFTER_MS = 5_500;

const urisIn = (text: string): readonly string[] => text.match(/(?:pritunl|pointsman):\/\/[^:]+:[^@]+/g) ?? [];

describe("npm start", () => {
  let firstUris: readonly string[] = [];
  let endedMs = 0;

  it("fails over a silent host in each cloud and reports it as one line of JSON", { timeout: 120_000 }, async () => {
    const started = start("--once", "--json", "--clouds", "aws,hetzner");
    const exitCode = await started.ended;

    const shown = started.err.join("\n");
    expect(exitCode, shown).toBe(0);
    expect(started.out).toHaveLength(1);
    const report = JSON.parse(started.out[0] ?? "") as Report;
    expect(report.ok).toBe(true);
    expect(report.failovers).toHaveLength(2);
    const [failover] = report.failovers;
    expect(failover).toMatchObject({
      location: "backbone/falkenstein",
      from: "e1",
      to: "e2",
      routes: 3,
      calls: 6,
      gaps: 3,
    });
    expect(report.failovers[1]).toMatchObject({ cloud: "aws", from: "a1", to: "a2", routes: 4, calls: 4, gaps: 0 });
    expect(failover?.reason).toMatch(/^(?:suspected|timed-out)$/);
    const { detectedMs = 0, committedMs = 0, swappedMs = 0, verifiedMs = 0 } = failover ?? {};
    expect([0, detectedMs, committedMs, swappedMs, verifiedMs]).toEqual(
      [0, detectedMs, committedMs, swappedMs, verifiedMs].sort((a, b) => a - b),
    );
    expect(shown).toContain("All 7 routes point at their location's active host");
    endedMs = Date.now();
    firstUris = urisIn(shown);
    expect(firstUris).toHaveLength(4);
  });

  it("serves the command line, which finds it through the data folder", { timeout: 60_000 }, async () => {
    const started = start("--no-demo");
    await started.printed(started.out, "Serving");

    const data = join(folder, "data");
    const lines: string[] = [];
    const exitCode = await main(["--data", data, "status", "--json"], {
      io: {
        out: (text) => void lines.push(text),
        err: (text) => void lines.push(text),
        redraw: () => {},
        isTty: false,
        hasColour: false,
        confirm: async () => undefined,
        interrupted: () => new AbortController().signal,
      },
      clock: systemClock,
      random: systemRandom,
      env: {},
      userName: "tester",
    });
    started.interrupt();

    expect(exitCode, lines.join("\n")).toBe(0);
    expect(JSON.parse(lines.join("\n"))).toMatchObject({ version: 1, links: [{ name: "backbone" }] });
    expect(await started.ended).toBe(0);
    await expect(readFile(join(data, "running.json"))).rejects.toThrow("ENOENT");
  });

  it("finds its data again and holds, since it was away itself", { timeout: 60_000 }, async () => {
    await systemClock.sleep(endedMs + HOLD_AFTER_MS - Date.now());
    const started = start("--once");

    await started.printed(started.err, "hold: Pointsman itself was away");
    started.interrupt();

    expect(await started.ended).toBe(130);
    const shown = started.out.join("\n");
    expect(shown).toContain("sample, version 1");
    expect(urisIn(shown)).toEqual(firstUris);
    expect(shown).not.toContain("without a word");
  });

  it("uses a database that runs already, and says so when none does", { timeout: 60_000 }, async () => {
    const server = await serveDynamo(join(folder, "database"), 0);
    const data = join(folder, "other");
    const started = start("--no-demo", "--data", data, "--database", server.endpoint);
    await started.printed(started.out, "Serving");
    started.interrupt();
    expect(await started.ended).toBe(0);
    expect(/DynamoDB, not ours +(\S+)/.exec(started.out.join("\n"))?.[1]).toBe(server.endpoint);
    const { client, isNew, stop } = await openDynamo(server.endpoint);
    const store = openStore(dynamoDatabase(client, tableName, { clock: systemClock, random: systemRandom }));
    const { network } = (await store.readNetwork()).value;
    await stop();
    await server.stop();
    expect(isNew).toBe(false);
    expect(network.links.map((link) => link.name)).toEqual(["backbone"]);
    await expect(stat(join(data, "dynamodb"))).rejects.toThrow("ENOENT");

    const unreachable = start("--no-demo", "--data", data, "--database", server.endpoint);
    expect(await unreachable.ended).toBe(1);
    expect(unreachable.err.join("\n")).toMatch(/the database at http.* cannot be used: .*start it/);
  });

  it("asks for few URIs when it is only to serve", { timeout: 60_000 }, async () => {
    const path = join(folder, "many.yaml");
    await writeFile(path, soakNetworkFile(2, 24));
    const started = start("--no-demo", "--data", join(folder, "many"), "--network", path);
    await started.printed(started.out, "Serving");
    started.interrupt();

    expect(await started.ended).toBe(0);
    const shown = started.out.join("\n");
    expect([urisIn(shown).length, shown.includes("and 4 more: node bin/pointsman.mjs host uri")]).toEqual([20, true]);
  });

  it("says what is wrong with a network file and ends", { timeout: 60_000 }, async () => {
    const path = join(folder, "bad.yaml");
    await writeFile(path, "version: 1\nlinks: { l: { locations: { x: { networks: [10.0.0.1/16], hosts: {} } } } }\n");
    const started = start("--network", path, "--once", "--json");

    expect(await started.ended).toBe(1);
    expect(started.err.join("\n")).toContain("10.0.0.0/16");
    expect(started.out).toEqual([JSON.stringify({ failovers: [], ok: false })]);
    const absent = start("--network", join(folder, "absent.yaml"));
    expect(await absent.ended).toBe(1);
    expect(absent.err.join("\n")).toContain("absent.yaml");
  });
});
