import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle } from "./bundle.ts";
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
      const floorMs = medianImportMs(floor.entry);
      const wholeMs = medianImportMs(whole.entry);
      return [
        ratioRow("heartbeat.bundle.size", whole.bytes / 1024, "KB", floor.bytes / 1024, { most: 1.3 }),
        ratioRow("heartbeat.bundle.import", wholeMs, "ms", floorMs),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function medianImportMs(entry: string): number {
  const script = `const t = performance.now(); await import(${JSON.stringify(pathToFileURL(entry).href)}); console.log(performance.now() - t); process.exit(0);`;
  const env = {
    ...process.env,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    POINTSMAN_TABLE: "t",
    POINTSMAN_SWAP_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/000000000000/swaps.fifo",
    POINTSMAN_TICK_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/000000000000/ticks",
    POINTSMAN_MASTER_KEY_PARAMETER: "/pointsman/bench/master-key",
    POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: "/pointsman/bench/admin-token-hash",
  };
  const times = Array.from({ length: imports }, () => {
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], { env, encoding: "utf8" });
    const timeMs = Number(run.stdout.trim());
    if (run.status !== 0 || Number.isNaN(timeMs)) throw new Error(`the bundle cannot be imported: ${run.stderr}`);
    return timeMs;
  });
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}
