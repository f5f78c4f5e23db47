import { afterEach, describe, expect, it } from "vitest";
import { azureIdentityToken } from "../../shared/platform/azure-identity-token.ts";
import { answeringServer } from "./signed-request.ts";

let server: Awaited<ReturnType<typeof answeringServer>> | undefined;
afterEach(() => server?.stop());

const never = new AbortController().signal;
const found = { access_token: "eyJ.a.b", expires_on: "1700000000", resource: "api://aws", token_type: "Bearer" };

async function identity(answer: { readonly status: number; readonly body: unknown }, clientId?: string) {
  server = await answeringServer([answer]);
  const endpoint = new URL("/msi/token", server.endpoint);
  const token = azureIdentityToken(
    { endpoint, header: "pr00f", ...(clientId === undefined ? {} : { clientId }) },
    "api://aws",
  );
  return { token, server };
}

describe("the managed identity's token", () => {
  it("is asked of the local endpoint, for the audience, with the proof that we run there", async () => {
    const { token, server: asked } = await identity({ status: 200, body: found });

    expect(await token(never)).toBe("eyJ.a.b");
    expect(asked.received[0]).toMatchObject({
      method: "GET",
      path: "/msi/token?api-version=2019-08-01&resource=api%3A%2F%2Faws",
    });
    expect(asked.received[0]?.headers["x-identity-header"]).toBe("pr00f");
  });

  it("is that of a user-assigned identity where one is named", async () => {
    const { token, server: asked } = await identity({ status: 200, body: found }, "c1");

    await token(never);

    expect(asked.received[0]?.path).toContain("&client_id=c1");
  });

  it.each([
    ["a refusal", { status: 400, body: { message: "no such resource; header pr00f" } }, "HTTP 400: .*no such resource"],
    ["an answer without a token", { status: 200, body: { expires_on: "1" } }, "HTTP 200: the answer holds no token"],
    ["no JSON", { status: 200, body: "<html>" }, "the answer holds no token"],
  ])("is missing after %s, and the error says what to do without the proof", async (_name, answer, words) => {
    const { token } = await identity(answer);

    const asking = token(never);

    await expect(asking).rejects.toThrow(new RegExp(`no token for api://aws \\(.*${words}`));
    await expect(asking).rejects.toThrow("POINTSMAN_AWS_AUDIENCE");
    await expect(asking).rejects.not.toThrow("pr00f");
  });

  it("is not waited for longer than the caller does", async () => {
    const { token } = await identity({ status: 200, body: found });

    await expect(token(AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
  });
});
