import * as z from "zod/mini";
import type { Clock } from "../ports/clock.ts";

/** Where Google tells a function who it is; `GCE_METADATA_HOST` names a stand-in, as for Google's own libraries. */
export const googleMetadataHost = "metadata.google.internal";

/** Requests for one answer, and the pause before the second; it doubles. ms */
const attempts = 3;
const pauseMs = 100;

const base = "computeMetadata/v1/instance/service-accounts/default";

/** What the metadata server says below the function's own service account, as text; one call is one request with repeats. */
export type GoogleMetadata = (
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<string>;

/**
 * Asks the metadata server of Google Cloud at `host` (`name` or `name:port`). Repeats what it cannot answer now. Throws an Error
 * that says what was asked and what came. Source: Google, "About VM metadata" and "Function identity".
 */
export function googleMetadata(clock: Clock, host: string = googleMetadataHost): GoogleMetadata {
  return async (path, query, signal) => {
    const text = new URLSearchParams(query).toString();
    const url = `http://${host}/${base}/${path}${text === "" ? "" : `?${text}`}`;
    let reason = "";
    for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
      if (attempt > 0) await clock.sleep(pauseMs * 2 ** (attempt - 1), signal);
      try {
        const answer = await fetch(url, { headers: { "Metadata-Flavor": "Google" }, redirect: "error", signal });
        const body = (await answer.text()).trim();
        if (answer.headers.get("metadata-flavor") !== "Google") throw new Error("not Google's metadata server");
        if (answer.ok) return body;
        reason = `HTTP ${answer.status}`;
        if (answer.status < 500 && answer.status !== 429) break;
      } catch (error) {
        reason = reasonOf(error);
      }
    }
    const next = "does the function run as a service account?";
    throw new Error(`google: the metadata server at ${host} gave no ${path} (${reason}): ${next}`);
  };
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return error instanceof Error ? error.message : "no answer";
}

const Token = z.object({ access_token: z.string().check(z.minLength(1)), expires_in: z.number() });

/** An access token is renewed this long before its end; the server gives none with less than that left. ms */
const renewMs = 60_000;

/** Access tokens of the function's own service account for Google's APIs, kept until shortly before their end. */
export type GoogleAccess = {
  get(signal: AbortSignal): Promise<string>;
  /** A token was refused: the next one is asked for anew. */
  forget(): void;
};

/** Access tokens from the metadata server. `get` throws what `metadata` throws, or an Error for an answer without a token. */
export function googleAccess(metadata: GoogleMetadata, clock: Clock): GoogleAccess {
  let held: { readonly token: string; readonly endMs: number } | null = null;
  return {
    async get(signal) {
      if (held !== null && held.endMs - clock.nowMs() > renewMs) return held.token;
      const found = z.safeParse(Token, parsed(await metadata("token", {}, signal)));
      if (!found.success) throw new Error("google: the metadata server's answer holds no access token");
      held = { token: found.data.access_token, endMs: clock.nowMs() + found.data.expires_in * 1_000 };
      return held.token;
    },
    forget() {
      held = null;
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
