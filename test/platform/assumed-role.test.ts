import { STSClient } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, it } from "vitest";
import { testClock } from "../../dev/test-clock.ts";
import { webIdentityCredentials } from "../../shared/platform/assumed-role.ts";
import { startMs } from "../fixtures/network.ts";
import { type FakeAnswer, fakeAws } from "./fake-aws.ts";

type Fake = Awaited<ReturnType<typeof fakeAws>>;
let fake: Fake | undefined;
afterEach(() => fake?.close());

const roleArn = "arn:aws:iam::123456789012:role/pointsman-elsewhere";
const xml = { "content-type": "text/xml" };

/** What STS answers for the `count`th session. */
function session(count: number, endMs: number): FakeAnswer {
  const credentials = `<Credentials><AccessKeyId>ASIA${count}</AccessKeyId><SecretAccessKey>secret-${count}</SecretAccessKey><SessionToken>session-${count}</SessionToken><Expiration>${new Date(endMs).toISOString()}</Expiration></Credentials>`;
  return {
    status: 200,
    headers: xml,
    body: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>${credentials}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
  };
}

function refusal(code: string, message: string, status = 400): FakeAnswer {
  return {
    status,
    headers: xml,
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

async function elsewhere(
  answer: (count: number, endMs: number) => FakeAnswer = session,
  token: (signal: AbortSignal) => Promise<string> = async () => "signed-token",
) {
  const clock = testClock(startMs);
  let count = 0;
  const server = await fakeAws(() => answer(++count, clock.nowMs() + 3_600_000));
  fake = server;
  const { credentials: _none, ...settings } = server.settings;
  const sts = new STSClient({ ...settings, credentials: () => Promise.reject(new Error("none is needed")) });
  return { clock, server, credentials: webIdentityCredentials({ roleArn, region: "eu-central-1", token, clock, sts }) };
}

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe("credentials of an AWS role for a process outside AWS", () => {
  it("are what STS gives for the token, asked for unsigned", async () => {
    const { server, credentials } = await elsewhere();

    expect(await credentials()).toEqual({
      accessKeyId: "ASIA1",
      secretAccessKey: "secret-1",
      sessionToken: "session-1",
      expiration: new Date(startMs + 3_600_000),
    });
    const form = new URLSearchParams(server.requests[0]?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      Action: "AssumeRoleWithWebIdentity",
      RoleArn: roleArn,
      RoleSessionName: "pointsman",
      WebIdentityToken: "signed-token",
      DurationSeconds: "3600",
    });
    expect(server.requests[0]?.headers["authorization"]).toBeUndefined();
  });

  it("are kept until five minutes before their end", async () => {
    const { clock, server, credentials } = await elsewhere();
    await credentials();
    clock.jump(3_299_000);
    await credentials();
    expect(server.requests).toHaveLength(1);

    clock.jump(1_000);
    expect((await credentials()).accessKeyId).toBe("ASIA2");
  });

  it("are asked for once by many at a time", async () => {
    const { server, credentials } = await elsewhere();

    await Promise.all(Array.from({ length: 20 }, () => credentials()));
    expect(server.requests).toHaveLength(1);
  });

  it("serve until their end when they cannot be renewed, and not beyond", async () => {
    const { clock, credentials } = await elsewhere((count, endMs) =>
      count === 1 ? session(1, endMs) : refusal("AccessDenied", "no", 403),
    );
    await credentials();
    clock.jump(3_599_000);
    expect((await credentials()).accessKeyId).toBe("ASIA1");

    clock.jump(1_000);
    await expect(credentials()).rejects.toThrow("AccessDenied");
  });

  it("are asked for anew after a refusal", async () => {
    const { credentials } = await elsewhere((count, endMs) =>
      count === 1 ? refusal("AccessDenied", "no", 403) : session(count, endMs),
    );
    await expect(credentials()).rejects.toThrow("AccessDenied");

    expect((await credentials()).accessKeyId).toBe("ASIA2");
  });
});

describe("credentials that cannot be had say what to do", () => {
  it.each([
    ["InvalidIdentityToken", "Incorrect token audience", "POINTSMAN_AWS_AUDIENCE"],
    [
      "InvalidIdentityToken",
      "No OpenIDConnect provider found in your account for https://sts.windows.net/x/",
      "make an OpenID Connect identity provider",
    ],
    ["InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider", "reach the issuer"],
    ["AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", "trust policy of the role"],
    ["ExpiredTokenException", "Token must be issued within the last 24 hours", "clock"],
    ["ThrottlingException", "Rate exceeded", "STS throttles, and it is tried again"],
    ["RegionDisabledException", "STS is not activated in this region", "AWS_REGION"],
    ["ValidationError", "1 validation error detected: Value 'x' at 'roleArn'", "POINTSMAN_AWS_ROLE_ARN"],
    ["InternalFailure", "oops", "reaches the STS endpoint"],
  ])("%s: %s", async (code, message, next) => {
    const { credentials } = await elsewhere(() => refusal(code, message, code === "AccessDenied" ? 403 : 400));

    const told = await messageOf(credentials());
    expect(told).toContain(`sts:AssumeRoleWithWebIdentity for ${roleArn}`);
    expect(told).toContain(code.replace(/Exception$/, ""));
    expect(told).toContain(next);
  });

  it("without the token, even where STS repeats it", async () => {
    const { credentials } = await elsewhere(
      () => refusal("ValidationError", "Value &apos;short.token&apos; at &apos;webIdentityToken&apos;"),
      async () => "short.token",
    );

    const told = await messageOf(credentials());
    expect(told).toContain("ValidationError");
    expect(told).not.toContain("short.token");
  });

  it("that the platform's own token is missing, without asking STS", async () => {
    const { server, credentials } = await elsewhere(session, () => Promise.reject(new Error("metadata: HTTP 404")));

    const told = await messageOf(credentials());
    expect(told).toContain("no identity token of this platform");
    expect(told).toContain("metadata: HTTP 404");
    expect(server.requests).toEqual([]);
  });

  it("when the token does not come in time", async () => {
    const { clock, credentials } = await elsewhere(session, () => new Promise<string>(() => undefined));
    const told = messageOf(credentials());
    while (clock.sleepers === 0) await new Promise((resolve) => setImmediate(resolve));

    await clock.advance(6_000);
    expect(await told).toContain("no answer within 6000 ms");
  });

  it("when the answer holds no credentials", async () => {
    const { credentials } = await elsewhere(() => ({
      status: 200,
      headers: xml,
      body: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult/></AssumeRoleWithWebIdentityResponse>`,
    }));

    await expect(credentials()).rejects.toThrow("the answer holds no credentials");
  });
});
