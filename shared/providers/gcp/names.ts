import { createHash } from "node:crypto";

/** What the names of all routes of a location for one destination begin with, whatever they point at. */
export function ownPrefix(locationId: string, destination: string): string {
  return `pm-${digest(`${locationId} ${destination}`, 10)}-`;
}

/**
 * The name of a route of one decision. It ends in the epoch, so that no other decision gives the same: a call that
 * deletes a route by its name, however late it lands, removes no newer one. At most 63 characters, as Google wants.
 */
export function routeName(locationId: string, destination: string, target: string, epoch: number): string {
  return `${ownPrefix(locationId, destination)}${digest(target, 4)}-e${epoch}`;
}

/** The epoch of a route of ours by its name; -1 for a name that we did not give. */
export function epochOf(name: string): number {
  const [, epoch] = /^pm-[0-9a-f]{10}-[0-9a-f]{4}-e(\d{1,16})$/.exec(name) ?? [];
  return epoch === undefined ? -1 : Number(epoch);
}

function digest(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
