import { resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { serveDynamo } from "../serve/database/embedded-dynamo.ts";
import { readPort } from "./demo/options.ts";

const examples = `
Examples:
  node --import tsx dev/database.ts --data /tmp/db --port 8000
  npm start -- --no-demo --database http://127.0.0.1:8000     (in a second terminal)

Exit codes: 0 stopped, 1 the port is taken or the folder cannot be used, 2 the command line is wrong`;

process.exitCode = await main(process.argv.slice(2));

/** The database of `npm start` as a process of its own, so that either can end without the other. */
async function main(argv: readonly string[]): Promise<number> {
  const command = new Command("database")
    .description("Serves a DynamoDB-compatible database on 127.0.0.1, kept on disk.")
    .requiredOption("--data <dir>", "folder that it is kept in")
    .option("--port <n>", "HTTP port (default: a free one)", readPort)
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText("after", examples);
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const { data, port = 0 } = command.opts<{ readonly data: string; readonly port?: number }>();
  try {
    const server = await serveDynamo(resolve(data), port);
    process.stdout.write(`Serving DynamoDB at ${server.endpoint}, kept in ${resolve(data)}. Ctrl-C stops.\n`);
    await new Promise<void>((stop) => {
      process.once("SIGINT", stop);
      process.once("SIGTERM", stop);
    });
    await server.stop();
    return 0;
  } catch (error) {
    process.stderr.write(`database: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
