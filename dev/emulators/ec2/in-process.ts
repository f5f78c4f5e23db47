import type { Answer } from "./answers.ts";
import type { Ec2Emulator } from "./emulator.ts";

type SdkRequest = { readonly headers: Readonly<Record<string, string>>; readonly body?: unknown };
type SdkResponse = { statusCode: number; headers: Record<string, string>; body: Uint8Array };

/** What an SDK client takes as its `requestHandler`. */
export type InProcessHandler = {
  handle(request: SdkRequest, options?: { abortSignal?: AbortSignal }): Promise<{ response: SdkResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
};

/**
 * Takes an SDK client's requests straight to an emulator: the real client and its real wire format without a socket,
 * so that virtual time works. A client's abort ends the waiting, not the call: like a packet that is on its way, it
 * lands all the same.
 */
export function inProcess(emulator: Ec2Emulator): InProcessHandler {
  return {
    async handle(request, options) {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
      const body = typeof request.body === "string" ? request.body : "";
      const answer = await untilAborted(emulator.handle({ headers, body }), options?.abortSignal);
      if (answer === "dropped") {
        throw Object.assign(new Error("socket hang up"), { name: "TimeoutError", code: "ECONNRESET" });
      }
      return {
        response: {
          statusCode: answer.status,
          headers: { "content-type": "text/xml", "x-amzn-requestid": answer.requestId },
          body: new TextEncoder().encode(answer.body),
        },
      };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

/** Rejects in the way of the SDK's own handler when the signal aborts first. */
async function untilAborted(
  answered: Promise<Answer | "dropped">,
  signal: AbortSignal | undefined,
): Promise<Answer | "dropped"> {
  if (signal === undefined) return answered;
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(Object.assign(new Error("Request aborted"), { name: "AbortError" }));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([answered, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
