import * as z from "zod/mini";
import type { Cloud, ProviderName } from "../domain/clouds/cloud.ts";
import { CloudRecord } from "../domain/clouds/record.ts";
import { RouteError } from "../domain/errors.ts";
import { jsonAnswer, type PlainAnswer, type PlainHandler } from "../platform/plain-http.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { OpenProvider, RouteProvider } from "../ports/route-provider.ts";
import { admit, type Signed } from "./admit.ts";
import { createChallenges } from "./challenge.ts";
import { executorLimits } from "./limits.ts";
import { Asked, type Envelope } from "./messages.ts";
import { createNonces } from "./nonces.ts";
import { createRuns } from "./runs.ts";
import { serveRead, serveSurvey, serveTargets } from "./serve-read.ts";
import { type Refused, servePermit, serveWrite, type WriteParts } from "./serve-write.ts";
import { header, type Operation, signAnswer } from "./sign.ts";
import { errorOut, plain } from "./wire.ts";

export type ExecutorParts = {
  /** What clients call it: a request names it, and is refused by any other. */
  readonly id: string;
  /** 32 bytes each: the one in force, and one before it while it is being rotated. */
  readonly keys: readonly Uint8Array[];
  /** The clouds that it may be asked for: the one that it runs in. */
  readonly serves: readonly ProviderName[];
  readonly openProvider: OpenProvider;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Whether one process takes several requests at the same time, so that a permit can reach a write that is under way. */
  readonly renews: boolean;
};

type Parts = ExecutorParts & { readonly writing: WriteParts };

/**
 * The executor: swaps routes in its own cloud, with its own identity, for whoever signs with its key. It has no database and
 * keeps nothing; what it may begin it is told with each request, by a permit that names a challenge of its own process.
 * Never throws; whatever is not signed rightly is answered without a word, a signature or a look at the body.
 */
export function createExecutor(parts: ExecutorParts): PlainHandler {
  const { clock, random, renews } = parts;
  const nonces = createNonces();
  const writing = { clock, challenges: createChallenges(clock, random), runs: createRuns(clock), renews };
  const all: Parts = { ...parts, writing };
  return async (request) => {
    const admitted = admit(request, { ...parts, nonces });
    if ("status" in admitted) return jsonAnswer(admitted.status, {});
    return answer(admitted, await carryOut(all, admitted));
  };
}

function answer({ parts, key }: Signed, envelope: Envelope): PlainAnswer {
  const status = 200;
  const fitting = (JSON.stringify(envelope).length <= executorLimits.answerBytes && envelope) || tooLarge;
  const made = jsonAnswer(status, fitting);
  return { ...made, headers: { ...made.headers, [header.signature]: signAnswer(key, parts, status, made.body) } };
}

const tooLarge: Envelope = {
  kind: "failed",
  error: {
    code: "INVALID",
    message: `the answer is larger than ${executorLimits.answerBytes} bytes`,
    next: "name fewer route tables in the location, or divide it",
    retry: "never",
  },
};

async function carryOut(parts: Parts, signed: Signed): Promise<Envelope> {
  if (signed.refusal !== undefined) return refused({ refused: signed.refusal, about: aboutTime(signed, parts.clock) });
  const json = parseJson(signed.body);
  try {
    const done = await dispatch(parts, signed.parts.operation, json);
    return "refused" in done ? refused(done) : { kind: "done", value: done };
  } catch (error) {
    if (error instanceof RouteError) return { kind: "failed", error: errorOut(error) };
    const { log } = parts;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
    log.error("the executor met an error that no rule is for", {
      operation: signed.parts.operation,
      error: plain(text),
    });
    const next = "look at the executor's log";
    return { kind: "failed", error: { code: "UNKNOWN", message: plain(text), next, retry: "later" } };
  }
}

function aboutTime({ parts }: Signed, clock: Clock): string {
  return `it expires at ${parts.expires}, and the executor's clock shows ${Math.floor(clock.nowMs())}`;
}

function refused({ refused: why, about, challenge }: Refused): Envelope {
  return { kind: "refused", why, about: plain(about), ...(challenge !== undefined && { challenge }) };
}

async function dispatch(parts: Parts, operation: Operation, json: unknown): Promise<object | Refused> {
  const { writing, clock } = parts;
  switch (operation) {
    case "challenge":
      return checked(Asked.challenge, json, (asked) =>
        opened(parts, asked, async (open) => {
          // The cloud's SDK is loaded before the time of the challenge begins.
          await open();
          return { challenge: writing.challenges.issue(), renews: writing.renews };
        }),
      );
    case "survey":
      return checked(Asked.survey, json, (asked) =>
        opened(parts, asked, async (open) => serveSurvey(clock, await open())),
      );
    case "read":
      return checked(Asked.read, json, (asked) =>
        opened(parts, asked, async (open) => serveRead(clock, await open(), asked.tables)),
      );
    case "targets":
      return checked(Asked.targets, json, (asked) =>
        opened(parts, asked, async (open) => serveTargets(clock, await open(), asked.hosts)),
      );
    case "write":
      return checked(Asked.write, json, (asked) => opened(parts, asked, (open) => serveWrite(writing, open, asked)));
    case "permit":
      return checked(Asked.permit, json, async (asked) => servePermit(writing, asked));
    default:
      return operation satisfies never;
  }
}

async function checked<S extends z.ZodMiniType>(
  schema: S,
  json: unknown,
  work: (asked: z.output<S>) => Promise<object | Refused>,
): Promise<object | Refused> {
  const asked = z.safeParse(schema, json);
  if (asked.success) return work(asked.data);
  return { refused: "invalid", about: `${asked.error.issues[0]?.path.join(".") || "body"}: not as it should be` };
}

/** The cloud of a request, looked at as strictly as where it is stored. It may name no executor: nothing is passed on. */
async function opened(
  { serves, openProvider }: Parts,
  asked: { readonly cloud: Readonly<Record<string, unknown>>; readonly locationId: string },
  work: (open: () => Promise<RouteProvider>) => Promise<object | Refused>,
): Promise<object | Refused> {
  const cloud = z.safeParse(CloudRecord, asked.cloud);
  if (!cloud.success || cloud.data.executors !== undefined) {
    return { refused: "invalid", about: "cloud: not the settings of a cloud, or with executors of its own" };
  }
  const found: Cloud = cloud.data;
  if (!serves.includes(found.provider)) {
    return { refused: "not-served", about: `it serves ${serves.join(", ")}, and not ${found.provider}` };
  }
  return work(() => openProvider(found, asked.locationId));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
