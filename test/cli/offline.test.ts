import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ParameterAlreadyExists, type PutParameterCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newMasterKey, newToken, tokenHash } from "../../cli/secret-store/secret-store.ts";
import { ssmSecrets } from "../../cli/secret-store/ssm.ts";
import { openWorld, sampleFile } from "../admin/world.ts";
import { runOnce } from "./desk.ts";

const world = openWorld();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pointsman-offline-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (args: readonly string[], answers?: readonly boolean[]) =>
  runOnce([...args, "--data", join(folder, "data")], world, [], answers === undefined ? {} : { answers });
const inFolder = (name: string) => readFile(join(folder, "data", name), "utf8");

describe("validate", () => {
  const file = async (text: string | Uint8Array) => {
    const path = join(folder, "network.yaml");
    await writeFile(path, text);
    return path;
  };

  it("counts what a valid file holds, without a server", async () => {
    const path = await file(sampleFile);
    expect(await run(["validate", path])).toEqual({
      code: 0,
      out: `${path} is valid: 1 link, 3 locations, 5 hosts`,
      err: "",
    });
    expect(JSON.parse((await run(["validate", path, "--json"])).out)).toMatchObject({
      valid: true,
      hosts: 5,
      warnings: [],
    });
  });

  it("warns of what is allowed and unwise", async () => {
    const path = await file(sampleFile.replace(/ {10}b2: .*\n/, ""));
    expect((await run(["validate", path])).out).toContain("warning: backbone/us-west has one host");
  });

  it("lists every mistake with line, field, value and reason, and ends with 1", async () => {
    const path = await file(sampleFile.replace("10.1.0.0/16", "10.1.0.1/16").replace("vpc-0a1", "vnet-1"));
    const { code, out, err } = await run(["validate", path]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("has 2 mistakes");
    expect(err).toMatch(/line 7: .*vpc: "vnet-1": /);
    const shown = JSON.parse((await run(["validate", path, "--json"])).out) as { error: { mistakes: object[] } };
    expect(shown.error.mistakes).toHaveLength(2);
  });

  it("refuses bytes that are no text", async () => {
    expect(await run(["validate", await file(new Uint8Array([0xff, 0xfe]))])).toMatchObject({
      code: 1,
      err: expect.stringContaining("not UTF-8"),
    });
  });
});

describe("init of a local data folder", () => {
  it("makes both secrets, readable by nobody else, and shows the token once", async () => {
    const { code, out } = await run(["init"]);

    expect(code).toBe(0);
    const token = (await inFolder("admin-token")).trim();
    expect(out).toContain(`shown this once: ${token}`);
    expect(Buffer.from((await inFolder("master-key")).trim(), "base64")).toHaveLength(32);
    expect(out).not.toContain((await inFolder("master-key")).trim());
    for (const name of ["admin-token", "master-key"]) {
      expect((await stat(join(folder, "data", name))).mode & 0o777).toBe(0o600);
    }
  });

  it("never overwrites what is there, and does not show it", async () => {
    await run(["init"]);
    const before = [await inFolder("master-key"), await inFolder("admin-token")];

    const { code, out } = await run(["init", "--json"]);

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ masterKey: { made: false }, adminToken: { made: false } });
    expect([await inFolder("master-key"), await inFolder("admin-token")]).toEqual(before);
    expect(out).not.toContain((before[1] ?? "").trim());
  });

  it("says what to do when the folder cannot be written", async () => {
    await writeFile(join(folder, "data"), "a file");
    expect(await run(["init"])).toMatchObject({ code: 1, err: expect.stringContaining("--data") });
  });
});

describe("rotate token of a local data folder", () => {
  it("asks, replaces the token, and keeps the master key", async () => {
    await run(["init"]);
    const [key, token] = [await inFolder("master-key"), await inFolder("admin-token")];
    expect((await run(["rotate", "token"])).code).toBe(2);
    expect((await run(["rotate", "token"], [false])).code).toBe(1);
    expect(await inFolder("admin-token")).toBe(token);

    const { code, out } = await run(["rotate", "token", "--yes"]);

    expect(code).toBe(0);
    const next = await inFolder("admin-token");
    expect(next).not.toBe(token);
    expect(out).toContain(next.trim());
    expect(await inFolder("master-key")).toBe(key);
    expect((await stat(join(folder, "data", "admin-token"))).mode & 0o777).toBe(0o600);
  });
});

describe("secrets of a stage on AWS", () => {
  type Put = PutParameterCommand["input"];
  const fakeSsm = (held: Map<string, string>, puts: Put[] = []) => ({
    puts,
    held,
    async send(command: PutParameterCommand) {
      const put = command.input;
      puts.push(put);
      if (held.has(put.Name ?? "") && put.Overwrite !== true) {
        throw new ParameterAlreadyExists({ $metadata: {}, message: "exists" });
      }
      held.set(put.Name ?? "", put.Value ?? "");
      return {};
    },
  });
  const open = (fake: ReturnType<typeof fakeSsm>) => ssmSecrets(fake as never, "prod");

  it("are SecureString parameters, the token as its hash alone, never overwritten by init", async () => {
    const fake = fakeSsm(new Map());
    const store = open(fake);
    const token = newToken(world.deps.random);

    expect(await store.putMasterKey(newMasterKey(world.deps.random))).toBe(true);
    expect(await store.putToken(token)).toBe(true);
    expect(await store.putMasterKey("another")).toBe(false);
    expect(await store.putToken("another")).toBe(false);

    expect([...fake.held.keys()]).toEqual(["/pointsman/prod/master-key", "/pointsman/prod/admin-token-hash"]);
    expect(fake.held.get("/pointsman/prod/admin-token-hash")).toBe(tokenHash(token));
    expect(fake.puts.every(({ Type }) => Type === "SecureString")).toBe(true);
    expect(JSON.stringify(fake.puts)).not.toContain(token);
    await store.replaceToken("next");
    expect(fake.held.get("/pointsman/prod/admin-token-hash")).toBe(tokenHash("next"));
  });

  it("are put to the address of AWS_ENDPOINT_URL, with the SDK's own signing", async () => {
    const asked: { target: string; body: Put; isSigned: boolean }[] = [];
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (part) => {
        text += part;
      });
      request.on("end", () => {
        const isSigned = /^AWS4-HMAC-SHA256 /.test(request.headers.authorization ?? "");
        asked.push({ target: String(request.headers["x-amz-target"]), body: JSON.parse(text), isSigned });
        const isFirst = asked.length === 1;
        response.writeHead(isFirst ? 200 : 400, { "content-type": "application/x-amz-json-1.1" });
        response.end(
          JSON.stringify(isFirst ? { Version: 1 } : { __type: "ParameterAlreadyExists", message: "exists" }),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "key");

    const { code, out } = await run(["init", "--stage", "prod", "--region", "eu-central-1", "--json"]);

    vi.unstubAllEnvs();
    server.close();
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      masterKey: { place: "SSM parameter /pointsman/prod/master-key", made: true },
      adminToken: { made: false },
    });
    expect(asked).toMatchObject([
      { target: "AmazonSSM.PutParameter", body: { Type: "SecureString", Overwrite: false }, isSigned: true },
      { body: { Name: "/pointsman/prod/admin-token-hash" } },
    ]);
  });

  it("are not asked for by a region or a stage that cannot be one", async () => {
    for (const region of ["", "eu central", "EU", "example.net/x", "\u4e2d"]) {
      for (const command of [["init"], ["rotate", "token"]]) {
        expect(await run([...command, "--stage", "prod", "--region", region])).toMatchObject({ code: 2 });
      }
    }
    expect(await run(["init", "--stage", "Prod/x"])).toMatchObject({ code: 2 });
  });

  it("have the form that the functions take", () => {
    const key = newMasterKey(world.deps.random);
    expect(Buffer.from(key, "base64").toString("base64")).toBe(key);
    expect(Buffer.from(key, "base64")).toHaveLength(32);
    expect(tokenHash("x")).toMatch(/^[0-9a-f]{64}$/);
    expect(newToken(world.deps.random)).toMatch(/^pm_[A-Za-z0-9_-]{43}$/);
  });

  it("that AWS refuses are told with what to do", async () => {
    const denied = Object.assign(new Error("not allowed"), { name: "AccessDeniedException" });
    const store = ssmSecrets({ send: async () => Promise.reject(denied) } as never, "prod");
    await expect(store.putToken("x")).rejects.toMatchObject({
      exitCode: 1,
      next: expect.stringContaining("ssm:PutParameter"),
    });
    await expect(store.replaceToken("x")).rejects.toMatchObject({ code: "secret-store" });
  });
});
