import type { Transport } from "../../../shared/providers/oci/client.ts";
import type { OciEmulator } from "./emulator.ts";

/**
 * Takes a client's requests straight to an emulator: the real client and its real wire format without a socket, so that
 * virtual time works. A client's abort ends the waiting, not the call: like a packet that is on its way, it lands all
 * the same.
 */
export function inProcess(emulator: OciEmulator): Transport {
  return async (uri, { method = "GET", headers, body, signal }) => {
    const url = new URL(uri);
    const answered = emulator.handle({
      method,
      path: `${url.pathname}${url.search}`,
      headers: Object.fromEntries(new Headers(headers)),
      body: typeof body === "string" ? body : "",
    });
    const answer = await untilAborted(answered, signal ?? undefined);
    if (answer === "dropped") {
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" }),
      });
    }
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };
}

async function untilAborted<T>(answered: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answered;
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([answered, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
