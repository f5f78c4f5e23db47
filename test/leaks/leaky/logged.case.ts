import { it } from "vitest";
import { heartbeatWorld } from "../../fixtures/heartbeat-world.ts";
import { link, location, network } from "../../fixtures/network.ts";

it("has the heartbeat function log an error of its database that holds a host's secret", async () => {
  const world = await heartbeatWorld(network([link("l1", [location("east", ["e1"]), location("west", ["w1"])])]));
  world.first.database.hooks.before = () => {
    throw new Error(`refused for ${world.secret("e1")}`);
  };
  await world.beat("e1").catch(() => {});
});
