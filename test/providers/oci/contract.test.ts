import { describe, expect, it } from "vitest";
import { providerContract } from "../contract.ts";
import { emulatedWorld, ocid } from "./emulated-world.ts";
import { permissionsIn, permissionsOf } from "./policy.ts";
import { ADDRESS, FLOATING, remove, replace, virtualWorld } from "./virtual.ts";

const family = "no IPv6 rule of OCI can point at a private IP";
const whole = "one call writes all changes of a table: write.test.ts tries this with whole tables";
/** Every operation that was called while the contract was tried. */
const called = new Set<string>();

providerContract(
  "OCI, emulated",
  (shape) =>
    emulatedWorld(shape, ({ control }) => {
      for (const operation of control.operations().keys()) called.add(operation);
    }),
  {
    "reads IPv6 routes in canonical form": family,
    "writes IPv6 routes": family,
    "says who may not do what where, and applies the rest": whole,
    "does not repeat a call that the cloud failed": whole,
    "writes what was throttled in its turn, each attempt with its own guard": whole,
    "begins no call that its guard has not let through, and none after the guard refused one": whole,
    "begins no call after the signal aborts, and waits for those that are under way": whole,
  },
);

describe("the policies for OCI", () => {
  it("allow what the contract takes, and nothing else", () => {
    expect([...permissionsIn("oci.json")].sort()).toEqual([...permissionsOf(called)].sort());
  });

  it("allow what a floating address takes beside that, and nothing else", async () => {
    const world = virtualWorld({ floatingIp: FLOATING });
    await world.survey();
    await world.write([replace(FLOATING, ADDRESS, ocid("vnic", "b"), ocid("vnic", "a"))]);
    await world.write([remove(FLOATING, ADDRESS, ocid("vnic", "b"))]);
    const usual = permissionsIn("oci.json");

    const needed = permissionsOf(world.emulator.control.operations().keys());

    const more = [...needed].filter((permission) => !usual.has(permission));
    expect([...permissionsIn("oci-floating-ip.json")].sort()).toEqual(more.sort());
  });
});
