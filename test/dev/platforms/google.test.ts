import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendHttp } from "../../../cli/http.ts";
import { startAwsDoor } from "../../../dev/platforms/aws-door.ts";
import { startGooglePlatform } from "../../../dev/platforms/google.ts";
import { makeCertificate } from "../../../serve/http/certificate.ts";
import { startStandIn } from "../../conformance/stand-in.ts";

const token = `pm_${randomBytes(24).toString("base64url")}`;
const secrets = {
  masterKey: async () => new Uint8Array(32).fill(7),
  adminTokenHash: async () => createHash("sha256").update(token).digest("hex"),
};

const endings: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

describe("Google Cloud beside the local runtime", () => {
  let ask: (method: "GET" | "POST", path: string, body?: object) => Promise<{ status: number; body: string }>;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const dynamo = await startStandIn(new Map());
    endings.push(() => dynamo.stop());
    const door = await startAwsDoor({ secrets, elsewhere: "http://127.0.0.1:1" });
    endings.push(() => door.close());
    const certificate = await makeCertificate(Date.now());
    const platform = await startGooglePlatform(
      {
        port: 0,
        certificate,
        dynamoUrl: dynamo.endpoint,
        awsUrl: door.url,
        tableName: "pointsman",
        endpoints: ["127.0.0.1:1"],
        cloudEndpoints: { gcp: "http://127.0.0.1:1" },
      },
      () => undefined,
    );
    stop = platform.stop;
    endings.push(stop);
    ask = (method, path, body) =>
      sendHttp({
        url: new URL(path, platform.url),
        method,
        headers: { authorization: `Bearer ${token}` },
        body: body && JSON.stringify(body),
        trust: { kind: "pem", pem: certificate.cert },
      });
  });

  it("serves the admin API and the heartbeat endpoint, over the table and the secrets that are on AWS", async () => {
    const file = "version: 1\nlinks:\n  l:\n    locations:\n      a: { networks: [10.0.0.0/16], hosts: { h: {} } }\n";
    expect((await ask("POST", "/admin/v1/apply", { file })).status).toBe(200);

    expect((await ask("GET", "/link/state")).status).toBe(405);
    expect((await ask("GET", "/admin/v1/host-uri/l/a/h")).body).toContain("@127.0.0.1:1");
    expect((await ask("GET", "/elsewhere")).status).toBe(404);
  });

  it("is gone at once when it is stopped", async () => {
    await stop();

    await expect(ask("GET", "/link/state")).rejects.toThrow("ECONNREFUSED");
  });
});

it("a platform that cannot start says why", async () => {
  const settings = {
    port: 0,
    certificate: { key: "none", cert: "none" },
    dynamoUrl: "http://127.0.0.1:1",
    awsUrl: "http://127.0.0.1:1",
    tableName: "pointsman",
    endpoints: [],
    cloudEndpoints: {},
  };

  await expect(startGooglePlatform(settings, () => undefined)).rejects.toThrow(/PEM/);
});
