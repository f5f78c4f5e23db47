import middy from "@middy/core";
import type { Context } from "aws-lambda";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adminRoutes } from "../../functions/admin/admin.ts";
import { limits } from "../../shared/domain/limits.ts";
import { lambdaHttp } from "../../shared/platform/aws-lambda.ts";
import { answerErrors } from "../../shared/platform/aws-middleware.ts";
import { orphansIn } from "../admin/orphans-in.ts";
import { sampleFile, sampleWorld, type World } from "../admin/world.ts";
import { recordingLog } from "../platform/recording-log.ts";
import { type AdminCase, adminRequest, anyAdminCase } from "./admin-case.ts";
import { anyContentType, sizeAround } from "./arbitrary.ts";
import { cases, must, tally, timeoutMs } from "./cases.ts";
import { httpApiEvent, type Sent, spoilt, urlEvent, webRequest } from "./http-event.ts";
import { isPolluted, leakIn } from "./leaks.ts";

const worldCases = 200;
const hosts = ["us-east/a1", "us-east/a2", "us-west/b1", "us-west/b2"].map((path) => `backbone/${path}`);

type Reply = { readonly status: number; readonly contentType: string; readonly text: string };
type Door = {
  readonly world: World;
  readonly ticks: unknown[];
  send(sent: Sent, how: Pick<AdminCase, "via" | "spoil">): Promise<Reply>;
  /** Nothing failed inside, and nothing that was answered, logged or stored holds a secret. */
  expectWell(): Promise<void>;
};

const lambdaContext = { getRemainingTimeInMillis: () => 10_000 } as Context;

/** A world with routes to adopt and to forget, its admin API behind all its adapters. */
async function openDoor(): Promise<Door> {
  const ticks: unknown[] = [];
  const world = await sampleWorld({
    tickQueue: async () => ({ send: async (some) => void ticks.push(...some) }),
  });
  await orphansIn(world, ["10.7.0.0/16", "10.8.0.0/16"]);
  await orphansIn(world, ["10.1.0.0/16", "192.168.0.0/16"], { state: "foreign", seen: "nat-0a1" });
  const log = recordingLog();
  const lambda = middy(lambdaHttp(world.admin, { maxBodyBytes: limits.adminBodyBytes })).use(answerErrors(log));
  const replies: string[] = [];

  const ask = async (sent: Sent, { via, spoil }: Pick<AdminCase, "via" | "spoil">): Promise<Reply> => {
    const request = via === "web" ? webRequest(sent) : undefined;
    if (request !== undefined) {
      const { status, headers, ...response } = await world.admin(request).then(async (answer) => ({
        status: answer.status,
        headers: answer.headers,
        text: await answer.text(),
      }));
      return { status, contentType: headers.get("content-type") ?? "", text: response.text };
    }
    const event = via === "http-api" ? httpApiEvent(sent) : urlEvent(sent);
    const result = await lambda(spoil === undefined ? event : spoilt(event, spoil), lambdaContext);
    const contentType = String(result.headers?.["content-type"]);
    return { status: Number(result.statusCode), contentType, text: String(result.body) };
  };
  return {
    world,
    ticks,
    async send(sent, how) {
      const reply = await ask(sent, how);
      const isMeantToHoldOne = sent.path.startsWith("/admin/v1/host-uri/") || sent.query === "secrets=true";
      if (!isMeantToHoldOne) replies.push(reply.text);
      return reply;
    },
    async expectWell() {
      expect([...log.lines, ...world.logged]).toEqual([]);
      await world.expectNoSecrets(replies);
    },
  };
}

/** The hosts that are still configured are heard, and what was decided is verified. */
async function goOn({ world }: Door): Promise<void> {
  const { links } = await world.network();
  const names = links.flatMap((link) =>
    link.locations.flatMap((place) => place.hosts.map((host) => `${link.name}/${place.name}/${host.name}`)),
  );
  await world.beat(...hosts.filter((name) => names.includes(name)));
  for (const path of ["backbone/us-east", "backbone/us-west"]) {
    if (names.some((name) => name.startsWith(path))) await world.confirm(path).catch(() => {});
  }
}

/** What was done so far: reads and writes of the database, messages to other functions. */
function effects({ world, ticks }: Door) {
  const { reads, writes } = world.database;
  return { reads, writes, sent: world.wakes.length + ticks.length };
}

type Refused = { readonly error?: { readonly code?: string; readonly message?: string; readonly next?: string } };

const statuses = [200, 202, 400, 401, 404, 405, 409, 413, 422, 429];

/** What every answer is; gives the code of a refusal. */
function judge({ status, contentType, text }: Reply): string {
  must(statuses.includes(status), `status ${status}: ${text}`);
  must(contentType.startsWith("application/json"), `content type ${contentType}`);
  must(leakIn(text) === undefined, `shows its insides: ${leakIn(text)}`);
  const { error } = JSON.parse(text) as Refused;
  if (status < 300) return "";
  must(text.length < 300_000, `an answer of ${text.length} characters`);
  // What no Request can be made of is refused by the adapter, without words.
  if (text === "{}" && (status === 400 || status === 413)) return "not-a-request";
  must(Boolean(error?.code && error.message && error.next), `a refusal without words: ${text}`);
  return error?.code ?? "";
}

const idIn = (text: string): string => /"id":"([^"]+)"/.exec(text)?.[1] ?? "none";

const codes = [
  ...["unauthorised", "too-many-failures", "not-found", "method-not-allowed", "invalid-json", "invalid-request"],
  ...["invalid-network", "unknown-link", "unknown-location", "unknown-host", "version-changed", "allow-remove-needed"],
  ...["link-paused", "host-static", "rotation-in-grace", "no-cloud", "nothing-to-adopt"],
];

describe("whatever is sent to the admin API", () => {
  it(
    "never makes it fail, never shows its insides, and does nothing where it is refused",
    async () => {
      const met = { status: tally(), code: tally(), route: tally() };
      let door = await openDoor();
      let count = 0;
      let examination = "none";

      const property = fc.asyncProperty(anyAdminCase, async (drawn) => {
        if (++count % worldCases === 0) {
          await door.expectWell();
          door = await openDoor();
        }
        const { world } = door;
        world.clock.jump(1_500);
        if (count % 15 === 0) await goOn(door);
        const before = effects(door);

        const reply = await door.send(adminRequest(drawn, world.token, examination), drawn);
        if (reply.status < 300 && drawn.line.path.endsWith("/doctor")) examination = idIn(reply.text);

        const code = judge(reply);
        const after = effects(door);
        const isRefused = reply.status >= 400;
        must(isRefused || drawn.auth === "right", "answered without the token");
        must(!isRefused || (after.writes === before.writes && after.sent === before.sent), "refused, and done");
        must(code !== "unauthorised" || after.reads === before.reads, "read for somebody without the token");
        met.status.add(reply.status);
        met.code.add(code);
        if (reply.status < 300) met.route.add(`${drawn.line.method} ${drawn.line.path}`);
      });
      await fc.assert(property, cases(10_000, 11));
      await door.expectWell();

      expect(isPolluted()).toBe(false);
      met.status.expectEach(
        statuses.filter((status) => status !== 413),
        0.001,
      );
      met.code.expectEach(codes, 0.0005);
      met.route.expectEach(
        adminRoutes.map(({ method, path }) => `${method} ${path}`),
        0.005,
      );
    },
    timeoutMs,
  );

  it(
    "is refused with 413 where it is too large, and only there, however it comes",
    async () => {
      const door = await openDoor();
      const { world } = door;
      const anyLarge = fc.record({
        via: fc.constantFrom("url" as const, "http-api" as const, "web" as const),
        bytes: sizeAround(limits.adminBodyBytes),
        contentType: anyContentType,
        isBinary: fc.boolean(),
      });
      const headers = { authorization: `Bearer ${world.token}` };

      const property = fc.asyncProperty(anyLarge, async ({ via, bytes, contentType = "", isBinary }) => {
        const text = JSON.stringify({ file: sampleFile }).padEnd(bytes);
        const body = isBinary ? Buffer.from(text) : text;
        const sent = {
          method: "POST",
          path: "/admin/v1/plan",
          headers: { ...headers, "content-type": contentType },
          body,
        };

        const reply = await door.send(sent, { via, spoil: undefined });

        judge(reply);
        const expected = bytes > limits.adminBodyBytes ? 413 : 200;
        must(reply.status === expected, `${via}: ${bytes} bytes are answered ${reply.status}`);
      });
      await fc.assert(property, { ...cases(100, 12), numRuns: 100 });

      await door.expectWell();
    },
    timeoutMs,
  );
});
