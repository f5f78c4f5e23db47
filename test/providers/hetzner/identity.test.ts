import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { inProcess } from "../../../dev/emulators/hetzner/in-process.ts";
import { RouteError } from "../../../shared/domain/errors.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createProviderRegistry } from "../../../shared/providers/registry.ts";
import { turnOf, untilDone } from "../contract/world.ts";
import { cloudOf, HOME, secretsOf, TOKEN } from "./emulated-world.ts";
import { gateways, planted, results, virtualWorld } from "./virtual.ts";

const ROTATED = "aRotatedToken0000000000000000000000000000000000000000000000000000";

/** The `RouteError` of a promise that fails. */
async function errorOf(promise: Promise<unknown>): Promise<RouteError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RouteError)) throw new Error("it did not fail as it should");
  return error;
}

describe("the token of a project", () => {
  it("may stand in its secret alone, or in an object", async () => {
    for (const text of [TOKEN, `${TOKEN}\n`, JSON.stringify({ token: TOKEN })]) {
      const world = virtualWorld();

      const { value } = await world.drive(world.open({ token: () => text }).survey(untilDone()));

      expect(value.tables).toEqual([{ id: String(HOME), key: `hetzner/${HOME}` }]);
    }
  });

  it("is read anew when it is refused, for reads and in the middle of a swap, each attempt with its guard", async () => {
    const world = virtualWorld();
    let text = TOKEN;
    const changes = planted(world, 2);
    const provider = world.open({ token: () => text });
    await world.drive(provider.survey(untilDone()));
    let asked = 0;
    const guard = async () => {
      asked++;
      if (asked !== 2) return;
      world.emulator.control.setTokens([ROTATED]);
      text = ROTATED;
    };

    const { value } = await world.drive(provider.write(changes, turnOf(guard), untilDone()));

    expect(results(value)).toEqual(["written", "written"]);
    expect(asked).toBe(5);
  });

  it("that stays refused is told with the secret that it is in, never with itself, and old routes are left", async () => {
    const world = virtualWorld();
    const changes = planted(world, 2);
    const provider = world.open();
    await world.drive(provider.survey(untilDone()));
    world.emulator.control.setTokens([ROTATED]);

    const survey = await errorOf(world.drive(provider.survey(untilDone())));
    const { value } = await world.drive(provider.write(changes, turnOf(), untilDone()));

    expect([survey.code, survey.retry]).toEqual(["DENIED", "later"]);
    expect(survey.next).toContain("pointsman/hetzner");
    expect(`${survey.message} ${survey.next} ${JSON.stringify(survey)}`).not.toContain(TOKEN);
    expect(results(value)).toEqual(["DENIED", "DENIED"]);
    expect(gateways(world)).toHaveLength(2);
  });

  it("that may only read is told with the permission that it lacks, and nothing is changed", async () => {
    const world = virtualWorld();
    const changes = planted(world, 1);
    world.emulator.restore({ ...world.emulator.dump(), tokens: [{ token: TOKEN, access: "read" }] });

    const { value } = await world.drive(world.open().write(changes, turnOf(), untilDone()));

    const next = expect.stringMatching(/delete_route.*Read & Write.*pointsman\/hetzner/);
    expect(value).toMatchObject([{ result: "failed", error: { code: "DENIED", next } }]);
    expect(gateways(world)).toEqual(["10.0.0.4"]);
  });

  it.each(["", "{}", '{"token": 5}', "two words", "line\nbreak"])(
    "is not taken from a secret that holds %j",
    async (text) => {
      const world = virtualWorld();

      const error = await errorOf(world.drive(world.open({ token: () => text }).survey(untilDone())));

      expect(error.code).toBe("DENIED");
      expect(error.message).toContain("pointsman/hetzner");
      if (text !== "" && text !== "{}") expect(error.message).not.toContain(text);
    },
  );

  it("is hidden in what the API says", async () => {
    const world = virtualWorld();
    const send = inProcess(world.emulator);
    const echo: typeof fetch = async (input, init) => {
      await send(input, init);
      const message = `no ${new Headers(init?.headers).get("authorization")} and no ${TOKEN}`;
      return new Response(JSON.stringify({ error: { code: "forbidden", message } }), { status: 403 });
    };

    const error = await errorOf(world.drive(world.open({ fetch: echo }).survey(untilDone())));

    expect(error.message).not.toContain(TOKEN);
  });

  it("is not sent on where a redirect points", async () => {
    const got: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      got.push(request.url);
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const open = createProviderRegistry({
      clock: systemClock,
      cloudSecrets: secretsOf(() => TOKEN),
      cloudEndpoints: { hetzner: `http://127.0.0.1:${port}/v1/` },
    });

    const error = await errorOf((await open(cloudOf(HOME), "l1")).survey(untilDone()));
    server.closeAllConnections();
    server.close();

    expect(error.name).toBe("RouteError");
    expect(got).toEqual([`/v1/networks/${HOME}`]);
  });
});

describe("the provider of Hetzner", () => {
  it("says that the API cannot be reached", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const open = createProviderRegistry({
      clock: systemClock,
      cloudSecrets: secretsOf(() => TOKEN),
      cloudEndpoints: { hetzner: `http://127.0.0.1:${port}/v1` },
    });

    const error = await errorOf((await open(cloudOf(HOME), "l1")).survey(untilDone()));

    expect([error.code, error.retry]).toEqual(["UNREACHABLE", "soon"]);
  });

  it("cannot be opened without secrets", async () => {
    const open = createProviderRegistry({ clock: systemClock });

    const error = await errorOf(open(cloudOf(HOME), "l1"));

    expect(error.code).toBe("DENIED");
  });
});
