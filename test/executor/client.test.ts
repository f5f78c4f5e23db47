import { describe, expect, it } from "vitest";
import { RouteError } from "../../shared/domain/errors.ts";
import { executorLimits } from "../../shared/executor/limits.ts";
import { header, signAnswer } from "../../shared/executor/sign.ts";
import { webHandler } from "../../shared/platform/plain-http.ts";
import { openRemote } from "../../shared/providers/remote.ts";
import { cloudHere, createRig, first, keyOf, planted, type Rig, results, routeCalls, second, write } from "./rig.ts";

const untilDone = () => new AbortController().signal;

async function failure(work: Promise<unknown>): Promise<RouteError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RouteError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

const survey = (rig: Rig, executors = [first]) => rig.drive(rig.open(executors).survey(untilDone()));

/** An answer that the executor `a` itself signs. */
function signed(request: Request, body: string, status = 200): Response {
  const operation = new URL(request.url).pathname.split("/").at(-1) as "survey";
  const nonce = request.headers.get(header.nonce) ?? "";
  const signature = signAnswer(keyOf("key-a"), { operation, executorId: "a", nonce }, status, body);
  return new Response(body, { status, headers: { [header.signature]: signature } });
}
const done = (request: Request, value: unknown) => signed(request, JSON.stringify({ kind: "done", value }));

describe("an answer", () => {
  it("is believed when it is signed for this request", async () => {
    const rig = createRig();
    planted(rig, 2);

    const { tables, routes } = await survey(rig);

    expect(tables).toEqual([{ key: "memory/rtb-1", id: "rtb-1" }]);
    expect(routes.map(({ destination, target }) => [destination, target])).toEqual([
      ["10.201.0.0/24", "eni-a"],
      ["10.201.1.0/24", "eni-a"],
    ]);
  });

  const value = { tables: [{ key: "memory/rtb-evil", id: "rtb-evil" }], routes: [] };
  const route = { destination: "10.0.0.0/8", target: "eni-a", state: "active", isStatic: true };
  it.each<[string, (request: Request) => Response | Promise<Response>, string]>([
    ["without a signature", () => Response.json({ kind: "done", value }), "UNREACHABLE"],
    ["of another key", () => new Response("{}", { headers: { [header.signature]: "x".repeat(43) } }), "UNREACHABLE"],
    [
      "with another status than was signed",
      (request) => new Response("{}", { status: 201, headers: signed(request, "{}").headers }),
      "UNREACHABLE",
    ],
    ["that is no JSON", (request) => signed(request, "<html>"), "UNKNOWN"],
    ["of no form", (request) => signed(request, "[]"), "UNKNOWN"],
    ["with a value of another form", (request) => done(request, { tables: 1 }), "UNKNOWN"],
    ["with a key too many", (request) => done(request, { ...value, tables: [], more: 1 }), "UNKNOWN"],
    [
      "with a route of a table that it does not have",
      (request) => done(request, { tables: [], routes: [{ t: 0, ...route }] }),
      "UNKNOWN",
    ],
    [
      "with a table of another cloud",
      (request) => done(request, { tables: [{ key: "aws/us-east-1/rtb-9", id: "rtb-9" }], routes: [] }),
      "UNKNOWN",
    ],
    [
      "with a table twice",
      (request) => done(request, { tables: [...value.tables, ...value.tables], routes: [] }),
      "UNKNOWN",
    ],
    [
      "with a text that breaks lines",
      (request) => done(request, { tables: [{ key: "memory/a\nb", id: "x" }], routes: [] }),
      "UNKNOWN",
    ],
    ["that is too large", (request) => signed(request, "x".repeat(executorLimits.answerBytes + 1)), "UNKNOWN"],
    [
      "that redirects",
      () => new Response(null, { status: 307, headers: { location: "https://evil.example/" } }),
      "INVALID",
    ],
    ["of a proxy before it: 502", () => new Response("bad gateway, token=abc", { status: 502 }), "UNREACHABLE"],
  ])(
    "is believed in no part, shown in no part, and no second request is made for it: %s",
    async (_name, answer, code) => {
      const rig = createRig();
      rig.way = async (request) => answer(request);

      const error = await failure(survey(rig));

      expect(error.code).toBe(code);
      expect(error.next).not.toBe("");
      expect(error.message).toMatch(/^executor a: /);
      expect(error.message).not.toMatch(/html|token|gateway|evil/);
      expect(rig.sent).toEqual(["a survey"]);
    },
  );

  it("to another request is not taken for one to this", async () => {
    const rig = createRig();
    let kept: Response | undefined;
    rig.way = async (_request, go) => {
      const before = kept;
      kept = (await go()).clone();
      return before ?? kept.clone();
    };

    await survey(rig);
    expect((await failure(survey(rig))).code).toBe("UNREACHABLE");
  });

  it("of 401 has the key read anew, and says what to look at", async () => {
    const rig = createRig();

    const error = await failure(survey(rig, [{ ...first, key: "key-b" }]));

    expect([error.code, error.retry]).toEqual(["DENIED", "later"]);
    expect(error.next).toContain("id and key");
    expect(rig.forgotten).toEqual(["key-b"]);
  });

  it("with outcomes for other changes than were asked for leaves each unknown", async () => {
    const rig = createRig();
    const changes = planted(rig, 2);
    rig.way = async (request, go) => {
      if (!request.url.endsWith("/write")) return go();
      return done(request, { outcomes: [{ result: "written", agoMs: 0 }], challenge: "x" });
    };

    expect(results(await write(rig, rig.open(), changes))).toEqual(["TIMED_OUT", "TIMED_OUT"]);
  });

  it("with interfaces of hosts that were not asked for is none", async () => {
    const rig = createRig();
    rig.way = async (request) => done(request, { outcomes: [{ hostId: "other", target: "eni-evil" }] });
    const hosts = [{ hostId: "hosta", target: "auto", localAddress: "10.0.0.4" }];

    expect((await failure(rig.drive(rig.open().targets(hosts, untilDone())))).code).toBe("UNKNOWN");
  });
});

describe("an executor that does not answer", () => {
  it("is given up after a time, and the next one is asked, also the next time", async () => {
    const rig = createRig();
    rig.way = (request, go) => (new URL(request.url).host === "a.example" ? new Promise(() => undefined) : go());
    const provider = rig.open([first, second]);

    await rig.drive(provider.survey(untilDone()));
    expect(rig.clock.monotonicMs()).toBe(executorLimits.challengeMs);
    await rig.drive(provider.read([{ key: "memory/rtb-1", id: "rtb-1" }], untilDone()));

    expect(rig.sent).toEqual(["a challenge", "b challenge", "b survey", "b challenge", "b read"]);
  });

  it("is asked first again after half a minute", async () => {
    const rig = createRig();
    let isDown = true;
    rig.way = async (request, go) => {
      if (isDown && new URL(request.url).host === "a.example") throw new TypeError("fetch failed");
      return go();
    };
    const provider = rig.open([first, second]);
    await rig.drive(provider.survey(untilDone()));
    isDown = false;
    await rig.clock.advance(executorLimits.shunMs);

    await rig.drive(provider.survey(untilDone()));

    expect(rig.sent.slice(-2)).toEqual(["a challenge", "a survey"]);
  });

  it("is an error with what to do, when there is no other", async () => {
    const rig = createRig();
    rig.way = async () => {
      throw new TypeError("fetch failed");
    };

    const error = await failure(survey(rig));

    expect([error.code, error.retry]).toEqual(["UNREACHABLE", "soon"]);
    expect(error.next).toContain("a.example");
  });

  it("has nothing begun at any other for a run that is over", async () => {
    const rig = createRig();
    const run = new AbortController();
    run.abort();
    const changes = planted(rig, 1);

    const outcomes = await write(rig, rig.open([first, second]), changes, { signal: run.signal });
    const error = await failure(rig.drive(rig.open([first, second]).survey(run.signal)));

    expect(results(outcomes)).toEqual(["TIMED_OUT"]);
    expect(error.code).toBe("TIMED_OUT");
    expect([rig.sent, routeCalls(rig)]).toEqual([[], []]);
  });
});

describe("an executor whose clock is wrong", () => {
  it("is an error that says so; by less than half a minute it does not matter", async () => {
    for (const [skewMs, code] of [
      [-29_000, undefined],
      [29_000, undefined],
      [31_000, "DENIED"],
      [-31_000, "DENIED"],
    ] as const) {
      const rig = createRig();
      rig.way = async (request) => {
        rig.clock.jumpWall(skewMs);
        const answer = await webHandler(rig.handlerOf("a"), executorLimits.requestBytes)(request);
        rig.clock.jumpWall(-skewMs);
        return answer;
      };

      const error = await survey(rig).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );

      expect(error instanceof RouteError ? error.code : error).toBe(code);
      if (error instanceof RouteError) expect(error.next).toContain("clocks");
    }
  });
});

describe("a routes function that has no secrets", () => {
  it("opens no location that names executors, and says so", () => {
    const clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => undefined };

    expect(() => openRemote({ clock })(cloudHere, [first], "here")).toThrow(/cannot be read where this runs/);
  });
});
