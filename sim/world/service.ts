import { createHash } from "node:crypto";
import { createAdmin } from "../../functions/admin/admin.ts";
import { createFailover } from "../../functions/failover/failover.ts";
import { createHeartbeat } from "../../functions/heartbeat/heartbeat.ts";
import { createSwapper } from "../../functions/routes/swap.ts";
import type { PlainRequest } from "../../shared/platform/plain-http.ts";
import type { Tick, Wake } from "../../shared/ports/queues.ts";
import { dynamoDatabase } from "../../shared/store/dynamo.ts";
import { openStore } from "../../shared/store/store.ts";
import type { CloudModel } from "../cloud/cloud.ts";
import { type DatabaseModel, dynamoClient } from "../database/client.ts";
import { watchWrites } from "../database/observe.ts";
import { createTable } from "../database/table.ts";
import type { Chance } from "../engine/chance.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Observe, Writer } from "../facts.ts";
import type { Weather } from "../faults/weather.ts";
import type { Answered } from "../hosts/hosts.ts";
import { createFunction, type FunctionPool } from "../platform/functions.ts";
import type { Process } from "../platform/process.ts";
import { createQueues } from "../platform/queues.ts";

/** Pointsman itself: its four functions with everything that they stand on. */
export type Service = {
  readonly heartbeat: FunctionPool<PlainRequest, Answered>;
  readonly failover: FunctionPool<Tick | "scheduled", void>;
  readonly routes: FunctionPool<Wake, void>;
  readonly admin: FunctionPool<Request, Response>;
  readonly database: DatabaseModel;
};

export type ServiceOptions = {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly chance: Chance;
  readonly observe: Observe;
  readonly cloud: CloudModel;
  readonly masterKey: Uint8Array;
  readonly token: string;
};

const quiet = { warn: () => undefined, error: () => undefined };

/** Time-outs as in serverless.yml, ms, and idle containers that are kept. */
const functions = {
  heartbeat: { timeoutMs: 10_000, keep: 3 },
  failover: { timeoutMs: 30_000, keep: 2 },
  routes: { timeoutMs: 30_000, keep: 3 },
  admin: { timeoutMs: 29_000, keep: 1 },
} as const;

export function createService(options: ServiceOptions): Service {
  const { timeline, weather, observe, cloud } = options;
  const database: DatabaseModel = {
    table: createTable(),
    isDown: false,
    written: watchWrites(observe, timeline.nowMs),
  };
  const tokenHash = createHash("sha256").update(options.token).digest("hex");
  const secrets = { masterKey: async () => options.masterKey, adminTokenHash: async () => tokenHash };

  const queues = createQueues({
    timeline,
    weather,
    tick: (tick) => failover.invoke(tick),
    swap: (wake) => routes.invoke(wake),
  });
  const depsOf = (process: Process) => {
    const { clock, random } = process;
    const client = dynamoClient(database, process, { timeline, weather });
    return {
      store: openStore(dynamoDatabase(client, "pointsman", { clock, random }), random),
      clock,
      random,
      log: quiet,
      secrets,
      swapQueue: async () => queues.swaps(process),
      tickQueue: async () => queues.ticks(process),
    };
  };
  const make = <In, Out>(role: Writer["role"], boot: (process: Process) => (input: In) => Promise<Out>) =>
    createFunction<In, Out>({
      role,
      ...functions[role],
      timeline,
      weather,
      chance: options.chance.fork(role),
      observe,
      boot,
    });

  const heartbeat = make<PlainRequest, Answered>("heartbeat", (process) => {
    const handle = createHeartbeat(depsOf(process));
    return async (request) => ({ answer: await handle(request), writer: process.writer });
  });
  const failover = make<Tick | "scheduled", void>("failover", (process) => {
    const { scheduled, tick } = createFailover(depsOf(process));
    return (input) => (input === "scheduled" ? scheduled() : tick(input));
  });
  const routes = make<Wake, void>("routes", (process) =>
    createSwapper({ ...depsOf(process), openProvider: cloud.open(process) }),
  );
  const admin = make<Request, Response>("admin", (process) =>
    createAdmin({ ...depsOf(process), endpoints: ["hb.example.net"] }),
  );
  return { heartbeat, failover, routes, admin, database };
}
