import { dirname } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { databaseContract } from "../store/contract.ts";
import { openFreshTable } from "../store/dynalite.ts";
import { storeContract } from "../store/store-contract.ts";
import { type RunningServer, startServer } from "./process.ts";

let server: RunningServer;

beforeAll(async () => {
  const jar = process.env["POINTSMAN_DYNAMODB_LOCAL_JAR"] ?? "";
  server = await startServer(
    "java",
    (port) => [
      "-Djava.library.path=./DynamoDBLocal_lib",
      "-jar",
      jar,
      "-inMemory",
      "-sharedDb",
      "-disableTelemetry",
      "-port",
      `${port}`,
    ],
    { cwd: dirname(jar) },
  );
});
afterAll(() => server?.stop());

databaseContract("DynamoDB Local", () => openFreshTable(server.endpoint));
storeContract("DynamoDB Local", () => openFreshTable(server.endpoint));
