import type { HetznerEmulator } from "./emulator.ts";

/**
 * Takes requests straight to an emulator as `fetch` would, without a socket, so that virtual time works. An abort ends
 * the waiting, not the call: like a packet that is on its way, it lands all the same.
 */
export function inProcess(emulator: HetznerEmulator): typeof fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    const headers: Record<string, string> = {};
    new Headers(init?.headers).forEach((value, name) => {
      headers[name] = value;
    });
    const { method = "GET", body, signal } = init ?? {};
    const path = `${url.pathname}${url.search}`;
    const answering = emulator.handle({ method, path, headers, body: typeof body === "string" ? body : "" });
    const answer = await untilAborted(answering, signal ?? undefined);
    if (answer === "dropped") {
      const cause = Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" });
      throw new TypeError("fetch failed", { cause });
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
