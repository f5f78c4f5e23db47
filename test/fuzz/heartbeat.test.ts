import middy from "@middy/core";
import type { Context } from "aws-lambda";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "../../shared/domain/limits.ts";
import { lambdaPlain } from "../../shared/platform/aws-lambda.ts";
import { answerErrors } from "../../shared/platform/aws-middleware.ts";
import { heartbeatWorld, type World } from "../fixtures/heartbeat-world.ts";
import { link, location, network } from "../fixtures/network.ts";
import { quietBody, signedHeaders } from "../fixtures/signed-host.ts";
import { recordingLog } from "../platform/recording-log.ts";
import {
  anyContentType,
  oddBytes,
  oddJson,
  oddMethod,
  oddNumber,
  oddText,
  oddValue,
  prototypeKeys,
  sizeAround,
} from "./arbitrary.ts";
import { cases, must, tally, timeoutMs } from "./cases.ts";
import {
  anyHeaderChange,
  anySpoil,
  changed,
  httpApiEvent,
  type Sent,
  spoilt,
  urlEvent,
  webRequest,
} from "./http-event.ts";
import { isPolluted, leakIn } from "./leaks.ts";

const net = network([link("l1", [location("east", ["e1", "e2"]), location("west", ["w1"])], { hostCheck: true })]);

const anyKey = fc.oneof(oddText, fc.constantFrom(...prototypeKeys, "e1", "e2", "w1", "east", "west"));
const anyEntry = fc.oneof(
  oddValue,
  fc.constantFrom<unknown>("connected", "connecting", "disconnected"),
  fc.record({ state: fc.boolean(), latency: fc.oneof(oddNumber, fc.constant(900)) }),
);
const anyMap = fc.array(fc.tuple(anyKey, anyEntry), { maxLength: 5 }).map((entries) => Object.fromEntries(entries));
const fieldNames = Object.keys(quietBody) as (keyof typeof quietBody)[];
const quiet = JSON.stringify(quietBody);

const anyBody: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(quiet) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...fieldNames), fc.oneof(oddValue, anyMap))
      .map(([name, value]) => JSON.stringify({ ...quietBody, [name]: value })),
  },
  { weight: 2, arbitrary: oddText.map((key) => JSON.stringify({ ...quietBody, [key]: 1 })) },
  { weight: 4, arbitrary: oddJson },
  { weight: 2, arbitrary: oddBytes },
  { weight: 1, arbitrary: fc.nat({ max: quiet.length }).map((length) => quiet.slice(0, length)) },
  { weight: 1, arbitrary: sizeAround(limits.bodyBytes).map((bytes) => quiet.padEnd(bytes)) },
);

const authHeaders = ["auth-token", "auth-timestamp", "auth-nonce", "auth-signature"] as const;

const anyCase = fc.record({
  via: fc.constantFrom("url", "http-api", "web"),
  method: fc.oneof(
    { weight: 20, arbitrary: fc.constant("PUT") },
    { weight: 2, arbitrary: fc.constant("DELETE") },
    { weight: 2, arbitrary: oddMethod },
  ),
  path: fc.oneof(
    { weight: 20, arbitrary: fc.constant("/link/state") },
    { weight: 1, arbitrary: fc.constantFrom("/", "", "/link/state/", "//link/state", "/link%2fstate", "/LINK/STATE") },
    { weight: 1, arbitrary: oddText.map((text) => `/link/${text}`) },
  ),
  query: fc.constantFrom("", "a=1", "__proto__=1", "%", "x".repeat(3_000)),
  skewS: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(-60, 60, -1_699_999_999, 900_000_000_000, 1e13, -2e9, 0.5) },
  ),
  /** Whether the nonce is that of the request before. */
  isReplay: fc.nat(4).map((drawn) => drawn === 0),
  /** None for a request with the right signature. */
  changes: fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(anyHeaderChange(authHeaders), { minLength: 1, maxLength: 3 }) },
  ),
  contentType: anyContentType,
  body: anyBody,
  spoil: fc.oneof({ weight: 15, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: anySpoil }),
});
type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

type Answer = { readonly status: number; readonly text: string };

const lambdaContext = { getRemainingTimeInMillis: () => 10_000 } as Context;

/** A heartbeat function behind the adapters of all its platforms, as it is deployed and as `npm start` runs it. */
function frontDoor({ first }: World) {
  const log = recordingLog();
  const lambda = middy(lambdaPlain(first.handle, { maxBodyBytes: limits.bodyBytes })).use(answerErrors(log));
  const send = async (sent: Sent, { via, spoil }: Case): Promise<Answer> => {
    const request = via === "web" ? webRequest(sent) : undefined;
    if (request !== undefined) {
      const response = await first.receive(request);
      return { status: response.status, text: await response.text() };
    }
    const event = via === "http-api" ? httpApiEvent(sent) : urlEvent(sent);
    const result = await lambda(spoil === undefined ? event : spoilt(event, spoil), lambdaContext);
    return { status: Number(result.statusCode), text: String(result.body) };
  };
  return { log, send };
}

function sentOf(world: World, drawn: Case, nonce: string): Sent {
  const method = drawn.method === "DELETE" ? "DELETE" : "PUT";
  const timestamp = Math.floor(world.clock.nowMs() / 1000) + drawn.skewS;
  const right = signedHeaders({ hostId: "e1", secret: world.secret("e1"), method, timestamp, nonce });
  const lower = Object.fromEntries(Object.entries(right).map(([name, value]) => [name.toLowerCase(), value]));
  const contentType = drawn.contentType === undefined ? {} : { "content-type": drawn.contentType };
  const headers = { ...changed(lower, drawn.changes), ...contentType };
  return { method: drawn.method, path: drawn.path, query: drawn.query, headers, body: drawn.body };
}

const answers = [200, 400, 401, 404, 405, 409, 413];

describe("whatever is sent to the heartbeat endpoint", () => {
  it(
    "never makes it fail, never shows its insides, and is written only where it is answered well",
    async () => {
      const world = await heartbeatWorld(net);
      const { log, send } = frontDoor(world);
      await world.beat("w1");
      const statuses = tally();
      const written = tally();
      const doors = tally();
      let count = 0;

      const property = fc.asyncProperty(anyCase, async (drawn) => {
        world.clock.jump(700);
        const before = world.database.writes;
        if (!drawn.isReplay) count++;
        const sent = sentOf(world, drawn, `fuzz-${String(count).padStart(8, "0")}`);

        const { status, text } = await send(sent, drawn);

        must(answers.includes(status), `status ${status}: ${text}`);
        must(status !== 200 || Buffer.byteLength(sent.body) <= limits.bodyBytes, "takes a body beyond the limit");
        must(text.length < 2_000, `an answer of ${text.length} characters`);
        if (status !== 200) {
          must(leakIn(text) === undefined, `shows its insides: ${leakIn(text)}`);
          must(world.database.writes === before, "refused, and written");
        }
        statuses.add(status);
        doors.add(`${drawn.via}: ${status}`);
        written.add(`${drawn.via}: ${world.database.writes > before ? "written" : "not written"}`);
      });
      await fc.assert(property, cases(10_000, 5));

      statuses.expectEach(answers, 0.004);
      doors.expectEach(["url: 413", "http-api: 413", "web: 413"], 0.001);
      written.expectEach(["url: written", "http-api: written", "web: written"], 0.01);
      expect([...log.lines, ...world.logged.filter(({ level }) => level === "error")]).toEqual([]);
      expect(isPolluted()).toBe(false);
      expect((await world.beat("e1")).state).toBeDefined();
    },
    timeoutMs,
  );
});
