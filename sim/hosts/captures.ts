import type { Shipment } from "./shipment.ts";

/** Requests of one host that somebody on the network took down: the newest, and some from minutes ago. */
export type Captured = {
  readonly recent: Shipment[];
  readonly old: Shipment[];
  /** The last good-bye. */
  leave: Shipment | undefined;
  count: number;
};

const keepRecent = 40;
const keepOld = 10;
/** One request in so many is kept for long. */
const oldEvery = 30;

export function noCaptures(): Captured {
  return { recent: [], old: [], leave: undefined, count: 0 };
}

/** Takes down one more request. */
export function capture(captured: Captured, shipment: Shipment): void {
  const { recent, old } = captured;
  if (shipment.method === "DELETE") captured.leave = shipment;
  captured.count++;
  recent.push(shipment);
  if (recent.length > keepRecent) recent.shift();
  if (captured.count % oldEvery !== 0) return;
  old.push(shipment);
  if (old.length > keepOld) old.shift();
}
