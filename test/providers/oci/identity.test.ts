import { afterEach, describe, expect, it, vi } from "vitest";
import { createOciEmulator } from "../../../dev/emulators/oci/emulator.ts";
import { serveOci } from "../../../dev/emulators/oci/server.ts";
import { RouteError } from "../../../shared/domain/errors.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { openOci } from "../../../shared/providers/oci/open.ts";
import { createProviderRegistry } from "../../../shared/providers/registry.ts";
import { tablesIn, untilDone } from "../contract/world.ts";
import { apiKey, heldSecrets, KEY } from "./api-key.ts";
import { cloudOf, ocid, seedOf } from "./emulated-world.ts";
import { A, create, errorOf, results, TABLE, virtualWorld } from "./virtual.ts";

const cloud = cloudOf(ocid("vcn", "home"), { by: "network" });

afterEach(() => vi.unstubAllEnvs());

describe("who Pointsman is in OCI", () => {
  it("signs with the API key of the location's secret, which is read once", async () => {
    const emulator = createOciEmulator({ clock: systemClock, world: seedOf([TABLE]) });
    const server = await serveOci(emulator);
    const secrets = heldSecrets(KEY.secret);
    const open = createProviderRegistry({
      clock: systemClock,
      cloudSecrets: secrets,
      cloudEndpoints: { oci: server.url },
    });

    const provider = await open(cloud, "loc1");
    const tables = await provider.survey(untilDone()).then(tablesIn);
    await provider.survey(untilDone());
    await server.close();

    expect(tables.map(({ id }) => id)).toEqual([TABLE]);
    expect(secrets.reads()).toBe(1);
  });

  it("takes a key with a passphrase", async () => {
    const { generateKeyPairSync } = await import("node:crypto");
    const { publicKey, privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs1", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" },
    });
    const secret = JSON.stringify({ ...JSON.parse(KEY.secret), privateKey, passphrase: "open sesame" });
    const world = virtualWorld({}, heldSecrets(secret));
    world.emulator.seed({ apiKeys: { [KEY.keyId]: publicKey } });

    expect((await world.survey()).tables).toHaveLength(2);
  });

  it("reads the secret anew, once, when OCI does not know the key any more", async () => {
    const secrets = heldSecrets(KEY.secret);
    const world = virtualWorld({}, secrets);
    await world.survey();
    const next = apiKey("ff:ee:dd:cc:bb:aa:99:88:77:66:55:44:33:22:11:00");
    world.emulator.seed({ apiKeys: { [next.keyId]: next.publicKey } });
    world.emulator.control.edit.revokeKey(KEY.keyId);
    secrets.put(next.secret);

    expect(results(await world.write([create(TABLE, "10.201.0.0/24", A)]))).toEqual(["written"]);
    expect(secrets.reads()).toBe(2);
  });

  it("says that the key is refused when the new one is too, and tells nothing of it", async () => {
    const secrets = heldSecrets(KEY.secret);
    const world = virtualWorld({}, secrets);
    world.emulator.control.edit.revokeKey(KEY.keyId);

    const error = await world.survey().catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: "DENIED", retry: "later" });
    expect(String((error as RouteError).next)).toContain("API key");
    expect(JSON.stringify([String(error), error])).not.toContain("PRIVATE KEY");
    expect(secrets.reads()).toBe(2);
  });

  it("forgets the key that a changing call was refused with, and does not repeat the call by itself", async () => {
    const secrets = heldSecrets(KEY.secret);
    const world = virtualWorld({}, secrets);
    const refusal = { kind: "error", code: "NotAuthenticated", message: "who?", status: 401 } as const;
    world.emulator.control.fail({ action: "UpdateRouteTable", fault: refusal });

    const [outcome] = await world.write([create(TABLE, "10.201.0.0/24", A)]);

    expect(errorOf(outcome)).toMatchObject({ code: "DENIED", next: expect.stringContaining("API key") });
    expect(world.calls()).toBe(1);
    await world.survey();
    expect(secrets.reads()).toBe(2);
  });

  it.each([
    ["no JSON", "-----BEGIN PRIVATE KEY----- hush", "no JSON object"],
    ["no fingerprint", JSON.stringify({ ...JSON.parse(KEY.secret), fingerprint: "hush" }), "fingerprint"],
    ["another field", JSON.stringify({ ...JSON.parse(KEY.secret), hush: 1 }), "no JSON object"],
    [
      "a broken key",
      JSON.stringify({
        ...JSON.parse(KEY.secret),
        privateKey: "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----",
      }),
      "privateKey",
    ],
  ])("names what is wrong with a secret that holds %s, and not the secret", async (_, text, field) => {
    const error = await virtualWorld({}, heldSecrets(text))
      .survey()
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: "DENIED", retry: "later", message: expect.stringContaining(field) });
    expect(String(error)).not.toContain("hush");
  });

  it("says that there is no resource principal outside OCI", async () => {
    vi.stubEnv("OCI_RESOURCE_PRINCIPAL_VERSION", "");
    const { identity: _, ...own } = cloud;
    const provider = openOci({ clock: systemClock, cloudEndpoints: { oci: "http://127.0.0.1:9" } })(own);

    await expect(provider.survey(untilDone())).rejects.toMatchObject({
      code: "DENIED",
      next: expect.stringContaining("identity.secret"),
    });
  });

  it("signs as its resource principal inside OCI", async () => {
    const emulator = createOciEmulator({ clock: systemClock, world: { ...seedOf([TABLE]), apiKeys: {} } });
    const server = await serveOci(emulator);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { exp: Math.floor(Date.now() / 1_000) + 3_600 };
    vi.stubEnv("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2");
    vi.stubEnv("OCI_RESOURCE_PRINCIPAL_REGION", "us-phoenix-1");
    vi.stubEnv("OCI_RESOURCE_PRINCIPAL_RPST", `${part({ alg: "RS256" })}.${part(claims)}.c2ln`);
    vi.stubEnv("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", (JSON.parse(KEY.secret) as { privateKey: string }).privateKey);
    const { identity: _, ...own } = cloud;

    const provider = openOci({ clock: systemClock, cloudEndpoints: { oci: server.url } })(own);
    const tables = await provider.survey(untilDone()).then(tablesIn);
    await server.close();

    expect(tables.map(({ id }) => id)).toEqual([TABLE]);
  });

  it("is not opened where the secret that it names cannot be read", () => {
    expect(() => openOci({ clock: systemClock })(cloud)).toThrow(RouteError);
  });

  it("opens one client for a region and identity, and another for another", () => {
    const open = openOci({ clock: systemClock, cloudSecrets: heldSecrets(KEY.secret) });

    expect(() => [open(cloud), open(cloud), open({ ...cloud, region: "xx-nowhere-1" })]).not.toThrow();
  });
});
