import { hostname } from "node:os";
import { limits } from "../shared/domain/limits.ts";
import type { Clock, Random } from "../shared/ports/clock.ts";
import { openExaminations } from "../shared/store/examination-records.ts";
import { openStore } from "../shared/store/store.ts";
import { cloudShape } from "./cloud-shape.ts";
import { type Folder, openFolder } from "./data-folder.ts";
import { openDatabase } from "./database/open-database.ts";
import type { Functions, Parts } from "./functions.ts";
import { createHealth, type Health, type HealthReport } from "./health.ts";
import { answerHealth } from "./health-answer.ts";
import { type HttpServer, type Service, startHttpServer } from "./http/server.ts";
import { openTls, type Tls } from "./http/tls.ts";
import { serveLimits } from "./limits.ts";
import type { ServeLog } from "./log.ts";
import { localQueues } from "./queues/local-queues.ts";
import { startSchedule } from "./schedule.ts";
import { openCloudParts, openSecrets } from "./secrets/open-secrets.ts";
import type { Settings } from "./settings.ts";
import { type Parting, part } from "./stop.ts";

export type ServeDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ServeLog;
  readonly functions: (parts: Parts) => Functions;
  readonly version: string;
};

/** A server that runs. */
export type Serving = {
  readonly url: string;
  readonly port: number;
  readonly endpoints: readonly string[];
  health(): HealthReport;
  /**
   * Stops to accept, lets what is under way end within 10 s, hands nothing over half-done: false when something was cut off. What
   * is cut off is finished by the next server's schedule, as after a crash.
   */
  stop(): Promise<boolean>;
};

/**
 * Starts everything that runs in the cloud, in this process. When a part cannot be started, ends what was, and throws
 * `ServeError`, `FolderError` or what listening to the port threw.
 */
export async function startServing(settings: Settings, deps: ServeDeps): Promise<Serving> {
  const endings: (() => Promise<void>)[] = [];
  try {
    return await start(settings, deps, endings);
  } catch (error) {
    for (const end of endings.reverse()) await end();
    throw error;
  }
}

async function start(settings: Settings, deps: ServeDeps, endings: (() => Promise<void>)[]): Promise<Serving> {
  const { clock, random, log } = deps;
  const folder = settings.dataPath === undefined ? undefined : await openFolder(settings.dataPath);
  if (folder !== undefined) endings.push(() => folder.close());
  const names = settings.endpoints.length > 0 ? settings.endpoints : [hostname()];
  const tls = await openTls(settings, folder, names, deps);
  const opened = await openDatabase(settings.database, (name) => pathIn(folder, name), deps);
  endings.push(() => opened.stop());
  const secrets = await openSecrets(settings, { clock, folder, client: opened.client });

  const health = createHealth(clock);
  const running: { functions?: Functions } = {};
  const functions = () => started(running.functions);
  const queues = localQueues(
    { clock, log, doubleEvery: 0 },
    {
      tick: (tick) => functions().tick(tick),
      swap: (wake) => functions().swap(wake),
      examine: (request) => functions().examine(request),
    },
  );
  endings.push(() => queues.stop());
  const server = await startHttpServer({
    host: settings.host,
    port: settings.port,
    certificate: tls.certificate,
    log,
    route: routes(functions, health, deps.version),
  });
  endings.push(() => server.stop());

  const endpoints = settings.endpoints.length > 0 ? settings.endpoints : [`${hostname()}:${server.port}`];
  running.functions = deps.functions({
    store: openStore(opened.database),
    clock,
    random,
    log,
    secrets,
    swapQueue: async () => queues.swapQueue,
    tickQueue: async () => queues.tickQueue,
    examineQueue: async () => queues.examineQueue,
    examinations: openExaminations(opened.database),
    endpoints,
    ...(opened.tableCare === undefined ? {} : { tableCare: opened.tableCare }),
    ...openCloudParts(settings, clock),
  });
  const schedules = startSchedules(functions, health, opened.probe, tls, server, deps);
  endings.push(schedules);
  const url = await announce(settings, server, folder, tls);
  log.info("serving", { url, endpoints: endpoints.join(","), database: opened.place, version: deps.version });

  const parting: Parting = { settings, health, schedules, server, queues, close: () => close(opened.stop, folder) };
  let stopped: Promise<boolean> | undefined;
  return {
    url,
    port: server.port,
    endpoints,
    health: () => health.report(),
    stop: () => {
      stopped ??= part(parting, deps);
      return stopped;
    },
  };
}

/** The schedule of the functions, the questions to the database, and the looks for a renewed certificate. */
function startSchedules(
  functions: () => Functions,
  health: Health,
  probe: () => Promise<void>,
  tls: Tls,
  server: Pick<HttpServer, "renew">,
  deps: Pick<ServeDeps, "clock" | "log">,
): () => Promise<void> {
  const noting = (pulse: Health["database"], work: () => Promise<void>) => () =>
    work().then(pulse.well, (error: unknown) => {
      pulse.badly(error instanceof Error ? error.message : String(error));
      throw error;
    });
  // A run that ended counts, also one that failed in part: what failed is in the log, and the next run does it again.
  const scheduled = () => functions().scheduled().finally(health.schedule.well);
  const ends = [
    startSchedule(deps, cloudShape.schedule.everyMs, scheduled),
    startSchedule({ ...deps, name: "database" }, serveLimits.probeMs, noting(health.database, probe)),
    startSchedule({ ...deps, name: "certificate" }, serveLimits.certificateMs, () =>
      tls.renew((next) => server.renew(next)),
    ),
  ];
  return async () => void (await Promise.all(ends.map((end) => end())));
}

function routes(functions: () => Functions, health: Health, version: string): (path: string) => Service | undefined {
  return (path) => {
    if (path === "/link/state") return { handle: (one) => functions().heartbeat(one), maxBodyBytes: limits.bodyBytes };
    if (path.startsWith("/admin/v1/")) {
      return { handle: (one) => functions().admin(one), maxBodyBytes: limits.adminBodyBytes };
    }
    if (path !== "/healthz") return undefined;
    return { handle: async (one) => answerHealth(one, health.report(), { version }), maxBodyBytes: 0 };
  };
}

/** Tells the CLI on this machine where the server is, where the server has a folder and a certificate that can be checked. */
async function announce(
  { host, tls: { kind } }: Settings,
  { port }: HttpServer,
  folder: Folder | undefined,
  tls: Tls,
): Promise<string> {
  const isAny = host === undefined || host === "0.0.0.0" || host === "::";
  const name = isAny ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  const url = `${kind === "none" ? "http" : "https"}://${name}:${port}`;
  if (folder !== undefined && tls.path !== undefined) {
    await folder.announce({ url, adminUrl: url, pid: process.pid, certificate: tls.path });
  }
  return url;
}

async function close(stopDatabase: () => Promise<void>, folder: Folder | undefined): Promise<void> {
  await stopDatabase();
  await folder?.close();
}

function started(functions: Functions | undefined): Functions {
  if (functions === undefined) throw new Error("not started yet");
  return functions;
}

function pathIn(folder: Folder | undefined, name: string): string {
  if (folder === undefined) throw new Error("there is no data folder");
  return folder.file(name);
}
