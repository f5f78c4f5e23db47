import { it } from "vitest";
import { memoryDatabase } from "../../../dev/memory-database.ts";
import { testClock } from "../../../dev/test-clock.ts";
import { openStore } from "../../../shared/store/store.ts";
import { secret } from "./fixture.ts";

it("tells an event that holds a secret", async () => {
  const store = openStore(memoryDatabase(testClock()));
  await store.tell({ atMs: 0, kind: "operator", severity: "info", by: "test", message: `made ${secret}` });
});
