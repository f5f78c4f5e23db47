import { describe, expect, it } from "vitest";
import { RouteError } from "../../../shared/domain/errors.ts";
import { turnOf, untilDone } from "../contract/world.ts";
import { ocid } from "./emulated-world.ts";
import type { VirtualWorld } from "./virtual.ts";
import { A, B, create, errorOf, remove, replace, results, SECOND, TABLE, virtualWorld } from "./virtual.ts";

const superseded = () => new RouteError("SUPERSEDED", "a newer decision", { retry: "soon", next: "nothing" });
const destinations = (count: number) => Array.from({ length: count }, (_, at) => `10.201.${at}.0/24`);

/** Rules that point at `a` in a table, and the changes that point them at `b`. */
function planted(world: VirtualWorld, count: number, table = TABLE) {
  for (const destination of destinations(count)) world.plant(table, destination, A);
  return destinations(count).map((destination) => replace(table, destination, B, A));
}

const fails = (kind: "throttle" | "deny" | "internal-error", count = 1) => ({
  action: "UpdateRouteTable",
  fault: { kind },
  count,
});

describe("writing the rules of OCI's tables", () => {
  it("sends all changes of a table in one call, tables at the same time", async () => {
    const world = virtualWorld();
    world.emulator.control.latency("*", 50);
    const changes = [...planted(world, 150), ...planted(world, 150, SECOND)];
    const startMs = world.clock.monotonicMs();

    const outcomes = await world.write(changes);

    expect(new Set(results(outcomes))).toEqual(new Set(["written"]));
    expect(world.calls()).toBe(2);
    expect(world.clock.monotonicMs() - startMs).toBe(100);
    expect(world.emulator.control.gaps(0)).toEqual([]);
  });

  it("writes rules in the words of the API, and describes them as ours", async () => {
    const world = virtualWorld();

    await world.write([create(TABLE, "10.201.0.0/24", A)]);

    expect(world.rules(TABLE)).toEqual([
      {
        destination: "10.201.0.0/24",
        destinationType: "CIDR_BLOCK",
        networkEntityId: A,
        description: "pointsman",
        routeType: "STATIC",
      },
    ]);
  });

  it("keeps every rule of others as it was, in its order, with all of its fields", async () => {
    const world = virtualWorld();
    const service = "all-phx-services-in-oracle-services-network";
    world.plant(TABLE, "0.0.0.0/0", ocid("natgateway", "1"), { description: "to the world" });
    world.plant(TABLE, "10.201.0.0/24", A, { description: "adopted" });
    world.plant(TABLE, service, ocid("servicegateway", "1"), { destinationType: "SERVICE_CIDR_BLOCK" });
    world.plant(TABLE, "::/0", ocid("drg", "1"));
    const before = world.rules(TABLE);

    const outcomes = await world.write([replace(TABLE, "10.201.0.0/24", B, A), create(TABLE, "10.202.0.0/24", A)]);

    expect(results(outcomes)).toEqual(["written", "written"]);
    const after = world.rules(TABLE);
    expect(after.filter((_, at) => at !== 1 && at < 4)).toEqual(before.filter((_, at) => at !== 1));
    expect(after[1]).toMatchObject({ networkEntityId: B, description: "adopted" });
  });

  it("sends a rule of old back without the name that OCI refuses beside the new one", async () => {
    const world = virtualWorld();
    world.emulator.control.edit.putRule(TABLE, { cidrBlock: "10.8.0.0/16", networkEntityId: ocid("drg", "1") });

    const outcomes = await world.write([create(TABLE, "10.201.0.0/24", A)]);

    expect(results(outcomes)).toEqual(["written"]);
    expect(world.targetOf(TABLE, "10.8.0.0/16")).toBe(ocid("drg", "1"));
  });

  it("reads and merges again when Terraform changed the table meanwhile, and asks the guard again", async () => {
    const world = virtualWorld();
    const changes = planted(world, 3);
    let asked = 0;

    const outcomes = await world.write(changes, async () => {
      asked++;
      if (asked === 1) world.plant(TABLE, "10.9.0.0/16", ocid("drg", "1"));
    });

    expect(results(outcomes)).toEqual(["written", "written", "written"]);
    expect(asked).toBe(2);
    expect(world.emulator.control.calls().map(({ answer }) => answer)).toEqual(["NoEtagMatch", "written"]);
    expect(world.targetOf(TABLE, "10.9.0.0/16")).toBe(ocid("drg", "1"));
  });

  it("sends a rule again that is to be written though it stands: what an older decision has sent is then refused", async () => {
    const world = virtualWorld();
    const changes = planted(world, 3);
    let asked = 0;
    const once = async () => {
      asked++;
      if (asked > 1) throw superseded();
    };
    world.emulator.control.fail({ action: "UpdateRouteTable", fault: { kind: "stall", ms: 3_000 } });
    const older = world.provider.write(changes, turnOf(once), untilDone());
    await world.clock.advance(500);

    const newer = await world.write(destinations(3).map((destination) => replace(TABLE, destination, A, A)));

    expect(results(newer)).toEqual(["written", "written", "written"]);
    expect(results(await world.drive(older))).toEqual(["SUPERSEDED", "SUPERSEDED", "SUPERSEDED"]);
    expect(destinations(3).map((destination) => world.targetOf(TABLE, destination))).toEqual([A, A, A]);
    expect(world.calls()).toBe(2);
  });

  it("fails alone what does not stand as it was found, and writes the rest", async () => {
    const world = virtualWorld();
    const foreign = ocid("drg", "1");
    const changes = [...planted(world, 4), create(TABLE, "10.202.0.0/24", B), remove(TABLE, "10.203.0.0/24", A)];
    let isFirst = true;

    const outcomes = await world.write(changes, async () => {
      if (!isFirst) return;
      isFirst = false;
      world.plant(TABLE, "10.201.1.0/24", foreign);
      world.emulator.control.edit.removeRule(TABLE, "10.201.2.0/24");
      world.plant(TABLE, "10.201.3.0/24", B);
      world.plant(TABLE, "10.202.0.0/24", foreign);
      world.plant(TABLE, "10.203.0.0/24", foreign);
    });

    expect(results(outcomes)).toEqual([
      "written",
      "ROUTE_EXISTS",
      "ROUTE_MISSING",
      "written",
      "ROUTE_EXISTS",
      "ROUTE_MISSING",
    ]);
    expect(errorOf(outcomes[1])).toMatchObject({ retry: "soon", message: expect.stringContaining(foreign) });
    for (const destination of ["10.201.1.0/24", "10.202.0.0/24", "10.203.0.0/24"]) {
      expect(world.targetOf(TABLE, destination)).toBe(foreign);
    }
  });

  it("cannot land late over what a newer decision wrote", async () => {
    const world = virtualWorld();
    const changes = planted(world, 2);
    world.emulator.control.fail({ action: "UpdateRouteTable", fault: { kind: "stall", ms: 3_000 } });
    const old = world.provider.write(changes, turnOf(), untilDone());
    await world.clock.advance(1_000);
    const newer = destinations(2).map((destination) => replace(TABLE, destination, ocid("privateip", "untagged"), A));
    expect(results(await world.write(newer))).toEqual(["written", "written"]);

    expect(results(await world.drive(old))).toEqual(["ROUTE_EXISTS", "ROUTE_EXISTS"]);
    expect(world.targetOf(TABLE, "10.201.0.0/24")).toBe(ocid("privateip", "untagged"));
    expect(world.emulator.control.calls().map(({ answer }) => answer)).toEqual(["written", "NoEtagMatch"]);
  });

  it("is not sent again after a newer decision was made, though the table was only touched by others", async () => {
    const world = virtualWorld();
    const changes = planted(world, 2);
    let asked = 0;

    const outcomes = await world.write(changes, async () => {
      asked++;
      if (asked > 1) throw superseded();
      world.plant(TABLE, "10.9.0.0/16", ocid("drg", "1"));
    });

    expect(results(outcomes)).toEqual(["SUPERSEDED", "SUPERSEDED"]);
    expect(world.targetOf(TABLE, "10.201.0.0/24")).toBe(A);
    expect(world.calls()).toBe(1);
  });

  it("gives up a table that somebody else changes again and again, and says so", async () => {
    const world = virtualWorld();
    const changes = planted(world, 1);
    let edits = 0;

    const outcomes = await world.write(changes, async () => {
      world.plant(TABLE, "10.9.0.0/16", ocid("drg", String(edits++)));
    });

    expect(errorOf(outcomes[0])).toMatchObject({ code: "LOCKED", retry: "soon" });
    expect(world.calls()).toBe(6);
  });

  it("waits out more than a minute of throttling, each attempt with its guard", async () => {
    const world = virtualWorld();
    const changes = planted(world, 3);
    world.emulator.control.fail(fails("throttle", 650));
    let asked = 0;
    const startMs = world.clock.monotonicMs();

    const outcomes = await world.write(changes, async () => void asked++);

    expect(results(outcomes)).toEqual(["written", "written", "written"]);
    expect(asked).toBe(651);
    expect(world.clock.monotonicMs() - startMs).toBeGreaterThan(60_000);
  });

  it("says of what is still throttled at the end of the run that it was", async () => {
    const world = virtualWorld();
    const changes = planted(world, 2);
    world.emulator.control.fail(fails("throttle", 10_000));
    const run = new AbortController();
    void world.clock.sleep(20_000).then(() => run.abort());

    const outcomes = await world.write(changes, undefined, run.signal);

    expect(results(outcomes)).toEqual(["THROTTLED", "THROTTLED"]);
    expect(errorOf(outcomes[0]).retry).toBe("soon");
  });

  it("names the permissions that may be missing when OCI says that a table is not there or not for us", async () => {
    const world = virtualWorld();
    const changes = planted(world, 2);
    world.emulator.control.fail(fails("deny"));

    const outcomes = await world.write(changes);

    const error = errorOf(outcomes[0]);
    expect(results(outcomes)).toEqual(["DENIED", "DENIED"]);
    expect(error.retry).toBe("later");
    expect(error.message).toContain("10.201.0.0/24 and 1 more in ocid1.routetable.oc1.phx.0000");
    expect(error.message).toContain("not there, or not allowed");
    expect(error.next).toContain("ROUTE_TABLE_UPDATE");
    expect(error.next).toContain("PRIVATE_IP_ROUTE_TABLE_ATTACH");
  });

  it("makes one attempt of a call that OCI failed, and leaves the other tables alone", async () => {
    const world = virtualWorld();
    const changes = [...planted(world, 2), ...planted(world, 2, SECOND)];
    world.emulator.control.fail({ ...fails("internal-error"), table: TABLE });

    const outcomes = await world.write(changes);

    expect(results(outcomes)).toEqual(["CLOUD_FAULT", "CLOUD_FAULT", "written", "written"]);
    expect(errorOf(outcomes[0]).retry).toBe("soon");
    expect(world.calls()).toBe(2);
  });

  it("says that another change of the table is under way", async () => {
    const world = virtualWorld();
    const changes = planted(world, 1);
    world.emulator.control.busy(TABLE, 10_000);

    const outcomes = await world.write(changes);

    expect(errorOf(outcomes[0])).toMatchObject({ code: "LOCKED", retry: "soon" });
    expect(world.calls()).toBe(1);
  });

  it("writes the replacements in a table that takes no more rules", async () => {
    const world = virtualWorld();
    const changes = [...planted(world, 3), create(TABLE, "10.202.0.0/24", B)];
    world.emulator.seed({ ruleQuota: 3 });

    const outcomes = await world.write(changes);

    expect(results(outcomes)).toEqual(["written", "written", "written", "QUOTA"]);
    expect(errorOf(outcomes[3])).toMatchObject({ retry: "later", next: expect.stringContaining("limit") });
  });

  it("fails alone what points at an address that does not forward, and says which switch is off", async () => {
    const world = virtualWorld();
    const [first, ...rest] = planted(world, 3);
    if (first?.kind !== "replace") throw new Error("no change");
    world.emulator.control.edit.setVnic(ocid("vnic", "untagged"), { skipSourceDestCheck: false });

    const outcomes = await world.write([{ ...first, target: ocid("privateip", "untagged") }, ...rest]);

    expect(results(outcomes)).toEqual(["TARGET_NOT_ALLOWED", "written", "written"]);
    expect(errorOf(outcomes[0]).next).toContain("skipSourceDestCheck");
  });

  it("moves rules off an address that has gone", async () => {
    const world = virtualWorld();
    const changes = planted(world, 3);
    world.emulator.control.edit.removeVnic(ocid("vnic", "a"));

    const outcomes = await world.write(changes);

    expect(results(outcomes)).toEqual(["written", "written", "written"]);
  });

  it("writes nothing more after the guard refused, in any table", async () => {
    const world = virtualWorld();
    const changes = [...planted(world, 2), ...planted(world, 2, SECOND)];
    world.emulator.control.fail({ action: "GetRouteTable", table: SECOND, fault: { kind: "stall", ms: 500 } });
    let asked = 0;

    const outcomes = await world.write(changes, async () => {
      asked++;
      if (asked > 1) throw superseded();
    });

    expect([...results(outcomes)].sort()).toEqual(["SUPERSEDED", "SUPERSEDED", "written", "written"]);
    expect(world.calls()).toBe(1);
  });

  it("begins no call after the signal aborts, and waits for the one that is under way", async () => {
    const world = virtualWorld();
    const changes = [...planted(world, 2), ...planted(world, 2, SECOND)];
    world.emulator.control.latency("UpdateRouteTable", 1_000);
    world.emulator.control.fail({ action: "GetRouteTable", table: SECOND, fault: { kind: "stall", ms: 500 } });
    const run = new AbortController();
    let asked = 0;

    const outcomes = await world.write(
      changes,
      async () => {
        asked++;
        if (asked === 2) run.abort();
      },
      run.signal,
    );

    expect([...results(outcomes)].sort()).toEqual(["TIMED_OUT", "TIMED_OUT", "written", "written"]);
    expect(world.calls()).toBe(1);
  });

  it("goes on where a run was killed halfway through its tables", async () => {
    const world = virtualWorld();
    const changes = [...planted(world, 2), ...planted(world, 2, SECOND)];
    world.emulator.control.fail({
      action: "UpdateRouteTable",
      table: SECOND,
      fault: { kind: "drop", written: false },
    });

    expect(results(await world.write(changes))).toEqual(["written", "written", "TIMED_OUT", "TIMED_OUT"]);
    expect(results(await world.write(changes))).toEqual(["written", "written", "written", "written"]);
    expect(world.calls()).toBe(3);
  });

  it("asks once for a table that has gone, whatever was to be changed in it", async () => {
    const world = virtualWorld();
    const gone = ocid("routetable", "gone");

    const outcomes = await world.write(destinations(150).map((destination) => create(gone, destination, A)));

    expect(new Set(results(outcomes))).toEqual(new Set(["TABLE_MISSING"]));
    expect(errorOf(outcomes[0]).next).toContain("ROUTE_TABLE_READ");
    expect(world.emulator.control.operations().get("GetRouteTable")).toBe(1);
    expect(world.calls()).toBe(0);
  });
});
