import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GCP_METHODS, type MethodName } from "../../../dev/emulators/gcp/methods.ts";
import { routeName } from "../../../shared/providers/gcp/names.ts";
import { LOCATION, PRIORITY } from "./emulated-world.ts";
import { A, B, create, never, remove, replace, virtualWorld } from "./virtual.ts";

const TO = "10.200.0.0/16";
const policy = JSON.parse(readFileSync("deploy/policies/gcp.json", "utf8")) as {
  readonly includedPermissions: readonly string[];
};

/** Everything that the provider may ever call: a survey, targets of every kind, and changes with all their turns. */
async function everyCall(): Promise<readonly MethodName[]> {
  const world = virtualWorld();
  const provider = world.open();
  await world.drive(provider.survey(never()));
  const hosts = [
    { hostId: "hosta", target: A, localAddress: "" },
    { hostId: "hostb", target: "auto", localAddress: "10.0.0.5" },
  ];
  await world.drive(provider.targets(hosts, never()));
  await world.write([create(TO, A)], 1);
  const taken = { name: routeName(LOCATION, TO, B, 2), destRange: TO, priority: PRIORITY, nextHopInstance: B };
  const guard = async () => world.plant(taken);
  await world.drive(world.open().write([replace(TO, B, A)], { guard, epoch: 2 }, never()));
  await world.write([remove(TO, B)], 3);
  return Object.keys(world.emulator.control.counts()) as MethodName[];
}

describe("the role of deploy/policies/gcp.json", () => {
  it("allows what the provider calls, and nothing else", async () => {
    const called = await everyCall();

    const needed = new Set<string>(called.flatMap((name) => GCP_METHODS[name].permissions));
    expect([...needed].sort()).toEqual([...policy.includedPermissions].sort());
  });
});
