import { cloudShape } from "../../serve/cloud-shape.ts";
import { type DataFolder, openDataFolder } from "../../serve/data-folder.ts";
import { startEmbeddedDynamo } from "../../serve/database/embedded-dynamo.ts";
import { type OpenDynamo, openDynamo, tableName } from "../../serve/database/table.ts";
import type { Functions, Parts } from "../../serve/functions.ts";
import { type HttpServer, type Service, startHttpServer } from "../../serve/http/server.ts";
import { localQueues } from "../../serve/queues/local-queues.ts";
import { startSchedule } from "../../serve/schedule.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Store } from "../../shared/ports/store.ts";
import { dynamoDatabase } from "../../shared/store/dynamo.ts";
import { openExaminations } from "../../shared/store/examination-records.ts";
import { openStore } from "../../shared/store/store.ts";
import { devLimits } from "../limits.ts";
import { type LocalClouds, startLocalClouds } from "./clouds/local-clouds.ts";
import { pointSdkAt } from "./sdk-environment.ts";
import { type StoreMoment, watchedStore } from "./watched-store.ts";

export type RuntimeOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly dataPath: string;
  /** A DynamoDB that runs already; undefined to embed one, kept in the data folder. */
  readonly databaseUrl: string | undefined;
  /** HTTPS port. A preferred one that is taken is passed over for any free one; a required one is an error. */
  readonly port: { readonly number: number; readonly isRequired: boolean };
  /** Preferred port of the first cloud's emulator; the others have the following ones. */
  readonly cloudPort: number;
  /** `host:port` of heartbeat endpoints elsewhere, which hosts are given beside this one's. */
  readonly otherEndpoints?: readonly string[];
  readonly functions: (parts: Parts) => Functions;
  readonly watch: (moment: StoreMoment) => void;
};

/** A database that was named by its URL does not answer as one. */
export class DatabaseUnreachable extends Error {
  override readonly name = "DatabaseUnreachable";
}

/** Everything that runs in the cloud, in this process. */
export type Runtime = {
  /** `https://127.0.0.1:PORT`: heartbeats and admin API. */
  readonly url: string;
  readonly data: DataFolder;
  readonly store: Store;
  readonly clouds: LocalClouds;
  readonly dynamoUrl: string;
  readonly isDatabaseEmbedded: boolean;
  /** Whether the data folder held a database already. */
  readonly isNew: boolean;
  /**
   * Ends the functions, their queues and their schedule, as when the platform that they run on is lost. Database and clouds go on.
   */
  loseFunctions(): Promise<void>;
  /** Lets what is under way end, writes everything down and gives the data folder back. */
  stop(): Promise<void>;
};

/** Starts everything, or, when a part fails, stops what was started and throws that part's error. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const endings: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(options, endings)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: RuntimeOptions, endings: (() => Promise<void>)[]): Promise<Omit<Runtime, "stop">> {
  const { clock, random, log } = options;
  const data = await openDataFolder(options.dataPath, clock.nowMs());
  endings.push(() => data.close());
  const dynamo = await openDatabase(options.databaseUrl, data.dynamoPath);
  endings.push(() => dynamo.stop());
  const clouds = await startLocalClouds({ clock, folder: data.path, firstPort: options.cloudPort });
  endings.push(() => clouds.stop());
  pointSdkAt(process.env, clouds.byName.get("aws")?.url ?? "");

  const database = dynamoDatabase(dynamo.client, tableName, { clock, random });
  const store = watchedStore(openStore(database), clock, (moment) => {
    if (moment.kind === "applied") clouds.seed(moment.network);
    options.watch(moment);
  });
  const running: { functions?: Functions } = {};
  const functions = (): Functions => {
    if (running.functions === undefined) throw new Error("not started yet");
    return running.functions;
  };
  const queues = localQueues(
    { clock, log, doubleEvery: devLimits.doubleTickEvery },
    {
      tick: (tick) => functions().tick(tick),
      swap: (wake) => functions().swap(wake),
      examine: (request) => functions().examine(request),
    },
  );
  const functionEndings = [() => queues.stop()];
  const loseFunctions = async (): Promise<void> => {
    for (const end of functionEndings.splice(0).reverse()) await end();
  };
  endings.push(loseFunctions);
  const server = await listen(options, data, (path) => serviceOf(path, functions()));
  functionEndings.push(() => server.stop());

  running.functions = options.functions({
    store,
    clock,
    random,
    log,
    secrets: data.secrets,
    swapQueue: async () => queues.swapQueue,
    tickQueue: async () => queues.tickQueue,
    examineQueue: async () => queues.examineQueue,
    examinations: openExaminations(database),
    endpoints: [`127.0.0.1:${server.port}`, ...(options.otherEndpoints ?? [])],
    ...clouds.parts,
  });
  functionEndings.push(startSchedule({ clock, log }, cloudShape.schedule.everyMs, () => functions().scheduled()));

  const url = `https://127.0.0.1:${server.port}`;
  await data.announce({ url, adminUrl: url, pid: process.pid, certificate: data.certificatePath });
  const isDatabaseEmbedded = options.databaseUrl === undefined;
  const { endpoint: dynamoUrl, isNew } = dynamo;
  return { url, data, store, clouds, dynamoUrl, isDatabaseEmbedded, isNew, loseFunctions };
}

async function openDatabase(url: string | undefined, folder: string): Promise<OpenDynamo> {
  if (url === undefined) return startEmbeddedDynamo(folder);
  try {
    return await openDynamo(url);
  } catch (cause) {
    throw new DatabaseUnreachable(`the database at ${url} cannot be used: ${String(cause)}`, { cause });
  }
}

function serviceOf(path: string, functions: Functions): Service | undefined {
  if (path === "/link/state") return { handle: functions.heartbeat, maxBodyBytes: limits.bodyBytes };
  if (path.startsWith("/admin/v1/")) return { handle: functions.admin, maxBodyBytes: limits.adminBodyBytes };
  if (path === "/healthz") return { handle: async () => new Response("ok\n"), maxBodyBytes: 0 };
  return undefined;
}

async function listen(
  options: RuntimeOptions,
  data: DataFolder,
  route: (path: string) => Service | undefined,
): Promise<HttpServer> {
  const { log, port } = options;
  const serve = (number: number) =>
    startHttpServer({ host: "127.0.0.1", port: number, certificate: data.certificate, log, route });
  try {
    return await serve(port.number);
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    if (!isTaken || port.isRequired) throw error;
    return serve(0);
  }
}
