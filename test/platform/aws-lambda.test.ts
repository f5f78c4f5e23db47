import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { lambdaHttp, lambdaPlain } from "../../shared/platform/aws-lambda.ts";
import { answerErrors, logErrors } from "../../shared/platform/aws-middleware.ts";
import type { PlainRequest } from "../../shared/platform/plain-http.ts";
import { recordingLog } from "./recording-log.ts";

/** A function URL's event as AWS documents it (payload format 2.0), cut to what could matter. */
function urlEvent(changes: Record<string, unknown> = {}, method = "PUT") {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/link/state",
    rawQueryString: "",
    cookies: ["a=1"],
    headers: { "auth-token": "h1", host: "x.lambda-url.us-east-1.on.aws" },
    requestContext: { domainName: "x.lambda-url.us-east-1.on.aws", http: { method, path: "/link/state" } },
    isBase64Encoded: false,
    ...changes,
  };
}

/** Hands an event to a core that notes the request and answers with `answer`. */
async function ask(event: unknown, answer = new Response("{}", { headers: { "content-type": "application/json" } })) {
  const seen: Request[] = [];
  const handler = lambdaHttp(
    async (request) => {
      seen.push(request);
      return answer;
    },
    { maxBodyBytes: 16 },
  );
  const result = await handler(event);
  return { result, request: seen[0], calls: seen.length };
}

const context = { getRemainingTimeInMillis: () => 10_000 } as Context;

describe("a Lambda HTTP event as a request", () => {
  it("keeps method, host, path, query, headers and body", async () => {
    const { request } = await ask(urlEvent({ rawQueryString: "a=1&b=%20", body: '{"a":1}' }));

    expect(request?.method).toBe("PUT");
    expect(request?.url).toBe("https://x.lambda-url.us-east-1.on.aws/link/state?a=1&b=%20");
    expect(request?.headers.get("Auth-Token")).toBe("h1");
    expect(await request?.text()).toBe('{"a":1}');
  });

  it("finds headers whatever their case", async () => {
    const { request } = await ask(urlEvent({ headers: { "Auth-TOKEN": "h2" } }));

    expect(request?.headers.get("auth-token")).toBe("h2");
  });

  it("decodes a base64 body to its bytes", async () => {
    const { request } = await ask(
      urlEvent({ body: Buffer.from([0, 255, 10]).toString("base64"), isBase64Encoded: true }),
    );

    expect([...new Uint8Array((await request?.arrayBuffer()) ?? new ArrayBuffer())]).toEqual([0, 255, 10]);
  });

  it("does not let cookies become a header", async () => {
    const { request } = await ask(urlEvent());

    expect(request?.headers.get("cookie")).toBeNull();
  });

  it("does not let a decoded path turn into a query", async () => {
    const { request } = await ask(urlEvent({ rawPath: "/admin/v1/a?b#c" }));

    expect(request?.url).toBe("https://x.lambda-url.us-east-1.on.aws/admin/v1/a%3Fb%23c");
  });

  it("leaves out a body that a GET cannot have", async () => {
    const { request } = await ask(urlEvent({ body: "x" }, "GET"));

    expect(request?.body).toBeNull();
  });

  it.each([
    ["no HTTP event at all", { Records: [] }],
    ["null", null],
    ["a header that is no text", urlEvent({ headers: { a: 1 } })],
    ["a header beyond Latin-1", urlEvent({ headers: { a: "\u4e2d" } })],
    ["a forbidden method", urlEvent({}, "TRACE")],
    ["no method", urlEvent({}, "")],
  ])("answers 400 to %s, without asking the core", async (_name, event) => {
    const { result, calls } = await ask(event);

    expect(result).toMatchObject({ statusCode: 400, body: "{}" });
    expect(calls).toBe(0);
  });
});

describe("the bound on the body", () => {
  it.each([
    ["text", "x".repeat(16), false],
    ["base64", Buffer.alloc(16, 1).toString("base64"), true],
  ])("lets the largest %s body through", async (_name, body, isBase64Encoded) => {
    expect((await ask(urlEvent({ body, isBase64Encoded }))).result.statusCode).toBe(200);
  });

  it.each([
    ["text", "x".repeat(17), false],
    ["text of characters of two bytes", "\u00e9".repeat(9), false],
    ["base64", Buffer.alloc(17, 1).toString("base64"), true],
  ])("answers 413 to a byte more of %s, without asking the core", async (_name, body, isBase64Encoded) => {
    const { result, calls } = await ask(urlEvent({ body, isBase64Encoded }));

    expect(result).toMatchObject({ statusCode: 413, body: "{}" });
    expect(calls).toBe(0);
  });
});

describe("a Lambda HTTP event as a plain request", () => {
  /** Hands an event to a plain core that notes the request. */
  async function askPlain(event: unknown) {
    const seen: PlainRequest[] = [];
    const handler = lambdaPlain(
      async (request) => {
        seen.push(request);
        return { status: 200, headers: { "Cipher-IV": "abc" }, body: "c2VhbGVk" };
      },
      { maxBodyBytes: 16 },
    );
    return { result: await handler(event), request: seen[0] };
  }

  it("keeps method, path and body, and passes the answer on as it is", async () => {
    const { result, request } = await askPlain(urlEvent({ body: "{}" }));

    expect(request).toMatchObject({ method: "PUT", path: "/link/state", body: "{}" });
    expect(result).toEqual({
      statusCode: 200,
      headers: { "Cipher-IV": "abc" },
      body: "c2VhbGVk",
      isBase64Encoded: false,
    });
  });

  it.each(["auth-token", "Auth-Token", "AUTH-TOKEN"])("finds a header written %s", async (key) => {
    const { request } = await askPlain(urlEvent({ headers: { [key]: "h1" } }));

    expect(request?.headers.get("auth-token")).toBe("h1");
    expect(request?.headers.get("auth-nonce")).toBeUndefined();
  });

  it("decodes a base64 body", async () => {
    const body = Buffer.from("{}").toString("base64");

    expect((await askPlain(urlEvent({ body, isBase64Encoded: true }))).request?.body).toBe("{}");
  });

  it.each([
    ["text", "x".repeat(17), false],
    ["base64", Buffer.alloc(17, 1).toString("base64"), true],
  ])("hands no body on when the %s is a byte too large", async (_name, body, isBase64Encoded) => {
    expect((await askPlain(urlEvent({ body, isBase64Encoded }))).request).toMatchObject({ body: undefined });
  });

  it("answers 400 to what is no HTTP event", async () => {
    expect((await askPlain({ Records: [] })).result).toMatchObject({ statusCode: 400, body: "{}" });
  });
});

describe("a response as a Lambda result", () => {
  it("passes status, headers and text on", async () => {
    const headers = { "content-type": "application/base64", "cipher-iv": "abc" };
    const { result } = await ask(urlEvent(), new Response("c2VhbGVk", { status: 200, headers }));

    expect(result).toEqual({ statusCode: 200, headers, body: "c2VhbGVk", isBase64Encoded: false });
  });

  it("encodes what is not text", async () => {
    const headers = { "content-type": "application/octet-stream" };
    const { result } = await ask(urlEvent(), new Response(new Uint8Array([0, 255]), { headers }));

    expect(result).toMatchObject({ body: "AP8=", isBase64Encoded: true });
  });

  it("answers an empty response with an empty body", async () => {
    const { result } = await ask(urlEvent(), new Response(null, { status: 401 }));

    expect(result).toMatchObject({ statusCode: 401, body: "" });
  });
});

describe("an unexpected error", () => {
  const fails = async () => {
    throw new Error("broken");
  };

  it("is logged and answered with 500 and an empty object, never a stack", async () => {
    const log = recordingLog();
    const handler = middy(lambdaHttp(fails, { maxBodyBytes: 16 })).use(answerErrors(log));

    const result = await handler(urlEvent(), context);

    expect(result).toMatchObject({ statusCode: 500, body: "{}" });
    expect(JSON.stringify(result)).not.toContain("broken");
    expect(log.lines).toMatchObject([{ level: "error", message: "the function failed", error: "Error: broken" }]);
  });

  it("is logged and thrown on where a queue or the schedule is to know", async () => {
    const log = recordingLog();
    const handler = middy(fails).use(logErrors(log));

    await expect(handler({}, context)).rejects.toThrow("broken");
    expect(log.lines).toHaveLength(1);
  });
});
