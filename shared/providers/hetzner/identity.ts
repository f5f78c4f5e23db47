import * as z from "zod/mini";
import { RouteError } from "../../domain/errors.ts";
import type { CloudSecrets } from "../../ports/cloud-secrets.ts";

const JsonSecret = z.object({ token: z.string() });

/** The API token of a project, kept in a secret. */
export type TokenSource = {
  /** Throws `RouteError`: what reading the secret throws, or DENIED when it holds no token. */
  read(): Promise<string>;
  /** Reads the secret anew the next time. */
  forget(): void;
};

/** A token is in its secret as it is, or as the `token` of a JSON object. It goes into no message. */
export function tokenSource(secrets: CloudSecrets, reference: string): TokenSource {
  return {
    async read() {
      const text = (await secrets.read(reference)).trim();
      const token = text.startsWith("{") ? fromJson(text) : text;
      if (token !== undefined && /^[\x21-\x7e]{1,512}$/.test(token)) return token;
      throw new RouteError("DENIED", `hetzner: the secret ${reference} holds no API token`, {
        retry: "later",
        next: `put the token alone, or {"token": "…"}, into the secret ${reference}`,
      });
    },
    forget: () => secrets.forget(reference),
  };
}

function fromJson(text: string): string | undefined {
  try {
    return JsonSecret.parse(JSON.parse(text)).token;
  } catch {
    return undefined;
  }
}
