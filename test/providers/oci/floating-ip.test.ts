import { describe, expect, it } from "vitest";
import { planRoutes } from "../../../shared/domain/plan.ts";
import { changeOf, isWrite } from "../../../shared/domain/plan-steps.ts";
import type { LedgerEntry } from "../../../shared/domain/records.ts";
import type { Survey } from "../../../shared/ports/route-provider.ts";
import { untilDone } from "../contract/world.ts";
import { ocid } from "./emulated-world.ts";
import { A, ADDRESS, errorOf, FLOATING, refOf, remove, replace, results, TABLE, virtualWorld } from "./virtual.ts";

const [VNIC_A, VNIC_B] = [ocid("vnic", "a"), ocid("vnic", "b")];
const floating = () => virtualWorld({ floatingIp: FLOATING });

describe("an address that floats in OCI", () => {
  it("shows the tables as always at the address, and the address as one destination at the host that has it", async () => {
    const world = floating();
    world.plant(TABLE, "10.201.0.0/24", FLOATING);

    const { tables, routes } = await world.survey();

    const address = { ...refOf(FLOATING), holds: { kind: "one", destination: ADDRESS } };
    expect(tables).toEqual([
      address,
      ...["0000", "0001"].map((at) => ({
        ...refOf(ocid("routetable", at)),
        holds: { kind: "fixed", target: FLOATING },
      })),
    ]);
    expect(routes.filter(({ isStatic }) => isStatic)).toEqual([
      { table: address, destination: ADDRESS, target: VNIC_A, state: "active", isStatic: true },
      { table: tables[1], destination: "10.201.0.0/24", target: FLOATING, state: "active", isStatic: true },
    ]);
    expect(await world.drive(world.provider.read(tables, untilDone()))).toEqual(routes);
  });

  it("has the VNICs of hosts as their targets", async () => {
    const world = floating();
    const hosts = [
      { hostId: "hosta", target: "auto", localAddress: "10.0.0.4" },
      { hostId: "hostb", target: ocid("privateip", "b"), localAddress: "" },
    ];

    expect(await world.drive(world.provider.targets(hosts, untilDone()))).toEqual([
      { hostId: "hosta", result: "found", target: VNIC_A },
      { hostId: "hostb", result: "found", target: VNIC_B },
    ]);
  });

  it("allows no VNIC of another subnet, where OCI does not move the address to", async () => {
    const world = floating();
    world.emulator.seed({
      subnets: [{ id: ocid("subnet", "other"), vcn: ocid("vcn", "home"), cidr: "10.0.1.0/24" }],
      vnics: [{ id: ocid("vnic", "c"), subnet: ocid("subnet", "other"), address: "10.0.1.4" }],
    });

    const host = { hostId: "hostc", target: ocid("vnic", "c"), localAddress: "" };
    const [outcome] = await world.drive(world.provider.targets([host], untilDone()));

    expect(errorOf(outcome)).toMatchObject({ code: "TARGET_NOT_ALLOWED", message: expect.stringContaining("subnet") });
  });

  it("moves to another host in one call, however many tables and rules go by it", async () => {
    const world = floating();
    for (let at = 0; at < 150; at++) world.plant(TABLE, `10.201.${at}.0/24`, FLOATING);

    const outcomes = await world.write([replace(FLOATING, ADDRESS, VNIC_B, VNIC_A)]);

    expect(results(outcomes)).toEqual(["written"]);
    expect(world.emulator.control.edit.vnicOf(FLOATING)).toBe(VNIC_B);
    expect(world.calls()).toBe(1);
    expect(world.emulator.control.gaps(0)).toEqual([]);
  });

  it("is planned so: claimed by adopting it, moved alone, and at rest afterwards", async () => {
    const world = floating();
    world.plant(TABLE, "10.201.0.0/24", FLOATING);
    const base = { locationId: "loc1", generation: 1, linkId: "link1", epoch: 1, atMs: 0, by: "test" } as const;
    const owned = (id: string, destination: string): LedgerEntry => {
      return { ...base, table: refOf(id).key, destination, state: "owned", seen: "" };
    };
    const plan = ({ tables, routes }: Survey, entries: readonly LedgerEntry[]) =>
      planRoutes({
        ...base,
        tables: tables.filter(({ id }) => id !== ocid("routetable", "0001")),
        routes,
        entries,
        desired: ["10.201.0.0/24"],
        active: VNIC_B,
        own: new Set([VNIC_A, VNIC_B]),
        removeRoutes: false,
      });
    const entries = [owned(TABLE, "10.201.0.0/24"), owned(FLOATING, ADDRESS)];

    const unclaimed = plan(await world.survey(), entries.slice(0, 1));
    expect(unclaimed.map(({ kind }) => kind)).toEqual(["foreign", "unchanged"]);
    const steps = plan(await world.survey(), entries).filter(isWrite);
    expect(steps.map(changeOf)).toMatchObject([
      { kind: "replace", destination: ADDRESS, target: VNIC_B, found: VNIC_A },
    ]);
    expect(results(await world.write(steps.map(changeOf)))).toEqual(["written"]);
    expect(plan(await world.survey(), entries).map(({ kind }) => kind)).toEqual(["unchanged", "unchanged"]);
  });

  it("is put on a host when it is on none", async () => {
    const world = floating();
    world.emulator.control.edit.movePrivateIp(FLOATING, null);
    const { routes, tables } = await world.survey();
    expect(routes.some(({ destination }) => destination === ADDRESS)).toBe(false);
    const [table] = tables;
    if (table === undefined) throw new Error("no table");

    const outcomes = await world.write([{ kind: "create", table, destination: ADDRESS, target: VNIC_B }]);

    expect(results(outcomes)).toEqual(["written"]);
    expect(world.emulator.control.edit.vnicOf(FLOATING)).toBe(VNIC_B);
  });

  it("shows rules at an address that is on no host as leading nowhere", async () => {
    const world = floating();
    world.plant(TABLE, "10.201.0.0/24", FLOATING);
    world.emulator.control.edit.removeVnic(VNIC_A);

    const { routes } = await world.survey();

    expect(routes.find(({ destination }) => destination === "10.201.0.0/24")).toMatchObject({ state: "blackhole" });
  });

  it("leaves alone an address that somebody moved meanwhile", async () => {
    const world = floating();
    let isFirst = true;

    const outcomes = await world.write([replace(FLOATING, ADDRESS, VNIC_B, VNIC_A)], async () => {
      if (isFirst) world.emulator.control.edit.movePrivateIp(FLOATING, ocid("vnic", "untagged"));
      isFirst = false;
    });

    expect(errorOf(outcomes[0])).toMatchObject({ code: "ROUTE_EXISTS", retry: "soon" });
    expect(world.emulator.control.edit.vnicOf(FLOATING)).toBe(ocid("vnic", "untagged"));
  });

  it("is taken off its host where rules are removed", async () => {
    const world = floating();

    const outcomes = await world.write([remove(FLOATING, ADDRESS, VNIC_A)]);

    expect(results(outcomes)).toEqual(["written"]);
    expect(world.emulator.control.edit.vnicOf(FLOATING)).toBeNull();
    expect(results(await world.write([remove(FLOATING, ADDRESS, VNIC_A)]))).toEqual(["ROUTE_MISSING"]);
  });

  it("stays on its host when it would be lost otherwise, and says how to reserve it", async () => {
    const world = floating();
    world.emulator.control.edit.setLifetime(FLOATING, "EPHEMERAL");

    const outcomes = await world.write([remove(FLOATING, ADDRESS, VNIC_A)]);

    expect(errorOf(outcomes[0])).toMatchObject({
      code: "INVALID",
      retry: "never",
      next: expect.stringContaining("--lifetime RESERVED"),
    });
    expect(world.calls()).toBe(0);
  });

  it("is known again by its name when its location has no floating address any more, and left where it is", async () => {
    const world = virtualWorld();

    const routes = await world.drive(world.provider.read([refOf(FLOATING)], untilDone()));

    expect(routes).toMatchObject([{ destination: ADDRESS, target: VNIC_A }]);
    expect(world.provider.tableOf?.(refOf(TABLE))).toEqual(refOf(TABLE));
  });

  it("tells of tables that were noted before that they are always at the address", () => {
    const { provider } = floating();

    expect(provider.tableOf?.(refOf(TABLE))).toEqual({ ...refOf(TABLE), holds: { kind: "fixed", target: FLOATING } });
    expect(provider.tableOf?.(refOf(FLOATING))).toEqual(refOf(FLOATING));
  });

  it("refuses the primary address of a VNIC, which OCI does not move", async () => {
    const world = virtualWorld({ floatingIp: A });

    await expect(world.survey()).rejects.toMatchObject({
      code: "INVALID",
      retry: "never",
      next: expect.stringContaining("secondary"),
    });
  });

  it("says when the address is gone, and which permission may be missing", async () => {
    const world = virtualWorld({ floatingIp: ocid("privateip", "gone") });

    await expect(world.survey()).rejects.toMatchObject({
      code: "TABLE_MISSING",
      next: expect.stringContaining("PRIVATE_IP_READ"),
    });
  });

  it("names the permissions to move it when OCI says that it is not there or not for us", async () => {
    const world = floating();
    world.emulator.control.fail({ action: "UpdatePrivateIp", fault: { kind: "deny" } });

    const [outcome] = await world.write([replace(FLOATING, ADDRESS, VNIC_B, VNIC_A)]);

    expect(errorOf(outcome)).toMatchObject({ code: "DENIED", next: expect.stringContaining("VNIC_ASSIGN") });
  });
});
