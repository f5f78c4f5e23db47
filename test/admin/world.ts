import { createHash } from "node:crypto";
import { expect } from "vitest";
import { type MemoryDatabase, memoryDatabase } from "../../dev/memory-database.ts";
import { type TestClock, testClock } from "../../dev/test-clock.ts";
import { createAdmin } from "../../functions/admin/admin.ts";
import type { AdminDeps } from "../../functions/admin/deps.ts";
import { electNow } from "../../functions/failover/failover.ts";
import { bitsOf, noBits } from "../../shared/domain/bits.ts";
import type { Host, HostPlace, Link, Network } from "../../shared/domain/network.ts";
import { hostIndex } from "../../shared/domain/network.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import type { Random } from "../../shared/ports/clock.ts";
import type { Examine } from "../../shared/ports/examinations.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Wake } from "../../shared/ports/queues.ts";
import type { Store } from "../../shared/ports/store.ts";
import { hostSecret, pairKey } from "../../shared/protocol/keys.ts";
import { openExaminations } from "../../shared/store/examination-records.ts";
import { openStore } from "../../shared/store/store.ts";

const token = "pm_the-token-of-this-test-world-000000000000";
const masterKey = new Uint8Array(32).map((_, at) => at * 7 + 3);

export type Reply = { readonly status: number; readonly headers: Headers; readonly body: never };

/** An admin API over a database in memory, and everything that can be seen of it from outside. */
export type World = {
  readonly token: string;
  readonly clock: TestClock;
  readonly database: MemoryDatabase;
  readonly store: Store;
  readonly deps: AdminDeps;
  readonly admin: (request: Request) => Promise<Response>;
  readonly wakes: Wake[];
  readonly examines: Examine[];
  readonly logged: string[];
  /** Sends a request with the right token unless `headers` says otherwise. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  get(path: string): Promise<Reply>;
  post(path: string, body?: unknown): Promise<Reply>;
  network(): Promise<Network>;
  /** A host by `link/location/host`. */
  place(path: string): Promise<HostPlace>;
  /** Hosts are heard now, by path. */
  beat(...paths: string[]): Promise<void>;
  /** Runs the election of a location, by `link/location`. */
  elect(path: string): Promise<void>;
  /** The routes function verified the newest decision of a location. */
  confirm(path: string): Promise<void>;
  /** Everything that was answered, logged or stored is free of secrets; `host uri` and `export --secrets` alone may hold them. */
  expectNoSecrets(more?: readonly string[]): Promise<void>;
};

export const sampleFile = `version: 1
links:
  backbone:
    locations:
      us-east:
        networks: [10.0.0.0/16]
        cloud: { provider: aws, region: us-east-1, vpc: vpc-0a1, routeTables: [rtb-0a1, rtb-0a2] }
        hosts:
          a1: { priority: 20, target: eni-0a1 }
          a2: { priority: 10, target: eni-0a2 }
      us-west:
        networks: [10.1.0.0/16]
        cloud: { provider: aws, region: us-west-2, vpc: vpc-0b1, routeTables: [rtb-0b1] }
        hosts:
          b1: { priority: 20, target: eni-0b1 }
          b2: { priority: 10, target: eni-0b2 }
      office:
        networks: [192.168.0.0/16]
        hosts:
          router: { static: true, publicAddress: 203.0.113.9 }
`;

function countingRandom(): Random {
  let round = 0;
  return {
    bytes(count) {
      round++;
      return new Uint8Array(createHash("sha512").update(`round ${round}`).digest().subarray(0, count));
    },
  };
}

/** A world with nothing in it, or with the sample network in force. */
export function openWorld(change: Partial<AdminDeps> = {}): World {
  const clock = testClock();
  const database = memoryDatabase(clock);
  const random = countingRandom();
  const store = openStore(database, random);
  const wakes: Wake[] = [];
  const examines: Examine[] = [];
  const logged: string[] = [];
  const seen: string[] = [];
  const note = (message: string, fields: object = {}) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { warn: note, error: note };
  const deps: AdminDeps = {
    store,
    clock: { ...clock, sleep: (ms) => clock.advance(ms) },
    random,
    log,
    secrets: {
      masterKey: async () => masterKey,
      adminTokenHash: async () => createHash("sha256").update(token).digest("hex"),
    },
    swapQueue: async () => ({ wake: async (some) => void wakes.push(...some) }),
    tickQueue: async () => ({ send: async () => {} }),
    doctor: {
      examinations: openExaminations(database),
      queue: async () => ({ examine: async (some) => void examines.push(...some) }),
    },
    endpoints: ["hb.example.net", "hb2.example.net:8443"],
    ...change,
  };
  const admin = createAdmin(deps);

  const ask: World["ask"] = async (method, path, body, headers = {}) => {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const request = new Request(`https://admin.test/admin/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "pointsman-operator": "maria", ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    const response = await admin(request);
    const answer = await response.text();
    if (!path.startsWith("host-uri/") && !/^device\/.*secrets=true/.test(path)) seen.push(answer);
    return { status: response.status, headers: response.headers, body: JSON.parse(answer) as never };
  };

  const network = async () => (await store.readNetwork()).value.network;
  const place: World["place"] = async (path) => {
    const found = [...hostIndex(await network()).values()].find(
      ({ link, location, host }) => `${link.name}/${location.name}/${host.name}` === path,
    );
    if (found === undefined) throw new Error(`no host ${path}`);
    return found;
  };
  const locationOf = async (path: string) => {
    const [linkName, locationName] = path.split("/");
    const link = (await network()).links.find((one) => one.name === linkName);
    const location = link?.locations.find((one) => one.name === locationName);
    if (link === undefined || location === undefined) throw new Error(`no location ${path}`);
    return { linkId: link.id, locationId: location.id };
  };

  return {
    token,
    clock,
    database,
    store,
    deps,
    admin,
    wakes,
    examines,
    logged,
    ask,
    get: (path) => ask("GET", path),
    post: (path, body = {}) => ask("POST", path, body),
    network,
    place,
    async beat(...paths) {
      for (const path of paths) {
        const { link, location, host } = await place(path);
        const records = (await store.readLink(link.id, "strong")).value;
        const prior = records.locations.get(location.id)?.hosts.get(host.id);
        const head = records.locations.get(location.id)?.head?.value;
        const isActive = head?.activeHostId === host.id;
        const far = link.locations.filter((one) => one.id !== location.id);
        const record: HostRecord = {
          ...heard(prior?.value, host, clock.nowMs(), hostOrdinals(link)),
          tunnels: {
            up: isActive ? bitsOf(far.map((one) => one.ordinal)) : noBits,
            ever: isActive ? bitsOf(far.map((one) => one.ordinal)) : noBits,
            epoch: head?.epoch ?? 0,
            down: {},
          },
        };
        await store.writeHost(link.id, location.id, record, prior?.revision);
        const pulse = { lastCreditedMs: clock.nowMs(), holdUntilMs: 0, holdSinceMs: 0 };
        await store.writePulse(link.id, pulse, records.pulse?.revision);
      }
    },
    async elect(path) {
      await electNow(deps, await locationOf(path), "sweep");
    },
    async confirm(path) {
      const { linkId, locationId } = await locationOf(path);
      const head = (await store.readHead(linkId, locationId)).value;
      if (head === undefined) throw new Error(`no decision of ${path}`);
      const swap = { state: "confirmed", atMs: clock.nowMs(), routes: 4 } as const;
      await store.confirmDecision({ ...head.value, swap }, head.revision);
    },
    async expectNoSecrets(more = []) {
      const secrets = secretsOf(await network());
      const everything = [...seen, ...more, ...logged, JSON.stringify(database.dump())].join("\n");
      for (const secret of secrets) expect(everything.includes(secret), "a secret was let out").toBe(false);
    },
  };
}

function hostOrdinals(link: Link): readonly number[] {
  return link.locations.flatMap((one) => one.hosts.filter((host) => !host.static).map((host) => host.ordinal));
}

/** The sample network in force, both hosts of both cloud locations heard for a minute, a1 and b1 active, verified. */
export async function sampleWorld(change: Partial<AdminDeps> = {}): Promise<World> {
  const world = openWorld(change);
  const applied = await world.post("apply", { file: sampleFile, why: "first" });
  expect(applied.status).toBe(200);
  const hosts = ["us-east/a1", "us-east/a2", "us-west/b1", "us-west/b2"].map((path) => `backbone/${path}`);
  await world.beat(...hosts);
  for (const path of ["backbone/us-east", "backbone/us-west"]) await world.elect(path);
  for (let beats = 0; beats < 8; beats++) {
    await world.clock.advance(8_000);
    await world.beat(...hosts);
  }
  for (const path of ["backbone/us-east", "backbone/us-west"]) {
    await world.elect(path);
    await world.confirm(path);
  }
  await world.store.noteSwept(world.clock.nowMs());
  world.wakes.length = 0;
  return world;
}

function heard(prior: HostRecord | undefined, host: Host, nowMs: number, reached: readonly number[]): HostRecord {
  const agentTimeS = Math.floor(nowMs / 1000);
  return {
    hostId: host.id,
    lastSeenMs: nowMs,
    agentTimeS,
    anchor: { agentTimeS, serverMs: nowMs },
    nonce: `nonce${agentTimeS}`,
    upSinceMs: prior?.upSinceMs ?? nowMs,
    left: null,
    version: "1.0.3594",
    publicAddress: `198.51.100.${7 + host.ordinal}`,
    localAddress: "10.0.0.7",
    address6: "",
    wgPublicKey: "",
    intervalMs: 1_000,
    reach: [bitsOf(reached), bitsOf(reached), bitsOf(reached)],
    lost: {},
    tunnels: { up: noBits, ever: noBits, epoch: 0, down: {} },
  };
}

function secretsOf(network: Network): readonly string[] {
  const bytes = Buffer.from(masterKey);
  const secrets = [token, bytes.toString("base64"), bytes.toString("hex"), bytes.toString("base64url")];
  for (const { link, host } of hostIndex(network).values()) {
    for (let generation = 1; generation <= host.secretGeneration; generation++) {
      secrets.push(hostSecret(masterKey, host.id, generation));
    }
    for (const a of link.locations) {
      for (const b of link.locations) secrets.push(pairKey(masterKey, link.id, a.id, b.id, link.keyGeneration));
    }
  }
  return secrets;
}
