import { EventsAnswer } from "../../functions/admin/schemas.ts";
import { StatusAnswer } from "../../functions/admin/status-schemas.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { soakBounds } from "../bounds.ts";
import type { SeenDecision } from "../judge/history.ts";
import type { Pointsman } from "./pointsman.ts";

/** What a person who looked all the time would have seen. */
export type Observer = {
  readonly seen: readonly SeenDecision[];
  /** Routes written as the routes function reported them, by location and epoch. */
  readonly writes: ReadonlyMap<string, number>;
  /** Looks that were not answered. */
  readonly unanswered: number;
  /** Locations whose routes are not verified, at the last look. */
  readonly unconfirmed: number;
  /** Different decisions seen so far. */
  readonly decisions: number;
  look(): Promise<void>;
};

/** The status of a hundred locations is a lot to read: it is asked for at every so manyth look. */
const STATUS_EVERY = 3;

/** Watches status and events through the admin API. `idOf` gives a location's id by `link/location`. */
export function createObserver(pointsman: Pointsman, clock: Clock, idOf: ReadonlyMap<string, string>): Observer {
  const seen = new Map<string, SeenDecision>();
  const writes = new Map<string, number>();
  let cursor: string | undefined;
  let looks = 0;
  let unanswered = 0;
  let unconfirmed = Number.POSITIVE_INFINITY;

  const note = (where: SeenDecision["where"], name: string, epoch: number, active: string): void => {
    const locationId = idOf.get(name);
    if (locationId === undefined) return;
    seen.set([where, name, epoch, active].join(" "), { where, locationId, epoch, active, seenMs: clock.nowMs() });
  };

  const lookAtStatus = async (): Promise<void> => {
    const { links } = await pointsman.admin.get(["status"], StatusAnswer);
    let open = 0;
    for (const link of links) {
      for (const { name, epoch, active, swap } of link.locations) {
        if (epoch === 0 || swap.state !== "confirmed") open += 1;
        if (epoch === 0) continue;
        note("status", `${link.name}/${name}`, epoch, active ?? "nobody");
        const key = `${link.name}/${name}#${epoch}`;
        writes.set(key, Math.max(writes.get(key) ?? 0, swap.written));
      }
    }
    unconfirmed = open;
  };

  const lookAtEvents = async (): Promise<void> => {
    const answer = await pointsman.admin.get(["events"], EventsAnswer, { cursor });
    cursor = answer.cursor;
    for (const { kind, message } of answer.events) {
      const [, name, epoch, active] = /^(\S+) epoch (\d+): \S+ → (\S+) \(/.exec(message) ?? [];
      if (kind !== "decision" || name === undefined || active === undefined) continue;
      note("events", name, Number(epoch), active);
    }
  };

  return {
    get seen() {
      return [...seen.values()];
    },
    writes,
    get unanswered() {
      return unanswered;
    },
    get unconfirmed() {
      return unconfirmed;
    },
    get decisions() {
      return writes.size;
    },
    async look() {
      try {
        if (looks++ % STATUS_EVERY === 0) await lookAtStatus();
        await lookAtEvents();
      } catch {
        // While the server or its database is down there is nothing to see.
        unanswered += 1;
      }
    },
  };
}

/** Looks again and again until the signal aborts. */
export async function keepLooking(observer: Observer, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await observer.look();
    await clock.sleep(soakBounds.pollMs, signal);
  }
}
