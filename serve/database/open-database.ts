import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { awsCalls } from "../../shared/compose/aws-calls.ts";
import { DatabaseError } from "../../shared/domain/errors.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import type { Database } from "../../shared/ports/database.ts";
import type { TableCare } from "../../shared/ports/table-care.ts";
import { dynamoDatabase } from "../../shared/store/dynamo.ts";
import { dynamoTableCare } from "../../shared/store/table-care.ts";
import { ServeError } from "../error.ts";
import { FolderError } from "../folder-lock.ts";
import { serveLimits } from "../limits.ts";
import type { DatabaseSettings } from "../settings.ts";
import { anyCredentials, openDynamo, tableName } from "./table.ts";

type Deps = { readonly clock: Clock; readonly random: Random };

/** The one table, and how it is let go of. */
export type OpenDatabase = {
  readonly database: Database;
  /** Where the database is DynamoDB itself. */
  readonly tableCare: TableCare | undefined;
  /** The client, for what else is asked with its credentials. */
  readonly client: DynamoDBClient;
  /** For the log: what is used, and where. */
  readonly place: string;
  /** Asks the database something that costs next to nothing. Throws `DatabaseError`. */
  probe(): Promise<void>;
  stop(): Promise<void>;
};

type Opened = {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly place: string;
  stop(): Promise<void>;
};

/**
 * Opens the table; makes it where the database is not AWS's own. `file` gives paths in the data folder. Throws `ServeError` when the
 * database cannot be reached, lets nobody in or has no such table.
 */
export async function openDatabase(
  settings: DatabaseSettings,
  file: (name: string) => string,
  deps: Deps,
): Promise<OpenDatabase> {
  const { client, table, place, stop } = await connect(settings, file);
  const database = dynamoDatabase(client, table, deps);
  const isAws = settings.kind === "aws" || (settings.kind === "url" && settings.isAws);
  const probe = async () => void (await database.get({ pk: "health", sk: "health" }, "eventual"));
  try {
    await probe();
  } catch (cause) {
    await stop();
    throw unusable(place, cause);
  }
  return {
    database,
    tableCare: isAws ? dynamoTableCare(client, table, { database, clock: deps.clock }) : undefined,
    client,
    place,
    probe,
    stop,
  };
}

async function connect(settings: DatabaseSettings, file: (name: string) => string): Promise<Opened> {
  switch (settings.kind) {
    case "embedded":
      return openEmbedded(file);
    case "aws": {
      const { table, region } = settings;
      return opened(new DynamoDBClient({ ...awsCalls, region }), table, `DynamoDB table ${table} in ${region}`);
    }
    case "url": {
      const { url, table, region, isAws } = settings;
      const place = `table ${table} at ${url}`;
      if (isAws) return opened(new DynamoDBClient({ ...awsCalls, region, endpoint: url }), table, place);
      const given = process.env["AWS_ACCESS_KEY_ID"] === undefined ? { credentials: anyCredentials } : {};
      try {
        const { client, stop } = await openDynamo(url, { ...awsCalls, region, table, ...given });
        return { client, table, place, stop };
      } catch (cause) {
        throw unusable(place, cause);
      }
    }
    default:
      return settings satisfies never;
  }
}

function opened(client: DynamoDBClient, table: string, place: string): Opened {
  return { client, table, place, stop: async () => client.destroy() };
}

/** Over a Unix socket in the data folder, which nobody else can enter: the database itself lets everyone in. */
async function openEmbedded(file: (name: string) => string): Promise<Opened> {
  const { startEmbeddedDynamo } = await import("./embedded-dynamo.ts").catch((cause: unknown) => {
    throw new ServeError("failed", "the embedded database is not installed", {
      next: "install it with `npm install --include=optional` in the folder of pointsman, or give --table or --database-url",
      cause,
    });
  });
  const folder = file("dynamodb");
  const socket = process.platform === "win32" ? undefined : file("dynamodb.sock");
  if (socket !== undefined && Buffer.byteLength(socket) > serveLimits.socketPathBytes) {
    throw new FolderError(`${socket} is too long a path for a socket: choose a shorter folder with --data`);
  }
  try {
    const { client, stop } = await startEmbeddedDynamo(folder, socket);
    return { client, table: tableName, place: `embedded, kept in ${folder}`, stop };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServeError("failed", `the database in ${folder} cannot be opened: ${reason}`, {
      next: "check that the folder is yours to write and no other process has it open, or put it back from a backup",
      cause,
    });
  }
}

function unusable(place: string, cause: unknown): ServeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isMissing = cause instanceof DatabaseError && cause.code === "TABLE_MISSING";
  return new ServeError(isMissing ? "failed" : "unreachable", `${place} cannot be used: ${reason}`, {
    next: isMissing
      ? "make the table with the keys pk and sk, both strings, or check --table and --region (docs/deploy/self-hosting.md)"
      : "check that the database runs, that it is reached from here, and the credentials",
    cause,
  });
}
