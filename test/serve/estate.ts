import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AdminClient, adminClient } from "../../cli/client.ts";
import { newMasterKey, newToken } from "../../cli/secret-store/secret-store.ts";
import { exchange, type HttpAnswer } from "../../dev/link-host/exchange.ts";
import { authHeaders, type HostUri, type LinkState, openAnswer, parseHostUri } from "../../dev/link-host/wire.ts";
import { ApplyAnswer, HostUriAnswer } from "../../functions/admin/schemas.ts";
import { serveDynamo } from "../../serve/database/embedded-dynamo.ts";
import { openDynamo, tableName } from "../../serve/database/table.ts";
import { deployedFunctions } from "../../serve/functions.ts";
import { makeCertificate } from "../../serve/http/certificate.ts";
import { lineLog } from "../../serve/log.ts";
import { type Serving, startServing } from "../../serve/serve.ts";
import { type ServeOptions, settle } from "../../serve/settings.ts";
import type { Decision } from "../../shared/domain/records.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { systemRandom } from "../../shared/platform/random.ts";
import type { Store } from "../../shared/ports/store.ts";
import { dynamoDatabase } from "../../shared/store/dynamo.ts";
import { openStore } from "../../shared/store/store.ts";
import { freePort } from "../../soak/processes/child.ts";

/** What several servers share: one database, one folder of secrets, one certificate. */
export type Estate = {
  readonly folder: string;
  readonly ports: readonly [number, number];
  readonly store: Store;
  /** The PEM that every server shows. */
  readonly ca: string;
  /** What a server is started with on the command line. */
  options(server: 0 | 1): ServeOptions;
  start(server: 0 | 1): Promise<Serving>;
  admin(server: 0 | 1): AdminClient;
  /** Lines of the servers' logs that are warnings or errors. */
  readonly complaints: string[];
  close(): Promise<void>;
};

/** Makes an estate with nothing running but its database. */
export async function openEstate(): Promise<Estate> {
  const folder = await mkdtemp(join(tmpdir(), "pointsman-serve-"));
  const database = await serveDynamo(join(folder, "database"), 0);
  const dynamo = await openDynamo(database.endpoint);
  const secrets = join(folder, "secrets");
  const token = newToken(systemRandom);
  const certificate = await makeCertificate(Date.now());
  const [certPath, keyPath] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  await mkdir(secrets, { mode: 0o700 });
  await writeFile(join(secrets, "master-key"), newMasterKey(systemRandom), { mode: 0o600 });
  await writeFile(join(secrets, "admin-token"), token, { mode: 0o600 });
  await writeFile(certPath, certificate.cert);
  await writeFile(keyPath, certificate.key);
  const ports = [await freePort(), await freePort()] as const;
  const complaints: string[] = [];
  const options = (server: 0 | 1): ServeOptions => ({
    databaseUrl: database.endpoint,
    secrets,
    host: "127.0.0.1",
    port: ports[server],
    tlsCert: certPath,
    tlsKey: keyPath,
    endpoint: ports.map((port) => `127.0.0.1:${port}`),
  });
  const log = lineLog((line) => void (line.includes('"level":"INFO"') || complaints.push(line)), systemClock);
  const deps = { clock: systemClock, random: systemRandom, log, functions: deployedFunctions, version: "test" };
  return {
    folder,
    ports,
    store: openStore(dynamoDatabase(dynamo.client, tableName, { clock: systemClock, random: systemRandom })),
    ca: certificate.cert,
    options,
    start: (server) => startServing(settle(options(server), {}), deps),
    admin: (server) =>
      adminClient(
        {
          origin: new URL(`https://127.0.0.1:${ports[server]}`),
          token,
          trust: { kind: "pem", pem: certificate.cert },
        },
        "test",
      ),
    complaints,
    async close() {
      await dynamo.stop();
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Two locations without routes, with two hosts each. */
const networkFile = (timeoutS: number) => `
version: 1
links:
  l:
    hostCheck: false
    locations:
      x:
        networks: [10.1.0.0/16]
        hosts:
          x1: { priority: 20, timeout: ${timeoutS}s }
          x2: { priority: 10, timeout: ${timeoutS}s }
      y:
        networks: [10.2.0.0/16]
        hosts:
          y1: { priority: 20, timeout: ${timeoutS}s }
          y2: { priority: 10, timeout: ${timeoutS}s }
`;

/** Puts the network in force and returns the URIs of its hosts by name. */
export async function applyNetwork(admin: AdminClient, timeoutS: number): Promise<ReadonlyMap<string, HostUri>> {
  await admin.post(["apply"], { file: networkFile(timeoutS), why: "test", allowRemove: false }, ApplyAnswer);
  const uris = new Map<string, HostUri>();
  for (const [location, host] of ["x1", "x2", "y1", "y2"].map((name) => [name.slice(0, 1), name] as const)) {
    const { uri } = await admin.get(["host-uri", "l", location, host], HostUriAnswer);
    uris.set(host, parseHostUri(uri));
  }
  return uris;
}

/** One request of an agent to one endpoint of its URI, on a connection of its own. Throws unless the answer is good. */
export async function send(uri: HostUri, ca: string, endpoint: number, method: "PUT" | "DELETE"): Promise<HttpAnswer> {
  const place = uri.endpoints[endpoint % uri.endpoints.length];
  if (place === undefined) throw new Error("a URI without endpoints");
  const timestampS = Math.floor(Date.now() / 1000);
  const nonce = Buffer.from(systemRandom.bytes(16)).toString("hex");
  const answer = await exchange({
    endpoint: place,
    method,
    headers: authHeaders(uri, { method, timestampS, nonce }),
    body: method === "PUT" ? bodyOf(timestampS) : undefined,
    trust: { ca },
    timeoutMs: 10_000,
    signal: new AbortController().signal,
  });
  if (answer.status !== 200) throw new Error(`status ${answer.status}`);
  return answer;
}

/** The first hosts are heard before the others, so that they are active without having to take over. */
export async function beginWithFirst(uris: ReadonlyMap<string, HostUri>, { ca, store }: Estate) {
  for (const name of ["x1", "y1"]) {
    const uri = uris.get(name);
    if (uri !== undefined) await beat(uri, ca, 0);
  }
  return until("the first hosts are active", async () => {
    const found = await decisionsOf(store);
    const isReady = (name: string) =>
      found[name]?.[0]?.activeHostId === uris.get(`${name}1`)?.hostId && found[name]?.[0]?.swap.state === "confirmed";
    return isReady("x") && isReady("y") ? found : undefined;
  });
}

/** One heartbeat to one endpoint, opened as an agent opens it. */
export async function beat(uri: HostUri, ca: string, endpoint: number): Promise<LinkState> {
  const answer = await send(uri, ca, endpoint, "PUT");
  return openAnswer(uri.secret, {
    body: answer.body,
    iv: answer.header("Cipher-IV"),
    signature: answer.header("Cipher-Signature"),
  });
}

function bodyOf(timestamp: number): string {
  return JSON.stringify({
    timestamp,
    version: "test-1.0",
    public_address: "198.51.100.7",
    local_address: "10.1.0.7",
    address6: "",
    wg_public_key: "",
    status: {},
    hosts: {},
    errors: null,
  });
}

/** All decisions of both locations, the newest first. */
export async function decisionsOf(store: Store): Promise<Readonly<Record<string, readonly Decision[]>>> {
  const [link] = (await store.readNetwork()).value.network.links;
  const found: Record<string, readonly Decision[]> = {};
  for (const { id, name } of link?.locations ?? []) found[name] = await store.readDecisions(link?.id ?? id, id, 20);
  return found;
}

/** Asks again and again until something is there. Throws when it is not after 20 s. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const lateMs = systemClock.monotonicMs() + 20_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (systemClock.monotonicMs() > lateMs) throw new Error(`not in 20 s: ${what}`);
    await systemClock.sleep(50);
  }
}
