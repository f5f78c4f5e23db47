import { createHash } from "node:crypto";
import { type MemoryCloud, memoryCloud } from "../../dev/memory-cloud.ts";
import { settle, type TestClock } from "../../dev/test-clock.ts";
import { createAdmin } from "../../functions/admin/admin.ts";
import { createFailover } from "../../functions/failover/failover.ts";
import { createReceiver } from "../../functions/heartbeat/receive.ts";
import { createSwapper } from "../../functions/routes/swap.ts";
import { type HostPlace, hostIndex } from "../../shared/domain/network.ts";
import type { Database } from "../../shared/ports/database.ts";
import type { Tick, Wake } from "../../shared/ports/queues.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import { openExaminations } from "../../shared/store/examination-records.ts";
import { openStore } from "../../shared/store/store.ts";
import { type Answered, quietBody, read, signedHeaders, stateUrl } from "../fixtures/signed-host.ts";
import { recordingLog } from "../platform/recording-log.ts";

const token = "pm_the-token-of-the-upgrade-tests-0000000000";
const masterKey = new Uint8Array(32).fill(9);

export const tables = { "rtb-0e1": "vpc-0e", "rtb-0w1": "vpc-0w", "rtb-0b1": "vpc-0b" } as const;
const interfaces = ["eni-0e1", "eni-0e2", "eni-0f1", "eni-0f2", "eni-0b1"];

export type ControlPlane = ReturnType<typeof openControlPlane>;

/** Tables and interfaces of the cloud, before anybody wrote a route. */
export function openCloud(clock: TestClock): MemoryCloud {
  const cloud = memoryCloud(clock);
  for (const [id, vpc] of Object.entries(tables)) cloud.addTable({ id, vpc });
  for (const id of interfaces) cloud.addInterface({ id });
  return cloud;
}

/** The four functions over a database and a cloud, in time that a test owns. */
export function openControlPlane(clock: TestClock, database: Database, cloud: MemoryCloud) {
  let drawn = 0;
  const random = {
    bytes: (count: number) =>
      new Uint8Array(createHash("sha512").update(`${clock.nowMs()} ${drawn++}`).digest().subarray(0, count)),
  };
  const wakes: Wake[] = [];
  const ticks: Tick[] = [];
  const log = recordingLog();
  const store = openStore(database, random);
  const examinations = openExaminations(database);
  const deps = {
    store,
    clock,
    random,
    log,
    secrets: {
      masterKey: async () => masterKey,
      adminTokenHash: async () => createHash("sha256").update(token).digest("hex"),
    },
    swapQueue: async () => ({ wake: async (some: readonly Wake[]) => void wakes.push(...some) }),
    tickQueue: async () => ({ send: async (some: readonly Tick[]) => void ticks.push(...some) }),
    openProvider: cloud.open("routes"),
    doctor: { examinations, queue: async () => ({ examine: async () => undefined }) },
    endpoints: ["hb.example.net"],
  };
  const receive = createReceiver(deps);
  const failover = createFailover(deps);
  const swap = createSwapper(deps);
  const admin = createAdmin(deps);

  const places = async (): Promise<readonly HostPlace[]> => [
    ...hostIndex((await store.readNetwork()).value.network).values(),
  ];

  return {
    clock,
    store,
    examinations,
    log,
    wakes,
    ticks,
    admin: async (method: string, path: string, body?: unknown) => {
      const request = new Request(`https://admin.test/admin/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "pointsman-operator": "ann" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const response = await drive(clock, admin(request));
      return { status: response.status, body: (await response.json()) as never };
    },
    /** A heartbeat of a host, by `link/location/host`: well, all tunnels up, everybody reached. */
    async beat(path: string, method: "PUT" | "DELETE" = "PUT"): Promise<Answered> {
      const all = await places();
      const place = all.find((one) => `${one.link.name}/${one.location.name}/${one.host.name}` === path);
      if (place === undefined) throw new Error(`no host ${path}`);
      const { link, location, host } = place;
      const secret = hostSecret(masterKey, host.id, host.secretGeneration);
      const timestamp = Math.floor(clock.nowMs() / 1000);
      const nonce = Buffer.from(random.bytes(24)).toString("base64url");
      const headers = signedHeaders({ hostId: host.id, secret, method, timestamp, nonce });
      const far = link.locations.filter((one) => one.id !== location.id);
      const body = {
        ...quietBody,
        timestamp,
        public_address: `198.51.100.${host.ordinal + 7}`,
        local_address: "10.0.0.7",
        status: Object.fromEntries(far.map((one) => [one.id, "connected"])),
        hosts: Object.fromEntries(
          far.flatMap((one) => one.hosts.filter((each) => !each.static)).map((each) => [each.id, reached]),
        ),
      };
      const request = new Request(stateUrl, { method, headers, body: method === "PUT" ? JSON.stringify(body) : null });
      return read(await drive(clock, receive(request)), secret);
    },
    /** The scheduled run of the failover function, and what it and others woke the routes function for. */
    async minute(): Promise<void> {
      await drive(clock, failover.scheduled());
      for (let wake = wakes.shift(); wake !== undefined; wake = wakes.shift()) await drive(clock, swap(wake));
    },
    swap: (wake: Wake) => drive(clock, swap(wake)),
    async activeOf(location: string): Promise<{ readonly name: string | undefined; readonly epoch: number }> {
      const place = (await places()).find((one) => `${one.link.name}/${one.location.name}` === location);
      const head = (await store.readHead(place?.link.id ?? "", place?.location.id ?? "")).value?.value;
      const active = place?.location.hosts.find((one) => one.id === head?.activeHostId);
      return { name: active?.name, epoch: head?.epoch ?? 0 };
    },
  };
}

const reached = { state: true, latency: 1_500 };

/** Lets time pass until the work is done. */
async function drive<T>(clock: TestClock, work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  for (await settle(); !isOver; await settle()) await clock.step();
  return work;
}
