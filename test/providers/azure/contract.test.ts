import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import type { MakeWorld } from "../contract/world.ts";
import { providerContract } from "../contract.ts";
import { emulated } from "./emulated-world.ts";

const noAddress6 = "a route's next hop is the private IPv4 address of a host";

/** What was called in all worlds of the contract. */
const called = new Set<string>();
const loggedWorld: MakeWorld = async (shape) => {
  const { world, emulator } = await emulated(shape);
  const close = async () => {
    for (const action of emulator.control.actions()) called.add(action);
    await world.close();
  };
  return { ...world, close };
};

providerContract("Azure, emulated", loggedWorld, {
  "takes the primary interface of an instance that is named": "a host's target is the id of an interface",
  "does not offer for change what the cloud made itself": "a route table shows no system routes",
  "shows a route whose interface is attached to nothing as a blackhole": "a route shows no state of its next hop",
  "writes IPv6 routes": noAddress6,
  "fails a change for its missing target or table alone, and applies the rest":
    "a next hop is an address, which Azure does not look for; tables that are gone are tried in faults.test.ts",
});

const Role = z.looseObject({
  Actions: z.array(z.string()),
  NotActions: z.array(z.string()),
  DataActions: z.array(z.string()),
});
const roleIn = (file: string) =>
  Role.parse(JSON.parse(readFileSync(new URL(`../../../deploy/policies/${file}`, import.meta.url), "utf8")));

/** A listing needs the permission to read what it lists. */
const permissionOf = (action: string) => action.replace(/\/list(?:All)?$/, "/read");

describe("the roles in deploy/policies", () => {
  it("allow every call of the contract, and nothing that is not called", () => {
    const roles = ["azure-routes.json", "azure-operations.json"].map(roleIn);
    const allowed = roles.flatMap(({ Actions }) => Actions);

    expect([...new Set([...called].map(permissionOf))].sort()).toEqual([...allowed].sort());
    for (const { NotActions, DataActions } of roles) expect([...NotActions, ...DataActions]).toEqual([]);
  });
});
