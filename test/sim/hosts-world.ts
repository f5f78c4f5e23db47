import { type HostPlace, hostIndex, type Network } from "../../shared/domain/network.ts";
import { jsonAnswer, type PlainRequest } from "../../shared/platform/plain-http.ts";
import { buildAnswer, type LinkView } from "../../shared/protocol/answer.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import { type HeartbeatBody, parseAuthHeaders, parseHeartbeatBody } from "../../shared/protocol/request.ts";
import { seal } from "../../shared/protocol/seal.ts";
import { isSigned } from "../../shared/protocol/signature.ts";
import { chanceOf } from "../../sim/engine/chance.ts";
import { createTimeline, type Timeline } from "../../sim/engine/timeline.ts";
import type { Fact, Writer } from "../../sim/facts.ts";
import type { FaultKind, MomentKind, WeatherKind } from "../../sim/faults/kinds.ts";
import { createWeather, type Weather } from "../../sim/faults/weather.ts";
import { createHosts } from "../../sim/hosts/create.ts";
import type { Answered, Hosts, HostsOptions } from "../../sim/hosts/hosts.ts";
import type { Shape } from "../../sim/world/shape.ts";
import { host, link, location, network, startMs } from "../fixtures/network.ts";

export const masterKey = Uint8Array.from({ length: 32 }, (_, at) => at);
export const writer: Writer = { process: "heartbeat-1", role: "heartbeat", clockOffsetMs: 0 };

/** Three sites of two hosts: `s0h0` to `s2h1`, the first of each active. */
export function threeSites(hostCheck = true, version = 1): Network {
  const sites = [0, 1, 2].map((at) =>
    location(
      `site${at}`,
      [0, 1].map((n) => host(`s${at}h${n}`, { name: `h${n}` })),
      { networks: [`10.${at + 1}.0.0/16`] },
    ),
  );
  return network([link("mesh", sites, { hostCheck })], version);
}

const shape: Shape = {
  linkName: "mesh",
  hostCheck: true,
  tunnelTimeoutS: 45,
  cloud: "replace",
  locations: [0, 1, 2].map((at) => ({
    name: `site${at}`,
    network: `10.${at + 1}.0.0/16`,
    vpc: `vpc-${at}`,
    tables: [`rtb-${at}a`],
    failback: "auto",
    holdUpS: 10,
    removeRoutes: false,
    hosts: [0, 1].map((n) => ({ name: `h${n}`, priority: 10, timeoutS: 15, backoffS: 10, target: "interface" })),
  })),
};

/** What came in: its headers, and its body when it could be read. */
export type Came = {
  readonly atMs: number;
  readonly hostId: string;
  readonly method: string;
  readonly agentTimeS: number;
  readonly nonce: string;
  readonly text: string;
  readonly body: HeartbeatBody | undefined;
  readonly status: number;
};

/** The facts of a kind. */
type FactOf<Kind> = Fact extends infer One
  ? One extends { readonly kind: string }
    ? Kind extends One["kind"]
      ? One
      : never
    : never
  : never;

export type HostsWorld = {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly hosts: Hosts;
  readonly facts: readonly Fact[];
  /** What came to the stand-in endpoint; empty where the world has another one. */
  readonly came: readonly Came[];
  /** The hosts that the stand-in endpoint tells that they are active. */
  readonly active: Map<string, string>;
  configure(network: Network): void;
  /** Begins an incident now. */
  begin(kind: MomentKind, lastsS: number, roll?: number): void;
  /** Begins a spell of weather now, of as many strikes as there can be. */
  blow(kind: WeatherKind, lastsS: number): void;
  seconds(count: number): Promise<void>;
  all<Kind extends Fact["kind"]>(kind: Kind): readonly FactOf<Kind>[];
  count(kind: FaultKind): number;
};

export type HostsWorldOptions = {
  readonly seed?: number;
  readonly endpoint?: (timeline: Timeline) => HostsOptions["endpoint"];
};

/** Hosts before an endpoint that believes every signature, and says who is active as the test has it. */
export function hostsWorld({ seed = 1, endpoint }: HostsWorldOptions = {}): HostsWorld {
  const timeline = createTimeline(startMs);
  const facts: Fact[] = [];
  const observe = (fact: Fact): void => void facts.push(fact);
  const chance = chanceOf(seed);
  const weather = createWeather(timeline, chance.fork("weather"), observe);
  const came: Came[] = [];
  const active = new Map([0, 1, 2].map((at) => [`site${at}`, `s${at}h0`]));
  const inForce: { network: Network } = { network: network([]) };
  const standIn = standInEndpoint(timeline, inForce, active, came);
  const hosts = createHosts({
    timeline,
    weather,
    chance: chance.fork("hosts"),
    observe,
    shape,
    masterKey,
    endpoint: endpoint?.(timeline) ?? standIn,
  });
  let number = 0;
  return {
    timeline,
    weather,
    hosts,
    facts,
    came,
    active,
    configure(next) {
      inForce.network = next;
      hosts.configure(next);
    },
    begin(kind, lastsS, roll = 0.5) {
      const fromMs = timeline.nowMs() - startMs;
      hosts.begin({ number: number++, kind, fromMs, toMs: fromMs + lastsS * 1_000, roll });
    },
    blow(kind, lastsS) {
      const fromMs = timeline.nowMs() - startMs;
      weather.begin({ number: number++, kind, fromMs, toMs: fromMs + lastsS * 1_000, roll: 0.999 });
    },
    seconds: (count) => timeline.run(timeline.nowMs() + count * 1_000),
    all: <Kind extends Fact["kind"]>(kind: Kind) =>
      facts.filter((fact): fact is FactOf<Kind> & Fact => fact.kind === kind),
    count: (kind) => weather.counts.get(kind) ?? 0,
  };
}

function standInEndpoint(
  timeline: Timeline,
  inForce: { readonly network: Network },
  active: ReadonlyMap<string, string>,
  came: Came[],
): HostsOptions["endpoint"] {
  const secrets = new Map<string, string>();
  const secretOf = (hostId: string): string => {
    const secret = secrets.get(hostId) ?? hostSecret(masterKey, hostId, 1);
    secrets.set(hostId, secret);
    return secret;
  };
  const places = new Map<Network, ReturnType<typeof hostIndex>>();
  const placeOf = (hostId: string): HostPlace | undefined => {
    const index = places.get(inForce.network) ?? hostIndex(inForce.network);
    places.set(inForce.network, index);
    return index.get(hostId);
  };
  const judge = (request: PlainRequest): Answered["answer"] & { readonly body: string } => {
    const auth = parseAuthHeaders(request.headers);
    const place = placeOf(auth?.hostId ?? "");
    const secret = secretOf(auth?.hostId ?? "");
    const method = request.method === "DELETE" ? "DELETE" : "PUT";
    if (auth === undefined || place === undefined || !isSigned({ ...auth, method }, secret, auth.signature)) {
      return jsonAnswer(401, {});
    }
    if (method === "DELETE") return jsonAnswer(200, {});
    if (request.body === undefined) return jsonAnswer(413, {});
    if ("problem" in parseHeartbeatBody(request.body)) return jsonAnswer(400, {});
    const text = buildAnswer(place, viewOf(inForce.network, active), isActive(place, active), masterKey);
    const { body, iv, signature } = seal(text, secret, new Uint8Array(16).fill(came.length));
    return { status: 200, headers: { "Cipher-IV": iv, "Cipher-Signature": signature }, body };
  };
  return async (request) => {
    await timeline.after(5);
    const answer = judge(request);
    const auth = parseAuthHeaders(request.headers);
    const parsed = parseHeartbeatBody(request.body ?? "");
    came.push({
      atMs: timeline.nowMs(),
      hostId: auth?.hostId ?? "",
      method: request.method,
      agentTimeS: auth?.agentTimeS ?? 0,
      nonce: auth?.nonce ?? "",
      text: request.body ?? "",
      body: "problem" in parsed ? undefined : parsed,
      status: answer.status,
    });
    return { answer, writer };
  };
}

const isActive = ({ location, host }: HostPlace, active: ReadonlyMap<string, string>): boolean =>
  active.get(location.id) === host.id;

function viewOf(inForce: Network, active: ReadonlyMap<string, string>): LinkView {
  const contacts = new Map(
    [...hostIndex(inForce).keys()].map((id, at) => [
      id,
      { publicAddress: `198.51.100.${at + 1}`, address6: "", wgPublicKey: "" },
    ]),
  );
  return { active, contacts };
}
