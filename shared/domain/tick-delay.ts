import { limits } from "./limits.ts";

/**
 * How long a queue should delay a tick, in whole seconds as queues take them. A sweep may be up to half a second off
 * either way. A moment is sent so that it has arrived, on a container that may be cold, when it is due, and waits
 * there. A wake may come late, but not early.
 */
export function tickDelayS(kind: "sweep" | "moment" | "wake", delayMs: number): number {
  switch (kind) {
    case "sweep":
      return Math.max(0, Math.round(delayMs / 1_000));
    case "moment":
      return Math.max(0, Math.floor((delayMs - limits.tickHeadStartMs) / 1_000));
    case "wake":
      return Math.max(0, Math.ceil(delayMs / 1_000));
    default:
      return kind satisfies never;
  }
}
