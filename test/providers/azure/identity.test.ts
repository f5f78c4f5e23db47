import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import { describe, expect, it } from "vitest";
import { createAzureEmulator } from "../../../dev/emulators/azure/emulator.ts";
import { inProcess } from "../../../dev/emulators/azure/in-process.ts";
import { type TestClock, testClock } from "../../../dev/test-clock.ts";
import { RouteError } from "../../../shared/domain/errors.ts";
import type { WebIdentity } from "../../../shared/ports/cloud-secrets.ts";
import { openAzure } from "../../../shared/providers/azure/open.ts";
import { createProviderRegistry } from "../../../shared/providers/registry.ts";
import { cloudOf } from "./emulated-world.ts";
import { codes, create, never, refOf, routesWorld } from "./virtual.ts";

const TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const CLIENT = "9131de76-14a6-49ae-97bc-6eba6914391f";
const cloud = { ...cloudOf({ by: "network" }), identity: { tenant: TENANT, client: CLIENT } };

type Entra = { readonly client: HttpClient; readonly asked: URLSearchParams[]; refuses: boolean };

/** Entra's token endpoint and the emulator, behind one HTTP client; tokens are `t1`, `t2` … and live an hour. */
function clouds(clock: TestClock) {
  const emulator = createAzureEmulator({ clock, world: routesWorld(1) });
  const arm = inProcess(emulator);
  const entra: Entra = {
    asked: [],
    refuses: false,
    client: {
      async sendRequest(request) {
        const url = new URL(request.url);
        if (url.hostname === "management.azure.com") return arm.sendRequest(request);
        const answer = (status: number, body: unknown) => ({
          request,
          status,
          headers: createHttpHeaders({ "content-type": "application/json" }),
          bodyAsText: JSON.stringify(body),
        });
        if (url.pathname !== `/${TENANT}/oauth2/v2.0/token`) throw new Error(`nobody answers ${request.url}`);
        entra.asked.push(new URLSearchParams(typeof request.body === "string" ? request.body : ""));
        if (entra.refuses) {
          return answer(401, {
            error: "invalid_client",
            error_description: "AADSTS700213: No matching federated identity",
          });
        }
        return answer(200, { token_type: "Bearer", expires_in: 3_600, access_token: `t${entra.asked.length}` });
      },
    },
  };
  return { emulator, entra };
}

const awsToken: WebIdentity = async (audience) => `token-for-${audience}`;

describe("the identity that Azure is entered with", () => {
  it("is the location's application, by a token of the AWS role for Entra's audience, for all calls of an hour", async () => {
    const clock = testClock(Date.now());
    const { emulator, entra } = clouds(clock);
    emulator.control.tokens(["t1"]);
    const provider = openAzure({ clock, awsToken, httpClient: entra.client })(cloud);

    await provider.survey(never());
    await provider.survey(never());

    expect(entra.asked).toHaveLength(1);
    expect(Object.fromEntries(entra.asked[0] ?? [])).toMatchObject({
      client_id: CLIENT,
      client_assertion: "token-for-api://AzureADTokenExchange",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      grant_type: "client_credentials",
      scope: expect.stringContaining("https://management.azure.com/.default"),
    });
  });

  it("is denied, with who and what, when Azure refuses its token, and entered anew the next time", async () => {
    const clock = testClock(Date.now());
    const { emulator, entra } = clouds(clock);
    const provider = openAzure({ clock, awsToken, httpClient: entra.client })(cloud);
    await provider.survey(never());
    emulator.control.tokens(["t2"]);

    await expect(provider.survey(never())).rejects.toMatchObject({
      code: "DENIED",
      retry: "later",
      message: expect.stringContaining("ExpiredAuthenticationToken"),
      next: expect.stringContaining(`application ${CLIENT}`),
    });
    await expect(provider.survey(never())).resolves.toMatchObject({ tables: [{}] });
    expect(entra.asked).toHaveLength(2);
  });

  it("is entered anew before the guard of the next call is asked, whose answer must not grow old", async () => {
    const clock = testClock(Date.now());
    const { emulator, entra } = clouds(clock);
    const provider = openAzure({ clock, awsToken, httpClient: entra.client })(cloud);
    const sessions: number[] = [];
    const guard = async () => {
      sessions.push(entra.asked.length);
      emulator.control.tokens(["t2"]);
    };
    const changes = [create(refOf("rt-1"), "10.9.0.0/16"), create(refOf("rt-1"), "10.8.0.0/16")];
    const writing = provider.write(changes, { guard, epoch: 1 }, never());
    let isOver = false;
    void writing.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await clock.step();
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(codes(await writing)).toEqual(["DENIED", "written"]);
    expect(sessions).toEqual([1, 2]);
  });

  it("is denied when Entra knows no such federation, and works once it does", async () => {
    const clock = testClock(Date.now());
    const { entra } = clouds(clock);
    const provider = openAzure({ clock, awsToken, httpClient: entra.client })(cloud);
    entra.refuses = true;

    await expect(provider.survey(never())).rejects.toMatchObject({
      code: "DENIED",
      message: expect.stringContaining("AADSTS700213"),
      next: expect.stringContaining("federated credential"),
    });
    entra.refuses = false;
    await expect(provider.survey(never())).resolves.toMatchObject({ tables: [{}] });
  });

  it("is unreachable, and asked for again soon, when Entra does not answer", async () => {
    const clock = testClock(Date.now());
    const httpClient: HttpClient = {
      sendRequest: () => Promise.reject(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" })),
    };
    const survey = openAzure({ clock, awsToken, httpClient })(cloud).survey(never());
    const told = expect(survey).rejects.toMatchObject({ code: "UNREACHABLE", retry: "soon" });
    for (let turns = 0; turns < 200; turns++) await clock.step();

    await told;
  });

  it("tells what kept AWS from giving a token, as it was told", async () => {
    const cause = new RouteError("DENIED", "aws: sts:GetWebIdentityToken", { retry: "later", next: "switch it on" });
    const clock = testClock(Date.now());
    const { entra } = clouds(clock);
    const provider = openAzure({ clock, awsToken: () => Promise.reject(cause), httpClient: entra.client })(cloud);

    await expect(provider.survey(never())).rejects.toBe(cause);
  });

  it("cannot be an application without an AWS role to enter it with", async () => {
    const clock = testClock(Date.now());
    const provider = openAzure({ clock, httpClient: clouds(clock).entra.client })(cloud);

    await expect(provider.survey(never())).rejects.toMatchObject({
      code: "INVALID",
      retry: "never",
      next: expect.stringContaining("leave the location's identity out"),
    });
  });

  it("shows no token in any error", async () => {
    const clock = testClock(Date.now());
    const { emulator, entra } = clouds(clock);
    emulator.control.tokens([]);
    const provider = openAzure({ clock, awsToken, httpClient: entra.client })(cloud);

    const error: unknown = await provider.survey(never()).catch((reason: unknown) => reason);

    if (!(error instanceof RouteError)) throw new Error("no RouteError");
    for (const text of [error.message, error.next, JSON.stringify(error), String(error.cause)]) {
      expect(text).not.toMatch(/Bearer|\bt1\b|token-for/);
    }
  });
});

describe("the address of Azure Resource Manager", () => {
  it.each(["http://management.azure.com", "http://10.0.0.1:8080", "http://127.0.0.1.example.org"])(
    "is refused without TLS beyond this machine: %s",
    (endpoint) => {
      expect(() => openAzure({ clock: testClock(), cloudEndpoints: { azure: endpoint } })).toThrow(
        expect.objectContaining({ name: "RouteError", code: "INVALID", message: expect.stringContaining(endpoint) }),
      );
    },
  );

  it("may be an emulator's of this machine, which gets no real token", async () => {
    const clock = testClock();
    const { emulator, entra } = clouds(clock);
    emulator.control.tokens(["local"]);
    const parts = { clock, awsToken, cloudEndpoints: { azure: "http://127.0.0.1:1" }, httpClient: inProcess(emulator) };

    await openAzure(parts)(cloud).survey(never());

    expect(entra.asked).toEqual([]);
  });

  it("is given to the provider by the registry", async () => {
    const open = createProviderRegistry({ clock: testClock(), cloudEndpoints: { azure: "http://example.org" } });

    await expect(open(cloud, "loc1")).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringContaining("http://example.org"),
    });
  });
});
