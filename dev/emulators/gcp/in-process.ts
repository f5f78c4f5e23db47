import type { GcpEmulator } from "./emulator.ts";

/**
 * Takes what would be fetched straight to an emulator: the real requests without a socket, so that virtual time works. An
 * abort ends the waiting, not the call: like a packet that is on its way, it lands all the same.
 */
export function inProcess(emulator: GcpEmulator): (url: string, init: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const { pathname, search } = new URL(url);
    const headers = Object.fromEntries(new Headers(init.headers).entries());
    const body = typeof init.body === "string" ? init.body : "";
    const method = init.method ?? "GET";
    const answer = await emulator.handle({ method, path: `${pathname}${search}`, headers, body });
    init.signal?.throwIfAborted();
    if (answer !== "dropped") return new Response(answer.body, { status: answer.status, headers: answer.headers });
    const cause = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    throw new TypeError("fetch failed", { cause });
  };
}
