import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { attempt, type GcpSession } from "./call.ts";
import { type Call, GoogleRefusal, routeError, translate } from "./errors.ts";
import { callOf, type Operation, operationOf } from "./resources.ts";

/**
 * Waits until an operation that was accepted has ended. Google holds the answer back until then; one that it gives
 * before, or does not give in `limits.routeCallMs`, is asked for again. Throws `RouteError`: that of the operation (`call`
 * began it), or TIMED_OUT when the signal aborted first.
 */
export async function untilDone(session: GcpSession, call: Call, begun: Operation, signal: AbortSignal): Promise<void> {
  const wait = callOf(session, "globalOperations.wait", `${call.action} for ${call.about}`);
  const path = `projects/${session.cloud.project}/global/operations/${begun.name}/wait`;
  let operation = begun;
  while (operation.status !== "DONE") {
    if (signal.aborted)
      throw routeError("TIMED_OUT", call, `operation ${begun.name} was not done before the run ended`);
    const send = (giveUp: AbortSignal) => session.client({ method: "POST", path }, giveUp);
    try {
      operation = operationOf(await attempt(session.clock, wait, send, signal), wait);
      if (operation.status !== "DONE") await session.clock.sleep(limits.gcpPollMs, signal);
    } catch (error) {
      if (!(error instanceof RouteError) || error.retry !== "soon") throw error;
      if (!signal.aborted && error.code !== "TIMED_OUT") await session.clock.sleep(limits.gcpPollMs, signal);
    }
  }
  if (operation.error === undefined) return;
  const [first] = operation.error.errors;
  const message = first?.message ?? operation.httpErrorMessage ?? "the operation ended in an error";
  throw translate(new GoogleRefusal(0, first?.code ?? "", message), call);
}
