import * as z from "zod/mini";
import type { Event } from "../../shared/domain/events.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Network } from "../../shared/domain/network.ts";
import type { EventCursor } from "../../shared/ports/store.ts";
import { type Answer, check } from "./http.ts";
import type { Call } from "./router.ts";
import type { EventLine, EventsAnswer } from "./schemas.ts";

const Query = z.strictObject({
  since: z.optional(z.string().check(z.regex(/^\d{1,14}$/, "milliseconds since 1970"))),
  cursor: z.optional(z.string().check(z.regex(/^\d{1,14}(?:\.[A-Za-z0-9_-]{1,1500})?$/, "not a cursor of this API"))),
});

/** GET events?since&cursor: what happened, oldest first; the cursor goes into the next call. */
export async function events({ deps, query }: Call): Promise<Answer> {
  const { since = "0", cursor } = check(Query, Object.fromEntries(query));
  const after = cursor === undefined ? { sinceMs: Number(since), key: undefined } : decodeCursor(cursor);
  const [page, applied] = await Promise.all([
    deps.store.readEvents(after, limits.adminEvents),
    deps.store.readNetwork(),
  ]);
  const lineOf = lineMaker(applied.value.network);
  return { body: { events: page.events.map(lineOf), cursor: encodeCursor(page.cursor) } satisfies EventsAnswer };
}

/** What is gone from the configuration is shown by its id. */
function lineMaker(network: Network): (event: Event) => EventLine {
  const names = new Map<string, string>();
  for (const link of network.links) {
    names.set(link.id, link.name);
    for (const location of link.locations) {
      names.set(location.id, location.name);
      for (const host of location.hosts) names.set(host.id, host.name);
    }
  }
  const nameOf = (id: string | undefined) => (id === undefined ? null : (names.get(id) ?? id));
  return ({ atMs, kind, severity, linkId, locationId, hostId, by, message }) => ({
    atMs,
    kind,
    severity,
    link: nameOf(linkId),
    location: nameOf(locationId),
    host: nameOf(hostId),
    by,
    message,
  });
}

function encodeCursor({ sinceMs, key }: EventCursor): string {
  return key === undefined ? String(sinceMs) : `${sinceMs}.${Buffer.from(key).toString("base64url")}`;
}

function decodeCursor(text: string): EventCursor {
  const [since = "0", key] = text.split(".");
  return {
    sinceMs: Number(since),
    key: key === undefined ? undefined : Buffer.from(key, "base64url").toString("utf8"),
  };
}
