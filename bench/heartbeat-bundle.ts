import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";
import { medianImportMs } from "./import-time.ts";
import { type Bench, ratioRow } from "./row.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const imports = 15;

/** A handler that holds nothing but the DynamoDB client and one command: what a heartbeat cannot do without. */
const floorSource = `
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
const client = new DynamoDBClient({});
export const handler = (event) => client.send(new GetItemCommand({ TableName: "t", Key: { pk: { S: event.id } } }));
`;

/** What a plain heartbeat loads of the deployed bundle, in KB and in ms of import. */
export const heartbeatBundle: Bench = {
  name: "heartbeat.bundle",
  async run(note) {
    const folder = mkdtempSync(join(tmpdir(), "pointsman-bundle-"));
    try {
      const floorEntry = join(folder, "floor.mjs");
      writeFileSync(floorEntry, floorSource);
      // The floor is bundled with the same settings, but without the replacements that the product makes in the SDK.
      const floor = await bundle(floorEntry, join(folder, "floor"), {
        alias: {},
        nodePaths: [join(root, "node_modules")],
      });
      const whole = await bundle(join(root, "functions/heartbeat/aws.ts"), join(folder, "heartbeat"), {});
      note(`loaded: ${whole.files.map((file) => relative(folder, file)).join(", ")}`);
      note(`importing each ${imports} times in a process of its own …`);
      const floorMs = medianImportMs([floor.entry], imports);
      const wholeMs = medianImportMs([whole.entry], imports);
      return [
        ratioRow("heartbeat.bundle.size", whole.bytes / 1024, "KB", floor.bytes / 1024, { most: 1.3 }),
        ratioRow("heartbeat.bundle.import", wholeMs, "ms", floorMs),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
