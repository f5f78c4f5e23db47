import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { header, signAnswer, signRequest } from "../../shared/executor/sign.ts";
import { startAzureHost } from "../conformance/azure-host.ts";
import { keyOf, keys } from "./rig.ts";

beforeAll(() => {
  vi.stubEnv("POINTSMAN_EXECUTOR_ID", "west");
  vi.stubEnv("POINTSMAN_EXECUTOR_KEY", keys["key-a"]);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const path = "/executor/v1/permit";
const body = JSON.stringify({ run: "r", locationId: "here", epoch: 1, note: "Straße" });

/** A request that is signed rightly, and whose message is none, so that no cloud is asked. */
function signedHeaders(nonce: string): Record<string, string> {
  const expires = String(Date.now() + 30_000);
  const parts = { operation: "permit", executorId: "west", nonce, expires } as const;
  return {
    "content-type": "application/json",
    [header.executor]: "west",
    [header.nonce]: nonce,
    [header.expires]: expires,
    [header.signature]: signRequest(keyOf("key-a"), parts, body),
  };
}

function expectRefused(nonce: string, status: number, signature: string | null | undefined, text: string): void {
  expect(JSON.parse(text)).toMatchObject({ kind: "refused", why: "invalid" });
  const parts = { operation: "permit", executorId: "west", nonce } as const;
  expect([status, signature]).toEqual([200, signAnswer(keyOf("key-a"), parts, 200, text)]);
}

describe("the executor as a function", () => {
  it("takes signed requests at its paths on Azure", async () => {
    const host = startAzureHost();
    await import("../../functions/executor/azure.ts");

    expect(host.names).toEqual(["executor"]);
    expect(host.trigger("executor")).toMatchObject({ route: "executor/v1/{operation}", authLevel: "anonymous" });
    const nonce = "nonce-of-azure-0001";
    const headers = Object.entries(signedHeaders(nonce)).map(([name, value]) => [name, { value }]);
    const bytes = Buffer.from(body);
    const answer = await host.invoke("executor", {
      http: {
        method: "POST",
        url: `https://west.azurewebsites.net${path}`,
        nullableHeaders: Object.fromEntries([...headers, ["content-length", { value: String(bytes.length) }]]),
        body: { bytes },
      },
    });
    const text = Buffer.from(answer?.http?.body?.bytes ?? answer?.http?.body?.string ?? []).toString("utf8");
    expectRefused(nonce, Number(answer?.http?.statusCode), answer?.http?.headers?.[header.signature], text);
  });

  it("takes signed requests on Google Cloud, also below its name", async () => {
    await import("../../functions/executor/google.ts");
    const server = getTestServer("executor");
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;

    try {
      const nonce = "nonce-of-google-0001";
      const answer = await fetch(`http://127.0.0.1:${port}/executor${path}`, {
        method: "POST",
        headers: signedHeaders(nonce),
        body,
      });
      expectRefused(nonce, answer.status, answer.headers.get(header.signature), await answer.text());
      const unsigned = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body });
      expect([unsigned.status, await unsigned.text()]).toEqual([401, "{}"]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
