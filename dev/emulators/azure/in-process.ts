import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import type { HttpAnswer } from "../common/http-server.ts";
import type { AzureEmulator } from "./emulator.ts";

/**
 * Takes an SDK client's requests straight to an emulator: the real client and its real wire format without a socket, so
 * that virtual time works. A client's abort ends the waiting, not the call: like a packet that is on its way, it lands
 * all the same.
 */
export function inProcess(emulator: AzureEmulator): HttpClient {
  return {
    async sendRequest(request) {
      const { host, pathname, search, protocol } = new URL(request.url);
      const body = typeof request.body === "string" ? request.body : "";
      const headers = { ...request.headers.toJSON(), host, "x-forwarded-proto": protocol.slice(0, -1) };
      const asked = emulator.handle({ method: request.method, path: `${pathname}${search}`, headers, body });
      const answer = await untilAborted(asked, request.abortSignal);
      if (answer === "dropped") throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
      const { status, headers: answered, body: bodyAsText } = answer;
      return { request, status, headers: createHttpHeaders(answered), bodyAsText };
    },
  };
}

type Abort = Parameters<HttpClient["sendRequest"]>[0]["abortSignal"];

/** Rejects in the way of the SDK's own client when the signal aborts first. */
async function untilAborted(asked: Promise<HttpAnswer | "dropped">, signal: Abort): Promise<HttpAnswer | "dropped"> {
  if (signal === undefined) return asked;
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(Object.assign(new Error("The operation was aborted."), { name: "AbortError" }));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([asked, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
