import { describe, expect, it } from "vitest";
import { createOciEmulator } from "../../../dev/emulators/oci/emulator.ts";
import { serveOci } from "../../../dev/emulators/oci/server.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { ociClient } from "../../../shared/providers/oci/client.ts";
import { apiKeyIdentity } from "../../../shared/providers/oci/identity.ts";
import { ociProvider } from "../../../shared/providers/oci/provider.ts";
import { tablesIn, untilDone } from "../contract/world.ts";
import { heldSecrets, KEY } from "./api-key.ts";
import { cloudOf, ocid, REGION, seedOf } from "./emulated-world.ts";
import { A, create, errorOf, refOf, replace, results, TABLE, virtualWorld } from "./virtual.ts";

const home = ocid("vcn", "home");
const ask = (world: ReturnType<typeof virtualWorld>, target: string, localAddress = "") =>
  world.drive(world.provider.targets([{ hostId: "hostx", target, localAddress }], untilDone()));

describe("what is particular to OCI", () => {
  it("offers for change only rules for addresses that somebody made", async () => {
    const world = virtualWorld();
    const services = "all-phx-services-in-oracle-services-network";
    world.plant(TABLE, "10.9.0.0/16", A);
    world.plant(TABLE, services, ocid("servicegateway", "1"), { destinationType: "SERVICE_CIDR_BLOCK" });
    world.plant(TABLE, "::/0", ocid("drg", "1"));

    const routes = await world.drive(world.provider.read([refOf(TABLE)], untilDone()));

    expect(routes.map(({ destination, target, isStatic }) => [destination, target, isStatic])).toEqual([
      ["10.0.0.0/16", home, false],
      ["10.9.0.0/16", A, true],
      ["::/0", ocid("drg", "1"), true],
      [services, ocid("servicegateway", "1"), false],
    ]);
  });

  it("finds tables of other compartments that are named, and looks for those of its own alone", async () => {
    const world = virtualWorld({ routeTables: { by: "id", ids: [TABLE, ocid("routetable", "theirs")] } });
    world.emulator.seed({
      routeTables: [{ id: ocid("routetable", "theirs"), vcn: home, compartment: "ocid1.compartment.oc1..other" }],
    });

    expect((await world.survey()).tables.map(({ id }) => id)).toEqual([TABLE, ocid("routetable", "theirs")]);
    const all = virtualWorld();
    all.emulator.restore(world.emulator.dump());
    expect((await all.survey()).tables.map(({ id }) => id)).not.toContain(ocid("routetable", "theirs"));
  });

  it("takes no rule for dead that somebody pointed at an address which is not for us to see", async () => {
    const world = virtualWorld();
    world.plant(TABLE, "10.9.0.0/16", ocid("privateip", "of-another-compartment"));

    const [route] = (await world.drive(world.provider.read([refOf(TABLE)], untilDone()))).filter(
      ({ destination }) => destination === "10.9.0.0/16",
    );

    // A dead one of ours would be put right, and this one is not ours any more.
    expect(route).toMatchObject({ state: "active", warning: expect.stringContaining("not there, or not for us") });
  });

  it("takes a table that is being deleted for gone", async () => {
    const world = virtualWorld();
    world.emulator.seed({ routeTables: [{ id: TABLE, vcn: home, lifecycleState: "TERMINATED" }] });

    expect(await world.drive(world.provider.read([refOf(TABLE)], untilDone()))).toEqual([]);
    expect((await world.survey()).tables.map(({ id }) => id)).not.toContain(TABLE);
  });

  it("says when the VCN is gone, and that a permission may be missing", async () => {
    const world = virtualWorld({ vcn: ocid("vcn", "gone") });

    await expect(world.survey()).rejects.toMatchObject({
      code: "TABLE_MISSING",
      retry: "later",
      message: expect.stringContaining(ocid("vcn", "gone")),
      next: expect.stringContaining("ROUTE_TABLE_READ"),
    });
  });

  it("refuses a VNIC that drops what is not meant for it, with the command that switches that off", async () => {
    const world = virtualWorld();
    world.emulator.control.edit.setVnic(ocid("vnic", "a"), { skipSourceDestCheck: false });

    for (const target of [A, ocid("vnic", "a")]) {
      const [outcome] = await ask(world, target);

      expect(errorOf(outcome)).toMatchObject({
        code: "TARGET_NOT_ALLOWED",
        next: `oci network vnic update --vnic-id ${ocid("vnic", "a")} --skip-source-dest-check true`,
      });
    }
  });

  it("finds a secondary private IP that is named, and one by its address", async () => {
    const world = virtualWorld();
    const second = ocid("privateip", "second");
    world.emulator.control.edit.setVnic(ocid("vnic", "a"), { freeformTags: { "pointsman-host": "hostx" } });

    expect(await ask(world, second)).toMatchObject([{ result: "found", target: second }]);
    expect(await ask(world, "auto", "10.0.0.40")).toMatchObject([{ result: "found", target: second }]);
  });

  it("says of an address on no VNIC that it is on none", async () => {
    const world = virtualWorld();
    world.emulator.control.edit.movePrivateIp(ocid("privateip", "second"), null);

    const [outcome] = await ask(world, ocid("privateip", "second"));

    expect(errorOf(outcome)).toMatchObject({ code: "TARGET_MISSING", message: expect.stringContaining("no VNIC") });
  });

  it("fails the host alone whose look-up fails", async () => {
    const world = virtualWorld();
    world.emulator.control.fail({
      action: "GetVnic",
      table: ocid("vnic", "b"),
      fault: { kind: "internal-error" },
      count: 10,
    });
    const hosts = ["a", "b"].map((name) => ({ hostId: name, target: ocid("vnic", name), localAddress: "" }));

    expect(await world.drive(world.provider.targets(hosts, untilDone()))).toMatchObject([
      { hostId: "a", result: "found" },
      { hostId: "b", result: "failed", error: { code: "CLOUD_FAULT", retry: "soon" } },
    ]);
  });

  it("repeats what only reads when OCI throttled or failed it", async () => {
    const world = virtualWorld();
    world.emulator.control.fail({ action: "ListRouteTables", fault: { kind: "throttle" } });
    world.emulator.control.fail({ action: "ListRouteTables", fault: { kind: "drop", written: false } });

    expect((await world.survey()).tables).toHaveLength(2);
    expect(world.emulator.control.operations().get("ListRouteTables")).toBe(3);
  });

  it("may be shown what stood before a write for a while, and overwrites nothing because of that", async () => {
    const world = virtualWorld();
    world.plant(TABLE, "10.201.0.0/24", A);
    await world.clock.advance(5_000);
    world.emulator.control.readLag(1_000);
    const b = ocid("privateip", "b");

    const first = await world.write([replace(TABLE, "10.201.0.0/24", b, A)]);
    const second = await world.write([create(TABLE, "10.202.0.0/24", b)]);

    expect(results([...first, ...second])).toEqual(["written", "written"]);
    expect(world.targetOf(TABLE, "10.201.0.0/24")).toBe(b);
    expect(world.targetOf(TABLE, "10.202.0.0/24")).toBe(b);
  });

  it("says that a region does not answer, while another is read unhindered", async () => {
    const emulator = createOciEmulator({ clock: systemClock, world: seedOf([TABLE]) });
    const server = await serveOci(emulator);
    const identity = apiKeyIdentity(heldSecrets(KEY.secret), "oci");
    const cloud = cloudOf(home, { by: "network" });
    const up = ociProvider(cloud, ociClient(REGION, identity, server.url), systemClock);
    const closed = await serveOci(emulator);
    await closed.close();
    const down = ociProvider(cloud, ociClient("eu-frankfurt-1", identity, closed.url), systemClock);

    const [read, failed] = await Promise.allSettled([up.survey(untilDone()), down.survey(untilDone())]);
    await server.close();

    expect(read.status === "fulfilled" && tablesIn(read.value).map(({ id }) => id)).toEqual([TABLE]);
    expect(failed).toMatchObject({ status: "rejected", reason: { code: "UNREACHABLE", retry: "soon" } });
  });

  it("gives a call up that is not answered, and ends it", async () => {
    const world = virtualWorld();
    world.plant(TABLE, "10.201.0.0/24", A);
    world.emulator.control.fail({ action: "UpdateRouteTable", fault: { kind: "stall", ms: 60_000 } });

    const [outcome] = await world.write([replace(TABLE, "10.201.0.0/24", ocid("privateip", "b"), A)]);

    expect(errorOf(outcome)).toMatchObject({ code: "TIMED_OUT", message: expect.stringContaining("5000 ms") });
  });

  it("writes nothing to the console when a call fails", async () => {
    const { vi } = await import("vitest");
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const world = virtualWorld();
    world.emulator.control.fail({ action: "UpdateRouteTable", fault: { kind: "internal-error" } });

    await world.write([create(TABLE, "10.201.0.0/24", A)]);

    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});
