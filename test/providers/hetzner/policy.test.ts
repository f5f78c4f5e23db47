import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCases } from "../contract/read.ts";
import { tableCases } from "../contract/tables.ts";
import { targetCases } from "../contract/targets.ts";
import { turnOf, untilDone } from "../contract/world.ts";
import { writeCases } from "../contract/write.ts";
import { emulatedWorld } from "./emulated-world.ts";
import { planted, virtualWorld } from "./virtual.ts";

const policy = JSON.parse(readFileSync(new URL("../../../deploy/policies/hetzner.json", import.meta.url), "utf8")) as {
  readonly calls: readonly string[];
};

describe("deploy/policies/hetzner.json", () => {
  it("allows exactly the calls that the provider makes", async () => {
    const made = new Set<string>();
    for (const { run, tables = 3 } of [...tableCases, ...readCases, ...targetCases, ...writeCases]) {
      if (tables > 3) continue;
      const world = await emulatedWorld();
      // Cases that Hetzner cannot follow make calls too, before they fail.
      await run(world).catch(() => undefined);
      for (const { operation } of world.emulator.control.requests()) made.add(operation);
      await world.close();
    }
    // Actions that take a while, of which one's answer is lost.
    const slow = virtualWorld();
    const changes = planted(slow, 2);
    slow.emulator.control.fail({ action: "delete_route", fault: { kind: "drop", written: true } });
    await slow.drive(slow.open().write(changes, turnOf(), untilDone()));
    for (const { operation } of slow.emulator.control.requests()) made.add(operation);

    expect([...made].sort()).toEqual([...policy.calls]);
  });
});
