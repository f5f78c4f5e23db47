import { EC2Client } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { inProcess as ec2InProcess } from "../../dev/emulators/ec2/in-process.ts";
import { inProcess as gcpInProcess } from "../../dev/emulators/gcp/in-process.ts";
import { inProcess as hetznerInProcess } from "../../dev/emulators/hetzner/in-process.ts";
import { inProcess as ociInProcess } from "../../dev/emulators/oci/in-process.ts";
import { type TestClock, testClock } from "../../dev/test-clock.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { CloudSecrets } from "../../shared/ports/cloud-secrets.ts";
import { armTokens } from "../../shared/providers/azure/identity.ts";
import { pace } from "../../shared/providers/common/pace.ts";
import { computeClient } from "../../shared/providers/gcp/client.ts";
import { gcpProvider } from "../../shared/providers/gcp/provider.ts";
import { openHetzner } from "../../shared/providers/hetzner/open.ts";
import { ociClient } from "../../shared/providers/oci/client.ts";
import { apiKeyIdentity } from "../../shared/providers/oci/identity.ts";
import { ociProvider } from "../../shared/providers/oci/provider.ts";
import { REGION } from "./aws/emulated-world.ts";
import * as aws from "./aws/virtual.ts";
import * as gcpSeed from "./gcp/emulated-world.ts";
import * as gcp from "./gcp/virtual.ts";
import * as hetznerSeed from "./hetzner/emulated-world.ts";
import * as hetzner from "./hetzner/virtual.ts";
import { heldSecrets, KEY } from "./oci/api-key.ts";
import * as ociSeed from "./oci/emulated-world.ts";
import * as oci from "./oci/virtual.ts";

/** Longer than an answer of the guard holds, and shorter than a call may take. */
const RENEWAL_MS = limits.fenceMs + 2_000;

/** Credentials that have to be renewed when `expire` was called: that takes long, and they are kept then. */
function renewed(clock: TestClock, text: string) {
  let isFresh = true;
  const read = async (): Promise<string> => {
    if (!isFresh) await clock.sleep(RENEWAL_MS);
    isFresh = true;
    return text;
  };
  const expire = () => {
    isFresh = false;
  };
  const secrets: CloudSecrets = { read, forget: () => undefined };
  return { read, expire, secrets };
}

/** A guard after which credentials expire once, and how old its answer was when the call after it was sent. */
function watch(clock: TestClock) {
  let askedMs = Number.NEGATIVE_INFINITY;
  const ages: number[] = [];
  return {
    ages,
    guard: async () => {
      askedMs = clock.monotonicMs();
    },
    sent: () => void ages.push(clock.monotonicMs() - askedMs),
  };
}

describe("a call whose credentials are renewed right before it", () => {
  it("is sent while the answer of its guard holds in AWS", async () => {
    const world = await aws.virtualWorld(aws.routesWorld(2));
    const { clock, emulator } = world;
    const key = renewed(clock, "secret");
    const seen = watch(clock);
    const inner = ec2InProcess(emulator);
    const client = new EC2Client({
      region: REGION,
      endpoint: "http://ec2.test",
      maxAttempts: 1,
      credentials: async () => ({
        accessKeyId: "AKIATEST",
        secretAccessKey: await key.read(),
        expiration: new Date(0),
      }),
      requestHandler: {
        handle: (...call: Parameters<typeof inner.handle>) => {
          seen.sent();
          return inner.handle(...call);
        },
        updateHttpClientConfig: inner.updateHttpClientConfig,
        httpHandlerConfigs: inner.httpHandlerConfigs,
      },
    });
    key.expire();
    const table = { id: "rtb-1", key: "aws/eu-central-1/rtb-1" };
    const to = { kind: "replace", table, target: "eni-b", found: "eni-a" } as const;
    const changes = [0, 1].map((at) => ({ ...to, destination: aws.destination(at) }));

    await world.drive(world.open(client).write(changes, { guard: seen.guard, epoch: 1 }, gcp.never()));

    expect(seen.ages).toEqual([0, 0]);
  });

  it("is sent while the answer of its guard holds in Google Cloud", async () => {
    const world = gcp.virtualWorld();
    const { clock, emulator } = world;
    const token = renewed(clock, "token");
    const seen = watch(clock);
    const inner = gcpInProcess(emulator);
    const authority = { headers: async () => ({ "x-token": await token.read() }), forget: () => undefined };
    const client = computeClient("http://compute.test", authority, async (url, init) => {
      // The listing that a write begins with is the last call before.
      if (init.method === "GET") token.expire();
      else if (!url.endsWith("/wait")) seen.sent();
      return inner(url, init);
    });
    const shared = pace(clock, { burst: 10, perSecond: 10 });
    const session = { client, clock, cloud: gcpSeed.cloudOf(), locationId: gcpSeed.LOCATION };
    const changes = [gcp.create("10.200.0.0/16", gcp.A)];

    await world.drive(gcpProvider(session, shared).write(changes, { guard: seen.guard, epoch: 1 }, gcp.never()));

    expect(seen.ages).toEqual([0]);
  });

  it("is sent while the answer of its guard holds in OCI", async () => {
    const world = oci.virtualWorld();
    const { clock, emulator } = world;
    const token = renewed(clock, await heldSecrets(KEY.secret).read("oci"));
    const seen = watch(clock);
    const inner = ociInProcess(emulator);
    const identity = apiKeyIdentity(token.secrets, "oci");
    const client = ociClient(ociSeed.REGION, identity, "http://oci.test", async (uri, request) => {
      if (request.method === "GET") token.expire();
      else seen.sent();
      return inner(uri, request);
    });
    const cloud = ociSeed.cloudOf(ociSeed.ocid("vcn", "home"), { by: "network" });
    const changes = [oci.create(oci.TABLE, "10.201.0.0/24", oci.A)];

    await world.drive(ociProvider(cloud, client, clock).write(changes, { guard: seen.guard, epoch: 1 }, gcp.never()));

    expect(seen.ages).toEqual([0]);
  });

  it("is sent while the answer of its guard holds in Hetzner Cloud", async () => {
    const world = hetzner.virtualWorld();
    const { clock, emulator } = world;
    const token = renewed(clock, hetznerSeed.TOKEN);
    const seen = watch(clock);
    const inner = hetznerInProcess(emulator);
    const send: typeof fetch = async (url, init) => {
      if (init?.method === "GET") token.expire();
      else seen.sent();
      return inner(url, init);
    };
    const open = openHetzner({ clock, cloudSecrets: token.secrets, fetch: send });
    const changes = hetzner.planted(world, 1);

    await world.drive(
      open(hetznerSeed.cloudOf(hetznerSeed.HOME)).write(changes, { guard: seen.guard, epoch: 1 }, gcp.never()),
    );

    expect(seen.ages).toEqual([0, 0]);
  });
});

/** What comes of a request in a container that was frozen meanwhile: nothing, ever. */
const nothing = () => new Promise<never>(() => undefined);

describe("credentials whose renewal never ends", () => {
  it("are asked for anew in Azure, instead of being waited for by every later call", async () => {
    const clock = testClock();
    let asked = 0;
    const getToken = () => {
      asked++;
      return asked === 1 ? nothing() : Promise.resolve({ token: "t2", expiresOnTimestamp: clock.nowMs() + 3_600_000 });
    };
    const tokens = armTokens(clock, "scope", async () => ({ getToken }));

    const first = tokens.get().catch((error: unknown) => error);
    await clock.advance(limits.routeCallMs);

    expect(await first).toMatchObject({ code: "ETIMEDOUT" });
    expect(await tokens.get()).toBe("t2");
    expect(clock.sleepers).toBe(0);
  });

  it("are asked for anew in Google Cloud, instead of being waited for by every later call", async () => {
    let isStuck = true;
    const authority = {
      headers: () => (isStuck ? nothing() : Promise.resolve({})),
      forget: () => {
        isStuck = false;
      },
    };
    const client = computeClient("http://compute.test", authority, async () => new Response("{}"));
    const request = { method: "GET", path: "projects/p/global/routes" } as const;
    const run = new AbortController();

    void client(request, run.signal);
    run.abort();

    expect(await client(request, new AbortController().signal)).toEqual({});
  });
});
