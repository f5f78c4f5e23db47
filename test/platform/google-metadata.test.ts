import { afterEach, describe, expect, it } from "vitest";
import { serveEmulator } from "../../dev/emulators/common/http-server.ts";
import { serveGoogleMetadata } from "../../dev/emulators/google-metadata/server.ts";
import { type TestClock, testClock } from "../../dev/test-clock.ts";
import { googleIdentityToken } from "../../shared/platform/google-identity-token.ts";
import { googleAccess, googleMetadata } from "../../shared/platform/google-metadata.ts";

type Server = Awaited<ReturnType<typeof serveEmulator>>;
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const signal = () => new AbortController().signal;

async function metadataServer(faults: number[] = []) {
  const asked: string[] = [];
  const server = await serveGoogleMetadata({
    identity: (audience) => `identity-for-${audience}`,
    intercept: (path) => {
      asked.push(path);
      const status = faults.shift();
      return status === undefined ? undefined : { status, headers: { "metadata-flavor": "Google" }, body: "no" };
    },
  });
  servers.push(server);
  const clock = testClock();
  return { asked, clock, metadata: googleMetadata(clock, new URL(server.url).host) };
}

/** Lets the pauses between attempts pass. */
async function through<T>(clock: TestClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  void work.then(
    () => (isDone = true),
    () => (isDone = true),
  );
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.step();
  }
  return work;
}

describe("the metadata server of Google Cloud", () => {
  it("gives an identity token for an audience", async () => {
    const { asked, metadata } = await metadataServer();

    expect(await googleIdentityToken(metadata, "pointsman")(signal())).toBe("identity-for-pointsman");
    expect(asked).toEqual(["/computeMetadata/v1/instance/service-accounts/default/identity"]);
  });

  it("is asked again when it cannot answer now, three times in all", async () => {
    const { asked, clock, metadata } = await metadataServer([503, 429]);
    expect(await through(clock, googleIdentityToken(metadata, "a")(signal()))).toBe("identity-for-a");
    expect(asked).toHaveLength(3);

    const broken = await metadataServer([503, 503, 503]);
    await expect(through(broken.clock, googleIdentityToken(broken.metadata, "a")(signal()))).rejects.toThrow(
      /gave no identity \(HTTP 503\): does the function run as a service account\?/,
    );
  });

  it("is not asked again when it knows no service account", async () => {
    const { asked, metadata } = await metadataServer([404]);

    await expect(googleIdentityToken(metadata, "a")(signal())).rejects.toThrow("HTTP 404");
    expect(asked).toHaveLength(1);
  });

  it("is believed only when it says that it is Google's", async () => {
    const server = await serveEmulator(async () => ({ status: 200, headers: {}, body: "a-token" }));
    servers.push(server);
    const clock = testClock();
    const metadata = googleMetadata(clock, new URL(server.url).host);

    await expect(through(clock, metadata("identity", { audience: "a" }, signal()))).rejects.toThrow(
      "not Google's metadata server",
    );
  });

  it("that cannot be reached is named", async () => {
    const clock = testClock();
    const metadata = googleMetadata(clock, "127.0.0.1:1");

    await expect(through(clock, metadata("token", {}, signal()))).rejects.toThrow(/at 127\.0\.0\.1:1 gave no token/);
  });
});

describe("an access token of the function's service account", () => {
  it("is kept until a minute before its end", async () => {
    const { clock, metadata } = await metadataServer();
    const access = googleAccess(metadata, clock);
    expect(await access.get(signal())).toBe("access-token-1");
    clock.jump(3_538_000);
    expect(await access.get(signal())).toBe("access-token-1");

    clock.jump(1_000);
    expect(await access.get(signal())).toBe("access-token-2");
  });

  it("that was refused is asked for anew", async () => {
    const { clock, metadata } = await metadataServer();
    const access = googleAccess(metadata, clock);
    await access.get(signal());

    access.forget();
    expect(await access.get(signal())).toBe("access-token-2");
  });

  it("is missing when the answer holds none", async () => {
    const access = googleAccess(async () => "{}", testClock());

    await expect(access.get(signal())).rejects.toThrow("holds no access token");
  });
});
