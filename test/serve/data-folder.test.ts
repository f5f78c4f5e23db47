import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testClock } from "../../dev/test-clock.ts";
import { openDataFolder } from "../../serve/data-folder.ts";
import { startEmbeddedDynamo } from "../../serve/database/embedded-dynamo.ts";
import { startSchedule } from "../../serve/schedule.ts";
import { silentLog } from "../dev/fake-endpoint.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "pointsman-")), "data");
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

describe("a data folder", () => {
  it("keeps its secrets and certificate, for its owner's eyes alone", async () => {
    const first = await openDataFolder(folder, Date.now());
    const key = await first.secrets.masterKey();
    await first.close();
    const second = await openDataFolder(folder, Date.now());

    expect(key).toHaveLength(32);
    expect(await second.secrets.masterKey()).toEqual(key);
    expect(second.adminToken).toBe(first.adminToken);
    expect(second.certificate).toEqual(first.certificate);
    expect(await second.secrets.adminTokenHash()).toMatch(/^[0-9a-f]{64}$/);
    for (const name of ["master-key", "admin-token", "certificate-key.pem"]) {
      expect(await modeOf(join(folder, name))).toBe("600");
    }
    await second.close();
  });

  it("is for one process at a time", async () => {
    const first = await openDataFolder(folder, Date.now());

    await expect(openDataFolder(folder, Date.now())).rejects.toThrow(/already runs on .* --data/);

    await first.close();
    await (await openDataFolder(folder, Date.now())).close();
  });

  it("takes over the lock of a process that died", async () => {
    await (await openDataFolder(folder, Date.now())).close();
    await writeFile(join(folder, "lock"), "999999999\n");

    await (await openDataFolder(folder, Date.now())).close();
  });

  it.runIf(process.platform === "linux")("does not take another process for the one that died", async () => {
    await (await openDataFolder(folder, Date.now())).close();
    await writeFile(join(folder, "lock"), `${process.ppid}\n`);
    await expect(openDataFolder(folder, Date.now())).rejects.toThrow(/already runs on/);

    await writeFile(join(folder, "lock"), `${process.ppid} of-another-boot 17\n`);

    await (await openDataFolder(folder, Date.now())).close();
  });

  it("says so when its key is damaged", async () => {
    await (await openDataFolder(folder, Date.now())).close();
    await writeFile(join(folder, "master-key"), "short\n");

    await expect(openDataFolder(folder, Date.now())).rejects.toThrow(/master-key is damaged/);
  });

  it("tells where the server runs while it runs", async () => {
    const data = await openDataFolder(folder, Date.now());
    const running = { url: "https://127.0.0.1:1", adminUrl: "https://127.0.0.1:1", pid: 7, certificate: "c.pem" };

    await data.announce(running);
    expect(JSON.parse(await readFile(join(folder, "running.json"), "utf8"))).toEqual(running);
    await data.close();

    await expect(readFile(join(folder, "running.json"))).rejects.toThrow("ENOENT");
  });
});

describe("the embedded database", () => {
  it("finds its table again after a restart", async () => {
    const data = await openDataFolder(folder, Date.now());
    const first = await startEmbeddedDynamo(data.dynamoPath);
    await first.stop();
    const second = await startEmbeddedDynamo(data.dynamoPath);
    await second.stop();
    await data.close();

    expect([first.isNew, second.isNew]).toEqual([true, false]);
  });
});

describe("the local schedule", () => {
  it("runs at once and then at every full minute, whatever a run comes to", async () => {
    const clock = testClock(1_700_000_030_000 - (1_700_000_030_000 % 60_000) + 42_000);
    const runs: number[] = [];
    const stop = startSchedule({ clock, log: silentLog }, 60_000, async () => {
      runs.push(clock.nowMs() % 60_000);
      if (runs.length === 2) throw new Error("no");
    });

    await clock.advance(150_000);
    expect(runs).toEqual([42_000, 0, 0, 0]);

    await stop();
    await clock.advance(600_000);
    expect(runs).toHaveLength(4);
  });
});
