import { rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openWorld, type World } from "../admin/world.ts";
import { type Desk, openDesk, runOnce } from "./desk.ts";

let world: World;
let desk: Desk;
beforeAll(async () => {
  world = openWorld();
  desk = await openDesk(world);
});
afterAll(async () => {
  await desk.close();
  await world.expectNoSecrets(desk.printed);
});

const plain: Server[] = [];
afterEach(() => {
  for (const server of plain.splice(0)) server.close();
});

/** A server that is not the admin API. */
async function otherServer(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { location: "https://elsewhere.test/" }).end(body);
  });
  plain.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("the server and the token", () => {
  it("are found in the data folder of a local server, whose certificate alone is trusted", async () => {
    expect(await desk.run(["status"])).toMatchObject({ code: 0, out: expect.stringContaining("no links yet") });
  });

  it("are taken from the command line, else from the environment", async () => {
    const env = { POINTSMAN_URL: desk.url, POINTSMAN_TOKEN: world.token };
    expect((await desk.run(["status", "--insecure"], { env })).code).toBe(0);
    expect((await desk.run(["status", "--insecure", "--token", "wrong"], { env })).code).toBe(4);
    expect((await desk.run(["--url", desk.url, "--token", world.token, "--insecure", "status"])).code).toBe(0);
  });

  it("are never mixed: a folder's token is not sent to a URL that was given", async () => {
    const { code, err } = await desk.run(["status", "--url", desk.url]);
    expect(code).toBe(4);
    expect(err).toContain("POINTSMAN_TOKEN");
  });

  it("end with 4 and one line on what to do when the token is wrong", async () => {
    const { code, out, err } = await desk.run(["status", "--token", "wrong"]);
    expect({ code, out }).toEqual({ code: 4, out: "" });
    expect(err).toContain("pointsman: the admin token is missing or wrong");
    const shown = await desk.run(["status", "--token", "wrong", "--json"]);
    expect(JSON.parse(shown.out)).toMatchObject({ error: { code: "unauthorised" } });
    expect(shown.err).toBe("");
  });

  it("end with 4 when no request could hold the token", async () => {
    for (const token of ["", "a b", "naïve", "\u4e2d", "x\r\nhost: y"]) {
      const { code, err } = await desk.run(["status", "--token", token]);
      expect({ token, code }).toEqual({ token, code: 4 });
      expect(err).toMatch(/^pointsman: .*\n {2}what to do: give --token/);
    }
  });
});

describe("a server that cannot be used", () => {
  it("with a certificate of no known authority is refused, unless that is asked for", async () => {
    const { code, err } = await desk.run(["status", "--url", desk.url, "--token", world.token]);
    expect(code).toBe(3);
    expect(err).toContain("--insecure");
  });

  it("with another certificate than the folder's is refused", async () => {
    const other = await openDesk(world);
    const pem = join(other.folder, "certificate.pem");
    const running = { url: desk.url, adminUrl: desk.url, pid: 1, certificate: pem };
    await writeFile(join(other.folder, "running.json"), JSON.stringify(running));
    expect((await other.run(["status"])).code).toBe(3);
    await other.close();
  });

  it("ends with 3 when nothing listens, the name does not exist, or no server runs on the folder", async () => {
    const args = ["status", "--token", "x"];
    expect((await desk.run([...args, "--url", "http://127.0.0.1:1"])).err).toContain("nothing listens there");
    expect(await desk.run([...args, "--url", "https://pointsman.invalid"])).toMatchObject({ code: 3 });
    const none = await runOnce(["status", "--data", join(desk.folder, "none")], world, desk.printed);
    expect(none).toMatchObject({ code: 3, err: expect.stringContaining("npm start") });
  });

  it("ends with 3 when the folder is damaged or not complete", async () => {
    const other = await openDesk(world);
    await writeFile(join(other.folder, "running.json"), "{");
    expect(await other.run(["status"])).toMatchObject({ code: 3, err: expect.stringContaining("running.json") });
    const running = { url: desk.url, adminUrl: desk.url, pid: 1, certificate: join(other.folder, "nothing.pem") };
    await writeFile(join(other.folder, "running.json"), JSON.stringify(running));
    expect(await other.run(["status"])).toMatchObject({ code: 3, err: expect.stringContaining("nothing.pem") });
    await rm(join(other.folder, "admin-token"));
    expect((await other.run(["status"])).code).toBe(3);
    await other.close();
  });

  it.each([
    [200, "<html>hello</html>", 1],
    [200, '{"version": "one"}', 1],
    [302, "", 1],
    [404, "not here", 1],
    [403, "no", 4],
    [500, "", 1],
    [502, "bad gateway", 3],
  ])("is not taken for the admin API when it answers %i %j", async (status, body, code) => {
    const url = await otherServer(status, body);
    const ran = await desk.run(["status", "--url", url, "--token", "x"]);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain("what to do: check that the URL is that of the admin API");
  });

  it.each(["nonsense", "ftp://example.net", "http://example.net", "file:///etc/passwd"])(
    "is not asked by %s",
    async (url) => {
      expect((await desk.run(["status", "--url", url, "--token", "x"])).code).toBe(2);
    },
  );
});

describe("names that no request could hold", () => {
  it("are refused as a wrong command line where they are whose name is recorded", async () => {
    const ran = await desk.run(["status", "--as", "\u4e2d"]);
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining("--as or POINTSMAN_OPERATOR") });
  });

  it("are names like others that do not exist, where they name a place", async () => {
    const ran = await desk.run(["rotate", "link", "\ud800", "--yes"]);
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("there is no link") });
  });
});

describe("the operator's name", () => {
  it("is the user's at this machine, POINTSMAN_OPERATOR, or --as", async () => {
    const by = async () => ((await world.get("network")).body as { by: string }).by;
    let version = 0;
    const apply = async (args: readonly string[], env: Record<string, string> = {}) => {
      const file = await desk.file(
        "n.yaml",
        `version: 1\nlinks: { l${++version}: { locations: { a: { networks: [10.0.0.0/16], hosts: { h: {} } } } } }\n`,
      );
      const ran = await desk.run(["apply", "-f", file, "--yes", "--allow-remove", ...args], { env });
      expect(ran).toMatchObject({ code: 0 });
    };
    await apply([]);
    expect(await by()).toBe("operator anna");
    await apply([], { POINTSMAN_OPERATOR: "night shift" });
    expect(await by()).toBe("operator night shift");
    await apply(["--as", "maria"], { POINTSMAN_OPERATOR: "night shift" });
    expect(await by()).toBe("operator maria");
    expect(await desk.run(["status", "--as", "<b>"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("is not a name"),
    });
  });
});
