import { afterAll, beforeAll } from "vitest";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { testClock } from "../../dev/test-clock.ts";
import { databaseContract } from "./contract.ts";
import { openFreshTable, startDynalite } from "./dynalite.ts";

let dynalite: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.stop());

databaseContract("in memory", async () => {
  const clock = testClock();
  return { database: memoryDatabase(clock), clock };
});
databaseContract("dynalite", () => openFreshTable(dynalite.endpoint));
