import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EmulatorServer } from "../../../dev/emulators/common/http-server.ts";
import { createGcpEmulator, type GcpEmulator } from "../../../dev/emulators/gcp/emulator.ts";
import { serveGcp } from "../../../dev/emulators/gcp/server.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { pace } from "../../../shared/providers/common/pace.ts";
import { computeClient } from "../../../shared/providers/gcp/client.ts";
import { authorityOf } from "../../../shared/providers/gcp/identity.ts";
import { gcpProvider } from "../../../shared/providers/gcp/provider.ts";
import { createProviderRegistry } from "../../../shared/providers/registry.ts";
import { cloudOf, LOCATION, seedOf } from "./emulated-world.ts";
import { A, create, never } from "./virtual.ts";

const audience =
  "//iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/aws/providers/pointsman";
const serviceAccount = "pointsman@acme-network.iam.gserviceaccount.com";
const turn = { guard: () => Promise.resolve(), epoch: 1 };

let emulator: GcpEmulator;
let server: EmulatorServer;

beforeEach(async () => {
  emulator = createGcpEmulator({ clock: systemClock, world: { ...seedOf(), needsToken: true } });
  server = await serveGcp(emulator);
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret-of-the-role");
  vi.stubEnv("AWS_SESSION_TOKEN", "token-of-the-role");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** The provider with a federated identity, whose tokens come from the emulator. */
function federated(identity: { audience: string; serviceAccount?: string }) {
  const urls = { exchange: `${server.url}/v1/token`, impersonation: server.url };
  const client = computeClient(server.url, authorityOf(identity, urls));
  const session = { client, clock: systemClock, cloud: { ...cloudOf(), identity }, locationId: LOCATION };
  return gcpProvider(session, pace(systemClock, { burst: 10, perSecond: 10 }));
}

describe("the identity of a location in Google Cloud", () => {
  it("is the AWS role of the function, exchanged for a token, with or without a service account", async () => {
    for (const identity of [{ audience }, { audience, serviceAccount }]) {
      const { routes, tables } = await federated(identity).survey(never());

      expect(tables).toEqual([{ key: "gcp/acme-network/vpc-home", id: "vpc-home" }]);
      expect(routes.length).toBeGreaterThan(0);
    }
  });

  it("is proven anew when its token is refused", async () => {
    const provider = federated({ audience, serviceAccount });
    await provider.survey(never());
    emulator.control.tokens.revoke();

    const [refused] = await provider.write([create("10.200.0.0/16", A)], turn, never());
    const [written] = await provider.write([create("10.200.0.0/16", A)], turn, never());

    expect(refused).toMatchObject({ error: { code: "DENIED", retry: "later" } });
    expect(written).toMatchObject({ result: "written" });
  });

  it("is said not to work when Google refuses it, without telling a secret", async () => {
    emulator.control.tokens.refuse();

    const error: unknown = await federated({ audience })
      .survey(never())
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: "RouteError", code: "DENIED", next: expect.stringContaining("identity") });
    expect(String(error)).not.toMatch(/secret-of-the-role|token-of-the-role/);
  });

  it("is shown to nobody but over HTTPS", async () => {
    emulator.seed({ needsToken: false });
    const open = createProviderRegistry({ clock: systemClock, cloudEndpoints: { gcp: server.url } });
    const provider = await open({ ...cloudOf(), identity: { audience } }, LOCATION);

    await provider.survey(never());

    emulator.seed({ needsToken: true });
    await expect(provider.survey(never())).rejects.toMatchObject({ code: "DENIED" });
  });
});

describe("the client of Google Cloud", () => {
  it("says that its endpoint cannot be reached", async () => {
    const gone = await serveGcp(emulator);
    await gone.close();
    const open = createProviderRegistry({ clock: systemClock, cloudEndpoints: { gcp: gone.url } });

    const survey = (await open(cloudOf(), LOCATION)).survey(never());

    await expect(survey).rejects.toMatchObject({ code: "UNREACHABLE", retry: "soon" });
  });

  it("never repeats a changing call by itself", async () => {
    emulator.seed({ needsToken: false });
    const open = createProviderRegistry({ clock: systemClock, cloudEndpoints: { gcp: server.url } });
    const provider = await open(cloudOf(), LOCATION);
    for (const fault of [{ kind: "internal-error" }, { kind: "drop", written: false }] as const) {
      emulator.control.fail({ action: "routes.insert", fault });
      const [outcome] = await provider.write([create("10.200.0.0/16", A)], turn, never());
      expect(outcome).toMatchObject({ result: "failed", error: { retry: "soon" } });
    }

    expect(emulator.control.calls()).toHaveLength(2);
  });
});
