import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { adminClient } from "../../cli/client.ts";
import { answeringServer } from "../platform/signed-request.ts";

let server: Awaited<ReturnType<typeof answeringServer>> | undefined;
afterEach(() => server?.stop());

describe("the address of the API", () => {
  it.each([
    ["", "/admin/v1/explain/a%2Fb"],
    ["/", "/admin/v1/explain/a%2Fb"],
    ["/pointsman", "/pointsman/admin/v1/explain/a%2Fb"],
    ["/pointsman/", "/pointsman/admin/v1/explain/a%2Fb"],
  ])("is below the path %j of the URL that was given", async (below, asked) => {
    server = await answeringServer([{ status: 200, body: {} }]);
    const origin = new URL(below, server.endpoint);

    await adminClient({ origin, token: "t", trust: { kind: "none" } }, "maria").get(["explain", "a/b"], z.object({}));

    expect(server.received.map(({ path }) => path)).toEqual([asked]);
  });
});
