import type { NetworkManagementClient } from "@azure/arm-network";
import { createPipelineRequest, type PipelineResponse } from "@azure/core-rest-pipeline";
import * as z from "zod/mini";
import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { type ArmSession, attempt, attemptRead } from "./call.ts";
import { type Call, operationError, routeError } from "./errors.ts";
import { laneOf } from "./pace.ts";

/**
 * A change that Azure has accepted: where to read how it goes, or undefined when it was done at once. `elsewhere`: at an
 * address that our token is not sent to.
 */
export type Accepted = { readonly operationUrl: string | undefined | "elsewhere" };

/** Options of the SDK's methods that begin an operation. */
export type BeginOptions = {
  readonly abortSignal: AbortSignal;
  readonly onResponse: (response: PipelineResponse) => void;
};

class Answered extends Error {
  readonly accepted: Accepted;

  constructor(accepted: Accepted) {
    super("answered");
    this.accepted = accepted;
  }
}

/**
 * Makes a changing call by a method of the SDK that begins an operation, in one attempt. The SDK's own poller takes one
 * answer that went wrong for the end of the operation, and reads the resource once more when it is done: here it is
 * left as soon as the change is accepted. Throws `RouteError`.
 */
export async function begin(
  session: ArmSession,
  call: Call,
  start: (options: BeginOptions) => Promise<unknown>,
): Promise<Accepted> {
  return attempt(session.clock, call, async (abortSignal) => {
    const onResponse: BeginOptions["onResponse"] = (response) => {
      if (response.status < 300) throw new Answered(acceptedBy(response));
    };
    try {
      await start({ abortSignal, onResponse });
    } catch (error) {
      if (error instanceof Answered) return error.accepted;
      throw error;
    }
    throw new Error("the SDK told of no answer");
  });
}

function acceptedBy({ headers, request }: PipelineResponse): Accepted {
  const url = headers.get("azure-asyncoperation") ?? headers.get("location");
  // The next request bears our token: it goes nowhere but where the first one went.
  const isSafe = url !== undefined && URL.canParse(url) && new URL(url).origin === new URL(request.url).origin;
  return { operationUrl: isSafe || url === undefined ? url : "elsewhere" };
}

/**
 * Waits until an accepted operation has ended. Throws `RouteError`: what it ended with; TIMED_OUT when its end was not
 * seen within `limits.azureOperationMs`, or before the signal aborted; DENIED when it may not be read.
 */
export async function ended(
  session: ArmSession,
  subscription: string,
  call: Call,
  { operationUrl }: Accepted,
  signal: AbortSignal,
): Promise<void> {
  if (operationUrl === undefined) return;
  if (operationUrl === "elsewhere")
    throw routeError("TIMED_OUT", call, "accepted; how it goes is told at another address");
  const { clock, lastOperation } = session;
  const startMs = clock.monotonicMs();
  const takenMs = () => clock.monotonicMs() - startMs;
  let pauseMs = Math.min(lastOperation.ms * EXPECTED, limits.azureExpectedMaxMs);
  for (;;) {
    await clock.sleep(Math.max(pauseMs, limits.azurePollMs), signal);
    if (signal.aborted || takenMs() >= limits.azureOperationMs) {
      throw routeError("TIMED_OUT", call, "accepted, its operation has not ended yet");
    }
    const { status, error } = await stateOf(session, subscription, call, operationUrl, signal);
    if (status === "Succeeded") {
      lastOperation.ms = takenMs();
      return;
    }
    if (status === "Failed" || status === "Canceled") {
      throw operationError(error?.code ?? status, error?.message ?? "", call);
    }
    pauseMs = Math.min(takenMs() * LATE, limits.azurePollMaxMs);
  }
}

/** Operations are first looked at when this much of the time that the last one took is over, … */
const EXPECTED = 0.85;
/** … and then after this much of the time that they have taken: their end is seen at most so late. */
const LATE = 0.1;

const State = z.looseObject({
  status: z.optional(z.string()),
  error: z.optional(z.nullable(z.looseObject({ code: z.optional(z.string()), message: z.optional(z.string()) }))),
});
type State = z.infer<typeof State>;

async function stateOf(
  session: ArmSession,
  subscription: string,
  change: Call,
  url: string,
  signal: AbortSignal,
): Promise<State> {
  const client = session.clientOf(subscription);
  const call = {
    ...change,
    action: "Microsoft.Network/locations/operations/read",
    scope: `/subscriptions/${subscription}`,
  };
  try {
    return await attemptRead(
      session.clock,
      call,
      async (abortSignal) => {
        await session.pace.turn(laneOf("read", subscription), abortSignal);
        return readState(client, url, abortSignal);
      },
      signal,
    );
  } catch (cause) {
    if (!(cause instanceof RouteError) || cause.code === "DENIED") throw cause;
    throw routeError("TIMED_OUT", change, `accepted, but how it ended could not be read: ${cause.code}`, cause);
  }
}

async function readState(client: NetworkManagementClient, url: string, abortSignal: AbortSignal): Promise<State> {
  const allowInsecureConnection = new URL(url).protocol === "http:";
  const request = createPipelineRequest({ url, abortSignal, allowInsecureConnection });
  const { status: statusCode, headers, bodyAsText } = await client.sendRequest(request);
  if (statusCode >= 400) {
    // Without the request, which bears the token.
    const error = new Error(`the operation's state was answered with ${statusCode}`);
    throw Object.assign(error, { statusCode, response: { headers, bodyAsText } });
  }
  const read = State.safeParse(parsed(bodyAsText ?? ""));
  if (read.success && read.data.status !== undefined) return read.data;
  // An address of the result instead of the state: it answers 202 until there is one.
  return { status: statusCode === 202 ? "InProgress" : "Succeeded" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
