import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../cli/main.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { systemRandom } from "../../shared/platform/random.ts";
import { freePort } from "../../soak/processes/child.ts";
import { until } from "./estate.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
let child: ChildProcess | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pointsman-serve-"));
});
afterEach(() => child?.kill("SIGKILL"));
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** A command line in this process, with what it printed. */
async function run(...argv: string[]): Promise<{ readonly code: number; readonly text: string }> {
  const lines: string[] = [];
  const code = await main(argv, {
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
  return { code, text: lines.join("\n") };
}

describe("pointsman serve", () => {
  it("serves from one folder until it is told to stop, and ends with 0", async () => {
    const data = join(folder, "data");
    const args = ["bin/pointsman.mjs", "serve", "--data", data, "--http", "--port", String(await freePort())];
    child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    const ended = once(child, "exit");
    await until("it serves", async () => (printed.includes('"serving"') ? true : undefined));
    const lines = () => printed.trim().split("\n");
    const { url } = JSON.parse(lines()[0] ?? "") as { readonly url: string };

    const health = await fetch(`${url}/healthz?verbose`);
    const status = await run("--data", data, "status", "--json");
    child.kill("SIGTERM");

    expect(await ended).toEqual([0, null]);
    expect(await health.json()).toMatchObject({ ok: true, version: expect.stringMatching(/^\d/) });
    expect(status.code, status.text).toBe(0);
    const found = lines().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(found.map(({ level, message }) => [level, message])).toEqual([
      ["INFO", "serving"],
      ["INFO", "stopping"],
      ["INFO", "stopped"],
    ]);
    expect(found[2]).toMatchObject({ isClean: true });
    await expect(stat(join(data, "lock"))).rejects.toThrow("ENOENT");
  });

  it.each<[string, number, string[], RegExp]>([
    ["no database", 2, [], /no database is named/],
    ["a port that is none", 2, ["--port", "0"], /a port is a number from 1 to 65535/],
    ["an address of a database that is none", 2, ["--database-url", "db"], /is like http:\/\/127.0.0.1:8000/],
    ["a drain that is too long", 2, ["--drain", "6m"], /up to 5m/],
    ["an option that there is not", 2, ["--tls", "x"], /unknown option '--tls'/],
    ["plain HTTP for everybody", 2, ["--data", "d", "--http", "--host", "0.0.0.0"], /in the clear/],
    [
      "a database that is not there",
      3,
      ["--database-url", "http://127.0.0.1:1", "--secrets", "s", "--http"],
      /at http:\/\/127.0.0.1:1 cannot be used.*\n.*check that the database runs/,
    ],
  ])("refuses %s and says what to do", async (_, code, options, text) => {
    const ran = await run("serve", ...options);

    expect(ran.text).toMatch(text);
    expect(ran.code).toBe(code);
  });

  it("says which file or port of this machine is in its way", async () => {
    const file = join(folder, "file");
    await writeFile(file, "no certificate");
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { readonly port: number };
    const data = ["--data", join(folder, "other"), "--host", "127.0.0.1"];

    const inFile = await run("serve", "--data", file);
    const withFile = await run("serve", ...data, "--tls-cert", file, "--tls-key", file);
    const onTaken = await run("serve", ...data, "--port", String(port));
    taken.close();

    expect([inFile.code, withFile.code, onTaken.code]).toEqual([1, 1, 1]);
    expect(inFile.text).toMatch(/--data .*file cannot be a folder/);
    expect(withFile.text).toMatch(/is no certificate with its key/);
    expect(onTaken.text).toContain(`port ${port} is taken`);
    await expect(stat(join(folder, "other", "lock"))).rejects.toThrow("ENOENT");
  });
});
