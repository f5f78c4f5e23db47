import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { limits } from "../../shared/domain/limits.ts";
import { openWorld, type World } from "./world.ts";

type Compared = { readonly given: Uint8Array; readonly expected: Uint8Array };

const work = vi.hoisted(() => ({ compared: [] as Compared[], hashes: 0 }));

vi.mock("node:crypto", async (original) => {
  const real = await original<typeof import("node:crypto")>();
  const timingSafeEqual: typeof real.timingSafeEqual = (given, expected) => {
    work.compared.push({ given: given as Uint8Array, expected: expected as Uint8Array });
    return real.timingSafeEqual(given, expected);
  };
  const counted: typeof real.createHash = (...args) => {
    work.hashes++;
    return real.createHash(...args);
  };
  return { ...real, timingSafeEqual, createHash: counted };
});

let world: World;
beforeEach(() => {
  world = openWorld();
});

const status = async (authorization: string, path = "nothing") =>
  (await world.ask("GET", path, undefined, { authorization })).status;
const sha256 = (text: string) => new Uint8Array(createHash("sha256").update(text).digest());

describe("the comparison of a token", () => {
  /** The work for one request: hashes made, and what was compared. The path is unknown, so that nothing else is done. */
  const workFor = async (authorization: string) => {
    await status(authorization);
    work.compared.length = 0;
    work.hashes = 0;
    const answered = await status(authorization);
    return { answered, hashes: work.hashes, compared: [...work.compared] };
  };

  it("is one of SHA-256 digests in constant time, whatever was given: none, a wrong one, its beginning, or more than it", async () => {
    const { token } = world;
    const wrong = ["", "Basic x", "Bearer ", "Bearer wrong", `Bearer ${token.slice(0, -1)}`, `Bearer ${token}x`];
    wrong.push(`Bearer ${token.slice(0, -1)}1`, `Bearer x${token.slice(1)}`, `Bearer ${token.toUpperCase()}`);

    const cases = [];
    for (const authorization of wrong) cases.push(await workFor(authorization));
    const right = await workFor(`Bearer ${token}`);

    for (const { answered, hashes, compared } of cases) {
      expect([401, 429]).toContain(answered);
      expect(hashes).toBe(right.hashes);
      expect(compared).toHaveLength(1);
      expect(compared[0]?.given).toHaveLength(32);
      expect(new Uint8Array(compared[0]?.expected ?? [])).toEqual(sha256(token));
    }
    expect(right.answered).toBe(404);
  });

  it("lets nobody in for an empty token, even where its hash is the one that is stored", async () => {
    const secrets = {
      ...world.deps.secrets,
      adminTokenHash: async () => createHash("sha256").update("").digest("hex"),
    };
    world = openWorld({ secrets });

    for (const authorization of ["", "Bearer", "Bearer ", "Basic Og=="]) expect(await status(authorization)).toBe(401);
  });

  it("does not take the stored hash for the token", async () => {
    expect(await status(`Bearer ${Buffer.from(sha256(world.token)).toString("hex")}`)).toBe(401);
  });
});

describe("headers that are odd", () => {
  it.each([
    ["a megabyte", (token: string) => `Bearer ${token.repeat(25_000)}`],
    ["two tokens, the right one first", (token: string) => `Bearer ${token}, Bearer wrong`],
    ["two tokens, the right one last", (token: string) => `Bearer wrong, Bearer ${token}`],
    ["the right one twice", (token: string) => `Bearer ${token}, Bearer ${token}`],
    ["another scheme's name", (token: string) => `bearer ${token}`],
    ["two blanks", (token: string) => `Bearer  ${token}`],
    ["a letter beyond ASCII", (token: string) => `Bearer ${token}é`],
    ["a look-alike blank", (token: string) => `Bearer\u00a0${token}`],
    ["a NUL in the middle", (token: string) => `Bearer ${token.slice(0, 9)}%00${token.slice(9)}`],
  ])("are refused with 401: %s", async (_what, authorization) => {
    expect(await status(authorization(world.token))).toBe(401);
  });

  it("given as several lines are one header with a comma, and refused", async () => {
    const headers = new Headers({ authorization: `Bearer ${world.token}` });
    headers.append("authorization", `Bearer ${world.token}`);

    const answer = await world.admin(new Request("https://admin.test/admin/v1/status", { headers }));

    expect(answer.status).toBe(401);
  });

  it("with blanks around the whole are the right token", async () => {
    expect(await status(` Bearer ${world.token} `)).toBe(404);
  });
});

describe("the limit on failures", () => {
  const wrong = () => status("Bearer wrong");
  const fill = async (count: number = limits.adminFailures) => {
    for (let n = 0; n < count; n++) expect(await wrong()).toBe(401);
  };

  it("is ten in any sixty seconds, to the millisecond", async () => {
    await fill(1);
    await world.clock.advance(30_000);
    await fill(9);
    await world.clock.advance(limits.adminFailureWindowMs - 30_000 - 1);
    expect(await wrong()).toBe(429);
    await world.clock.advance(1);

    expect(await wrong()).toBe(401);
    expect(await wrong()).toBe(429);
  });

  it("does not grow by attempts that it turned away, so that hammering keeps nobody else out for longer", async () => {
    await fill();
    for (let n = 0; n < 1_000; n++) expect(await wrong()).toBe(429);
    await world.clock.advance(limits.adminFailureWindowMs);

    await fill();
  });

  it("never turns the right token away, and the right token does not end it for others", async () => {
    await fill();
    expect(await wrong()).toBe(429);

    expect(await status(`Bearer ${world.token}`)).toBe(404);
    expect(await wrong()).toBe(429);
  });

  it("compares in the same way beyond it, so that it tells nothing", async () => {
    await fill();
    work.compared.length = 0;

    await wrong();

    expect(work.compared).toHaveLength(1);
  });

  it("is one container's: another one counts anew", async () => {
    await fill();
    const other = openWorld({ store: world.store });

    expect((await other.ask("GET", "nothing", undefined, { authorization: "Bearer wrong" })).status).toBe(401);
  });
});
