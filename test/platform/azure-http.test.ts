import { HttpRequest, InvocationContext } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { azureHttp, azurePlain } from "../../shared/platform/azure-http.ts";
import type { PlainRequest } from "../../shared/platform/plain-http.ts";
import { recordingLog } from "./recording-log.ts";

const context = new InvocationContext();
const url = "https://pointsman.azurewebsites.net/link/state?a=1";

type Asked = ConstructorParameters<typeof HttpRequest>[0];

function request(more: Asked = {}): HttpRequest {
  return new HttpRequest({ method: "PUT", url, headers: { "auth-token": "h1" }, ...more });
}

/** Hands a request to a plain core that notes it. */
async function askPlain(incoming: HttpRequest, below?: string) {
  const seen: PlainRequest[] = [];
  const handler = azurePlain(
    async (asked) => {
      seen.push(asked);
      return { status: 200, headers: { "Cipher-IV": "abc" }, body: "c2VhbGVk" };
    },
    { maxBodyBytes: 16, log: recordingLog(), ...(below === undefined ? {} : { below }) },
  );
  return { result: await handler(incoming, context), asked: seen[0] };
}

/** Hands a request to a web core that notes it. */
async function askWeb(incoming: HttpRequest, answer = new Response("{}")) {
  const seen: Request[] = [];
  const handler = azureHttp(
    async (asked) => {
      seen.push(asked);
      return answer;
    },
    { maxBodyBytes: 16, log: recordingLog(), below: "/pointsman" },
  );
  return { result: await handler(incoming, context), asked: seen[0], calls: seen.length };
}

describe("an Azure request as a plain one", () => {
  it("keeps method, path without the query, headers and body, and passes the answer on as it is", async () => {
    const { result, asked } = await askPlain(request({ body: { string: "{}" } }));

    expect(asked).toMatchObject({ method: "PUT", path: "/link/state", body: "{}" });
    expect(asked?.headers.get("auth-token")).toBe("h1");
    expect(result).toEqual({ status: 200, headers: { "Cipher-IV": "abc" }, body: "c2VhbGVk" });
  });

  it("has an empty body where there is none", async () => {
    expect((await askPlain(request())).asked?.body).toBe("");
  });

  it("hands the largest body on, and none that is a byte too large, whatever length is declared", async () => {
    const bodyOf = async (more: Asked) => (await askPlain(request(more))).asked?.body;

    expect(await bodyOf({ body: { bytes: Buffer.alloc(16, "x") } })).toBe("x".repeat(16));
    expect(await bodyOf({ body: { bytes: Buffer.alloc(17, "x") } })).toBeUndefined();
    expect(await bodyOf({ body: { string: "é".repeat(9) } })).toBeUndefined();
    expect(await bodyOf({ body: { string: "{}" }, headers: { "content-length": "17" } })).toBeUndefined();
    expect(await bodyOf({ body: { bytes: Buffer.alloc(17) }, headers: { "content-length": "1" } })).toBeUndefined();
  });

  it.each([
    ["https://a.net/pointsman/admin/v1/status", "/admin/v1/status"],
    ["https://a.net/pointsman/admin/v1/a%2Fb", "/admin/v1/a%2Fb"],
    ["https://a.net/pointsmanly/status", "/pointsmanly/status"],
    ["https://a.net/admin/pointsman/status", "/admin/pointsman/status"],
  ])("of %s has the path %s", async (address, path) => {
    expect((await askPlain(request({ url: address }), "/pointsman")).asked?.path).toBe(path);
  });
});

describe("an Azure request as a web request", () => {
  it("keeps method, host, path, query, headers and body", async () => {
    const address = "https://a.net/pointsman/admin/v1/plan?a=1&b=%20";
    const { asked } = await askWeb(request({ method: "POST", url: address, body: { string: '{"a":"é"}' } }));

    expect(asked?.method).toBe("POST");
    expect(asked?.url).toBe("https://a.net/admin/v1/plan?a=1&b=%20");
    expect(asked?.headers.get("Auth-Token")).toBe("h1");
    expect(await asked?.text()).toBe('{"a":"é"}');
  });

  it("answers 413 to a byte too much, without asking the core", async () => {
    const { result, calls } = await askWeb(request({ body: { bytes: Buffer.alloc(17) } }));

    expect(result).toMatchObject({ status: 413, body: "{}" });
    expect(calls).toBe(0);
  });

  it("passes status, headers and bytes of the answer on", async () => {
    const headers = { "content-type": "application/octet-stream", allow: "GET" };
    const { result } = await askWeb(request(), new Response(new Uint8Array([0, 255]), { status: 405, headers }));

    expect(result).toEqual({ status: 405, headers, body: Buffer.from([0, 255]) });
  });
});

describe("an unexpected error", () => {
  it("is logged and answered with 500 and an empty object, never a stack", async () => {
    const log = recordingLog();
    const fails = async () => {
      throw new Error("broken");
    };

    for (const handler of [azurePlain(fails, { maxBodyBytes: 16, log }), azureHttp(fails, { maxBodyBytes: 16, log })]) {
      const result = await handler(request(), context);
      expect(result).toMatchObject({ status: 500, body: "{}" });
      expect(JSON.stringify(result)).not.toContain("broken");
    }
    const line = { level: "error", message: "the function failed", error: "Error: broken" };
    expect(log.lines).toMatchObject([line, line]);
  });
});
