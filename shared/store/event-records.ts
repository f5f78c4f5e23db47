import * as z from "zod/mini";
import { Event } from "../domain/events.ts";
import { limits } from "../domain/limits.ts";
import type { Random } from "../ports/clock.ts";
import type { Database } from "../ports/database.ts";
import type { Store } from "../ports/store.ts";
import { decode } from "./codec.ts";
import { keys } from "./keys.ts";
import { writeRecord } from "./write.ts";

const Swept = z.object({ atMs: z.number() });
const dayMs = 24 * 3_600_000;

type EventStore = Pick<Store, "tell" | "readEvents" | "readSwept" | "noteSwept">;

/** The event log, by day, and the mark of the last scheduled sweep. */
export function eventRecords(database: Database, random: Random): EventStore {
  const put = (event: Event, distinct: string) =>
    writeRecord(database, keys.event(event.atMs, distinct), event, undefined, expiry(event.atMs));

  return {
    async tell(event) {
      if (event.once === undefined) {
        await put(event, Buffer.from(random.bytes(6)).toString("hex"));
        return;
      }
      const marker = keys.eventOnce(event.once);
      const first = await writeRecord(database, marker, event, undefined, expiry(event.atMs));
      if (first.kind === "won") {
        await put(event, event.once);
        return;
      }
      const told = (await database.get(marker, "strong")).value;
      if (told !== undefined) await put(decode(Event, told).value, event.once);
    },

    async readEvents(after, limit) {
      const events: Event[] = [];
      let key = after.key ?? String(Math.max(0, after.sinceMs)).padStart(14, "0");
      let dayStartMs = Number(key.slice(0, 14));
      let untilMs = Number.POSITIVE_INFINITY;
      const oldestMs = (nowMs: number) => nowMs - limits.eventKeepMs;
      while (dayStartMs <= untilMs && events.length < limit) {
        const pk = keys.eventsOfDay(dayStartMs);
        const found = await database.query({ pk, after: key, limit: limit - events.length }, "strong");
        untilMs = found.receivedMs;
        events.push(...found.value.map((item) => decode(Event, item).value));
        key = found.value.at(-1)?.key.sk ?? key;
        if (events.length >= limit) break;
        dayStartMs = Math.max((Math.floor(dayStartMs / dayMs) + 1) * dayMs, oldestMs(untilMs));
      }
      return { events, cursor: { sinceMs: after.sinceMs, key } };
    },

    async readSwept() {
      const found = (await database.get(keys.swept(), "strong")).value;
      return found === undefined ? undefined : decode(Swept, found).value.atMs;
    },
    async noteSwept(atMs) {
      const found = (await database.get(keys.swept(), "strong")).value;
      await writeRecord(database, keys.swept(), { atMs }, found && decode(Swept, found).revision);
    },
  };
}

function expiry(atMs: number): number {
  return Math.ceil((atMs + limits.eventKeepMs) / 1000);
}
