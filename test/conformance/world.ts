import { createHash, randomBytes } from "node:crypto";
import { openDynamo, tableName } from "../../serve/database/table.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { systemRandom } from "../../shared/platform/random.ts";
import { dynamoDatabase } from "../../shared/store/dynamo.ts";
import { openStore } from "../../shared/store/store.ts";
import { type Answered, quietBody, read, signedHeaders } from "../fixtures/signed-host.ts";
import { startCloud } from "./cloud.ts";
import type { ConformanceAnswer, ConformanceRequest, OpenPlatform, Platform } from "./platform.ts";
import { type StandIn, startStandIn } from "./stand-in.ts";

/** Two locations: routes of AWS's in the one, none in the other. */
const networkFile = `version: 1
links:
  backbone:
    locations:
      us-east:
        networks: [10.0.0.0/16]
        cloud: { provider: aws, region: us-east-1, vpc: vpc-0a1, routeTables: [rtb-0a1] }
        hosts:
          a1: { priority: 20, target: eni-0a1 }
          a2: { priority: 10, target: eni-0a2 }
      office:
        networks: [192.168.0.0/16]
        hosts:
          b1: { priority: 10 }
`;

export type HostName = "us-east/a1" | "us-east/a2" | "office/b1";
export type LocationName = "us-east" | "office";
type Known = { readonly id: string; readonly secret: string };
type Beat = {
  readonly method?: "PUT" | "DELETE";
  readonly nonce?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Signs with a secret that is not the host's. */
  readonly isForged?: boolean;
};

/** A platform with a network in force, and hosts and an operator that ask it. */
export type World = {
  readonly platform: Platform;
  readonly standIn: StandIn;
  /** Routes that were put into the cloud of `us-east`: targets by destination. */
  routes(): Readonly<Record<string, string>>;
  /** The newest heartbeat of a host, or its leave, as its agent sends it. */
  signed(host: HostName, beat?: Beat): ConformanceRequest;
  /** Sends a request to the heartbeat endpoint. */
  send(request: ConformanceRequest): Promise<ConformanceAnswer>;
  /** Opens the sealed answer to a host. */
  open(host: HostName, answer: ConformanceAnswer): Promise<Answered>;
  /** Asks the admin API, with the right token unless `more` says otherwise. */
  ask(method: string, path: string, more?: Partial<ConformanceRequest>): Promise<ConformanceAnswer>;
  place(location: LocationName): { readonly linkId: string; readonly locationId: string };
  stop(): Promise<void>;
};

export async function openWorld(open: OpenPlatform): Promise<World> {
  const token = `pm_${randomBytes(24).toString("base64url")}`;
  const standIn = await startStandIn(
    new Map([
      ["/test/master-key", randomBytes(32).toString("base64")],
      ["/test/admin-token-hash", createHash("sha256").update(token).digest("hex")],
    ]),
  );
  const cloud = await startCloud();
  Object.assign(process.env, {
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: standIn.endpoint,
    AWS_ENDPOINT_URL_EC2: cloud.url,
    POINTSMAN_TABLE: "pointsman",
    POINTSMAN_MASTER_KEY_PARAMETER: "/test/master-key",
    POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: "/test/admin-token-hash",
    POINTSMAN_ENDPOINTS: "hb.example.net",
    POINTSMAN_AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/pointsman",
    POINTSMAN_AWS_AUDIENCE: "pointsman",
  });
  const platform = await open();

  const ask: World["ask"] = async (method, path, { headers = {}, ...more } = {}) =>
    withoutStack(
      await platform.admin({
        method,
        path: `/admin/v1/${path}`,
        headers: { authorization: `Bearer ${token}`, ...headers },
        ...more,
      }),
    );
  const applied = await ask("POST", "apply", { body: JSON.stringify({ file: networkFile, why: "Größe 中" }) });
  if (applied.status !== 200) throw new Error(`apply was answered ${applied.status}: ${applied.body}`);
  const hosts = new Map<HostName, Known>();
  for (const name of ["us-east/a1", "us-east/a2", "office/b1"] as const) {
    const { uri } = JSON.parse((await ask("GET", `host-uri/backbone/${name}`)).body) as { uri: string };
    const { username: id, password: secret } = new URL(uri.replace("pritunl://", "https://"));
    hosts.set(name, { id, secret });
  }
  const places = await readPlaces(standIn);
  const known = (host: HostName): Known => hosts.get(host) ?? { id: "", secret: "" };

  return {
    platform,
    standIn,
    routes: cloud.routes,
    signed: (host, beat = {}) => signedRequest(known(host), beat),
    send: async (request) => withoutStack(await platform.heartbeat(request)),
    open: (host, { status, headers, body }) => read(new Response(body, { status, headers }), known(host).secret),
    ask,
    place(location) {
      const found = places.get(location);
      if (found === undefined) throw new Error(`no location ${location}`);
      return found;
    },
    async stop() {
      await platform.stop();
      await cloud.stop();
      await standIn.stop();
    },
  };
}

function signedRequest({ id, secret }: Known, beat: Beat): ConformanceRequest {
  const { method = "PUT", nonce = randomBytes(16).toString("hex"), isForged = false } = beat;
  const timestamp = Math.floor(Date.now() / 1_000);
  const signed = { hostId: id, secret: isForged ? `${secret}x` : secret, method, timestamp, nonce };
  const body = beat.body ?? JSON.stringify({ ...quietBody, timestamp });
  return {
    method,
    path: "/link/state",
    headers: { ...signedHeaders(signed), "Content-Type": "application/json", ...beat.headers },
    ...(method === "DELETE" && beat.body === undefined ? {} : { body }),
  };
}

/** Ids are not told by the API: they are read in the table. */
async function readPlaces({ endpoint }: StandIn) {
  const dynamo = await openDynamo(endpoint);
  const database = dynamoDatabase(dynamo.client, tableName, { clock: systemClock, random: systemRandom });
  const { network } = (await openStore(database).readNetwork()).value;
  await dynamo.stop();
  return new Map(
    network.links.flatMap((link) =>
      link.locations.map(({ id, name }) => [name, { linkId: link.id, locationId: id }] as const),
    ),
  );
}

/** Whatever is asked, nobody is told where in the code it went wrong. */
function withoutStack(answer: ConformanceAnswer): ConformanceAnswer {
  if (/\n\s+at |node_modules|file:\/\//.test(answer.body)) throw new Error(`an answer holds a stack: ${answer.body}`);
  return answer;
}
