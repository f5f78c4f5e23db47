import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pairKey } from "../../shared/protocol/keys.ts";
import { openWorld, sampleFile, type World } from "../admin/world.ts";
import { type Desk, openDesk } from "./desk.ts";

const file = sampleFile
  .replace("    locations:", "    ciphers: { ike: aes128-sha256-ecp256, esp: aes128gcm128-ecp256 }\n    locations:")
  .replace(/target: eni-0([ab])(\d)/g, "target: eni-0$1$2, publicAddress: 198.51.100.$2$2")
  .replace(/target: eni-0b(\d), publicAddress: 198.51.100/g, "target: eni-0b$1, publicAddress: 203.0.113");
const router = "backbone/office/router";

let world: World;
let desk: Desk;
beforeEach(async () => {
  world = openWorld();
  expect(await world.post("apply", { file })).toMatchObject({ status: 200 });
  desk = await openDesk(world);
});
afterEach(() => desk.close());

async function keys(): Promise<readonly string[]> {
  const { link, location } = await world.place(router);
  const masterKey = await world.deps.secrets.masterKey();
  return link.locations
    .filter((one) => one.id !== location.id)
    .map((one) => pairKey(masterKey, link.id, location.id, one.id, link.keyGeneration));
}

describe("export", () => {
  it.each(["edgerouter", "vyos", "swanctl", "ipsec.conf", "pfsense"])(
    "prints a device for %s, without keys",
    async (format) => {
      const { code, out, err } = await desk.run(["export", router, "--format", format]);

      expect({ code, err }).toEqual({ code: 0, err: "" });
      for (const address of ["198.51.100.11", "198.51.100.22", "203.0.113.11", "203.0.113.22"]) {
        expect(out).toContain(address);
      }
      expect(out).toContain("REPLACE-BY-KEY:backbone/office+us-west");
      expect((await desk.run(["export", router, "--format", format])).out).toBe(out);
      await world.expectNoSecrets([out]);
    },
  );

  it("prints the keys with --secrets, each of its pair of locations, and that is recorded", async () => {
    const { code, out } = await desk.run(["export", router, "--format", "vyos", "--secrets"]);

    expect(code).toBe(0);
    for (const key of await keys()) expect(out).toContain(` secret '${key}'`);
    expect(out).not.toContain("REPLACE-BY-KEY");
    const events = (await desk.run(["events", "--since", "1h"])).out;
    expect(events).toContain("exported the keys of backbone/office/router (operator anna)");
    await world.expectNoSecrets([events]);
  });

  it("writes a file that only its owner can read, whatever stood there, and prints no key", async () => {
    const path = join(desk.folder, "router.conf");
    await writeFile(path, "before", { mode: 0o644 });

    const { code, out } = await desk.run(["export", router, "--format", "swanctl", "--secrets", "--out", path]);

    expect({ code, out }).toEqual({ code: 0, out: `written to ${path}` });
    const text = await readFile(path, "utf8");
    for (const key of await keys()) expect(text).toContain(`secret = "${key}"`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readdir(desk.folder)).filter((name) => name.startsWith("router.conf"))).toEqual(["router.conf"]);
    await world.expectNoSecrets(desk.printed);
  });

  it("prints data with --json, and the path alone where a file is written", async () => {
    const plain = JSON.parse((await desk.run(["export", router, "--format", "vyos", "--json"])).out) as object;
    expect(plain).toEqual({ format: "vyos", text: expect.stringContaining("set vpn ipsec ") });
    const path = join(desk.folder, "x");
    const written = await desk.run(["export", router, "--format", "vyos", "--secrets", "--out", path, "--json"]);
    expect(JSON.parse(written.out)).toEqual({ format: "vyos", file: path });
  });

  it("prints for Terraform what Pointsman keeps, of a location or of a host's", async () => {
    const { code, out } = await desk.run(["export", "backbone/us-east", "--format", "terraform"]);

    expect(code).toBe(0);
    expect(out).toContain("pointsman_backbone_us_east = {");
    expect(out).toContain('tables       = ["rtb-0a1", "rtb-0a2"]');
    expect((await desk.run(["export", "backbone/us-east/a1", "--format", "terraform"])).out).toBe(out);
  });
});

describe("export refuses", () => {
  it.each([
    ["a format that there is none of", [router, "--format", "cisco"], 2, "the formats are: edgerouter, vyos"],
    ["to guess the format", [router], 2, "--format"],
    ["a location in the place of a host", ["backbone/office", "--format", "vyos"], 2, "is not LINK/LOCATION/HOST"],
    ["a host with an agent", ["backbone/us-east/a1", "--format", "vyos"], 1, "runs an agent"],
    ["a host that is not there", ["backbone/office/gone", "--format", "vyos"], 1, "the hosts are: router"],
    ["Terraform for a location without a cloud", ["backbone/office", "--format", "terraform"], 1, "has no cloud"],
    ["keys for Terraform", ["backbone/us-east", "--format", "terraform", "--secrets"], 2, "holds no keys"],
    ["a file that cannot be written", [router, "--format", "vyos", "--out", "/nowhere/x"], 1, "cannot be written"],
  ])("%s", async (_case, args, code, words) => {
    const ran = await desk.run(["export", ...args]);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(words);
    expect(ran.out).toBe("");
  });

  it("a file in what is no folder, and a folder, of which nothing is left behind", async () => {
    const path = await desk.file("plain", "text");
    for (const out of [join(path, "x"), desk.folder]) {
      const ran = await desk.run(["export", router, "--format", "vyos", "--out", out]);
      expect(ran).toMatchObject({ code: 1, out: "" });
      expect(ran.err).toContain(`${out} cannot be written`);
    }
    expect(await readFile(path, "utf8")).toBe("text");
    const beside = await readdir(join(desk.folder, ".."));
    expect(beside.filter((name) => name.startsWith(`${basename(desk.folder)}.`))).toEqual([]);
  });

  it("what the device cannot do, with what to do, and as data with --json", async () => {
    const x25519 = file.replaceAll("ecp256", "x25519");
    expect(await world.post("apply", { file: x25519 })).toMatchObject({ status: 200 });

    const { code, err } = await desk.run(["export", router, "--format", "edgerouter"]);

    expect(code).toBe(1);
    expect(err).toContain("EdgeOS has no DH group 31");
    expect(err).toContain("what to do: give the link ciphers that all of its devices have");
    const json = await desk.run(["export", router, "--format", "edgerouter", "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({ error: { code: "cipher-unsupported" } });
    expect((await desk.run(["export", router, "--format", "vyos"])).out).toContain("dh-group '31'");
  });
});
