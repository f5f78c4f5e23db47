import { expect, it } from "vitest";
import { createWorld } from "../../routes/world.ts";
import { secret } from "./fixture.ts";

it("has the routes function throw an error that holds a secret in base64", async () => {
  const world = createWorld();
  const ports = async () => {
    throw new Error(`no ${Buffer.from(secret).toString("base64")}`);
  };
  const swap = world.processOf({ name: "broken", ports });
  await expect(swap({ linkId: "l", locationId: "x", cause: "decision", round: 0 })).rejects.toThrow();
});
