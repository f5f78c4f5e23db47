import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDynamo, tableName } from "../../serve/database/table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
let running: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pointsman-"));
});
afterEach(async () => {
  running?.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** `dev/database.ts` as a process of its own; resolves with its endpoint. */
async function start(): Promise<string> {
  const child = spawn(process.execPath, ["--import", "tsx", "dev/database.ts", "--data", folder], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  running = child;
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0];
    if (endpoint !== undefined) return endpoint;
  }
  throw new Error(`the database did not start: ${printed}`);
}

async function kill(): Promise<void> {
  const child = running;
  if (child === undefined) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

const keyOf = (at: number) => ({ pk: { S: "p" }, sk: { S: String(at) } });

describe("the database as a process of its own", () => {
  it("still has every write that it answered after SIGKILL in the middle of others", { timeout: 60_000 }, async () => {
    const answered = new Set<number>();
    for (let round = 0; round < 2; round++) {
      const { client, stop } = await openDynamo(await start());
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let at = round * 100_000 + writer; running?.exitCode === null; at += 8) {
          await client.send(new PutItemCommand({ TableName: tableName, Item: keyOf(at) }));
          answered.add(at);
          if (answered.size === (round + 1) * 300) void kill();
        }
      });
      await Promise.allSettled(writers);
      await stop();
    }

    const { client, stop } = await openDynamo(await start());
    const found = await Promise.all(
      [...answered].map(async (at) => {
        const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: keyOf(at) }));
        return Item === undefined ? [] : [at];
      }),
    );
    await stop();
    expect(found.flat()).toEqual([...answered]);
    expect(answered.size).toBeGreaterThanOrEqual(600);
  });
});
