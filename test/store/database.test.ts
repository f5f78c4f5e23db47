import { afterAll, beforeAll } from "vitest";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { testClock } from "../../dev/test-clock.ts";
import { databaseContract } from "./contract.ts";
import { openFreshTable, startDynalite } from "./dynalite.ts";
import { storeContract } from "./store-contract.ts";

let dynalite: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.stop());

const openMemory = async () => {
  const clock = testClock();
  return { database: memoryDatabase(clock), clock };
};
const openDynalite = () => openFreshTable(dynalite.endpoint);

databaseContract("in memory", openMemory);
databaseContract("dynalite", openDynalite);
storeContract("the database in memory", openMemory);
storeContract("dynalite", openDynalite);
