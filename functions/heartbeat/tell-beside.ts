import type { Event } from "../../shared/domain/events.ts";
import type { HeartbeatDeps } from "./deps.ts";

/**
 * Tells what happened beside a heartbeat. One that cannot be told is logged: the host is not refused for it.
 * Answers whether it was told.
 */
export async function tellBeside(deps: HeartbeatDeps, event: Event): Promise<boolean> {
  try {
    await deps.store.tell(event);
    return true;
  } catch (error) {
    deps.log.warn("event not told", { kind: event.kind, message: event.message, error: String(error) });
    return false;
  }
}
