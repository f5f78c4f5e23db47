import { afterEach, describe, expect, it } from "vitest";
import { testClock } from "../../dev/test-clock.ts";
import { stsWebIdentity } from "../../shared/platform/web-identity.ts";
import { startMs } from "../fixtures/network.ts";
import { fakeAws } from "./fake-aws.ts";

type Fake = Awaited<ReturnType<typeof fakeAws>>;
let fake: Fake | undefined;
afterEach(() => fake?.close());

const never = () => new AbortController().signal;
const xml = { "content-type": "text/xml" };

async function identity(end = startMs + 900_000) {
  const clock = testClock(startMs);
  let count = 0;
  fake = await fakeAws(() => ({
    status: 200,
    headers: xml,
    body: `<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetWebIdentityTokenResult><WebIdentityToken>token-${++count}</WebIdentityToken><Expiration>${new Date(end).toISOString()}</Expiration></GetWebIdentityTokenResult></GetWebIdentityTokenResponse>`,
  }));
  return { clock, token: stsWebIdentity(fake.settings, clock) };
}

async function refused(code: string, status = 403) {
  fake = await fakeAws(() => ({
    status,
    headers: xml,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
  }));
  return stsWebIdentity(fake.settings, testClock(startMs));
}

describe("a web identity token", () => {
  it("is asked of STS for one audience, signed RS256", async () => {
    const { token } = await identity();

    expect(await token("api://AzureADTokenExchange", never())).toBe("token-1");
    const form = new URLSearchParams(fake?.requests[0]?.body);
    expect(form.get("Action")).toBe("GetWebIdentityToken");
    expect(form.get("Audience.member.1")).toBe("api://AzureADTokenExchange");
    expect(form.get("SigningAlgorithm")).toBe("RS256");
  });

  it("is kept until a minute before its end, one for each audience", async () => {
    const { clock, token } = await identity();
    expect(await token("a", never())).toBe("token-1");
    expect(await token("b", never())).toBe("token-2");
    await clock.advance(839_000);
    expect(await token("a", never())).toBe("token-1");

    await clock.advance(1_000);
    expect(await token("a", never())).toBe("token-3");
  });

  it.each([
    ["AccessDenied", 403, "DENIED", "allow sts:GetWebIdentityToken"],
    ["OutboundWebIdentityFederationDisabledException", 403, "DENIED", "switch on outbound web identity federation"],
    ["InternalFailure", 500, "UNREACHABLE", "tried again"],
  ] as const)("that is refused says why: %s", async (name, status, code, next) => {
    const token = await refused(name, status);

    await expect(token("a", never())).rejects.toMatchObject({
      name: "RouteError",
      code,
      next: expect.stringContaining(next),
    });
  });
});
