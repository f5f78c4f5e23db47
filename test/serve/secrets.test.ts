import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testClock } from "../../dev/test-clock.ts";
import { cloudSecretFiles, folderFileSecrets } from "../../serve/secrets/folder-secrets.ts";
import { openCloudParts } from "../../serve/secrets/open-secrets.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pointsman-secrets-"));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function put(name: string, text: string, mode = 0o600): Promise<void> {
  await writeFile(join(folder, name), text);
  await chmod(join(folder, name), mode);
}

const key = Buffer.alloc(32, 7).toString("base64");
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

describe("the secrets of a server in files", () => {
  it("are the master key and the hash of the admin token", async () => {
    await put("master-key", `${key}\n`);
    await put("admin-token", "token-of-this-test\n");
    expect(await folderFileSecrets(folder, testClock()).adminTokenHash()).toBe(hashOf("token-of-this-test"));
    await put("admin-token-hash", hashOf("another"));
    const secrets = folderFileSecrets(folder, testClock());

    expect(Buffer.from(await secrets.masterKey()).toString("base64")).toBe(key);
    expect(await secrets.adminTokenHash()).toBe(hashOf("another"));
  });

  it("are refused with the file's name where others may use them, and never shown", async () => {
    for (const mode of [0o644, 0o604, 0o660, 0o602]) {
      await put("master-key", key, mode);
      const error = await folderFileSecrets(folder, testClock())
        .masterKey()
        .then(String, (refused: Error) => refused);
      expect(error).toMatchObject({ name: "ServeError", next: `chmod 600 ${join(folder, "master-key")}` });
      expect(String(error)).toContain(`has mode ${mode.toString(8)}`);
      expect(String(error)).not.toContain(key);
    }
    await put("master-key", key, 0o440);
    await expect(folderFileSecrets(folder, testClock()).masterKey()).resolves.toHaveLength(32);
  });

  it("are missed with what to do", async () => {
    const secrets = folderFileSecrets(folder, testClock());

    await expect(secrets.masterKey()).rejects.toMatchObject({ next: expect.stringContaining("pointsman init --data") });
    await expect(secrets.adminTokenHash()).rejects.toThrow(/neither .*admin-token-hash nor .*admin-token is there/);
    await put("master-key", "short");
    await expect(secrets.masterKey()).rejects.toThrow(/master-key is not base64 of 32 bytes/);
    await put("master-key", "");
    await expect(secrets.masterKey()).rejects.toThrow(/master-key is empty/);
    await put("master-key", "x".repeat(64 * 1024 + 1));
    await expect(secrets.masterKey()).rejects.toThrow(/longer than 65536 bytes/);
  });
});

describe("the secrets of clouds in files", () => {
  it("are read by the name that the network file gives", async () => {
    await mkdir(join(folder, "prod"));
    await put("prod/hetzner-token", "token-of-hetzner\n");
    const read = cloudSecretFiles(folder);

    expect(await read("prod/hetzner-token")).toBe("token-of-hetzner");
    await expect(read("prod/other")).rejects.toMatchObject({ code: "INVALID", retry: "later" });
    await put("prod/hetzner-token", "token-of-hetzner", 0o644);
    await expect(read("prod/hetzner-token")).rejects.toMatchObject({ code: "DENIED" });
  });

  it.each(["../master-key", "a/../../b", "/etc/passwd", ".", "..", "a//b", "a/", "", "a\0b", "a/./b", "C:\\x"])(
    "never lead out of their folder: %j",
    async (reference) => {
      await expect(cloudSecretFiles(join(folder, "sub"))(reference)).rejects.toMatchObject({
        code: "INVALID",
        retry: "never",
      });
    },
  );

  it("are refused where neither a folder nor a region is named", async () => {
    const { cloudSecrets, awsToken } = openCloudParts({ secretsPath: undefined, region: undefined }, testClock());

    await expect(cloudSecrets?.read("hetzner")).rejects.toMatchObject({ next: expect.stringContaining("--secrets") });
    expect(awsToken).toBeUndefined();
  });
});
