import ipaddr from "ipaddr.js";
import { familyOf } from "../domain/cidr.ts";
import type { MistakeList } from "./mistakes.ts";
import type { Reach } from "./reach.ts";
import type { LinkView } from "./view.ts";
import type { Path } from "./wording.ts";

type Range = {
  readonly cidr: string;
  readonly path: Path;
  readonly location: number;
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
};

/** Notes networks of one location that repeat or overlap. */
export function checkOwnNetworks(links: readonly LinkView[], mistakes: MistakeList): void {
  for (const location of links.flatMap((link) => link.locations ?? [])) {
    for (const [earlier, later] of overlaps(rangesOf([location]))) {
      const reason =
        earlier.cidr === later.cidr
          ? "stands twice in the list: remove one"
          : `overlaps ${earlier.cidr} of the same location: keep the larger of the two`;
      mistakes.add(later.path, reason);
      if (mistakes.isFull()) return;
    }
  }
}

/** Notes networks of two locations that overlap where some location of the link would see both. */
export function checkSharedNetworks(reach: Reach, mistakes: MistakeList): void {
  const { locations } = reach;
  const witnesses = new Map<number, number>();
  for (const [earlier, later] of overlaps(rangesOf(locations))) {
    const [a, b] = [earlier.location, later.location];
    if (a === b) continue;
    const pair = a * locations.length + b;
    const witness = witnesses.get(pair) ?? witnessOf(reach, a, b);
    witnesses.set(pair, witness);
    if (witness < 0) continue;
    const of = `${locations[a]?.name ?? ""}, ${meetingText(reach, a, b, witness)}`;
    const reason = `overlaps ${earlier.cidr} of ${of}: renumber one, or let nobody reach both (excludes)`;
    mistakes.add(later.path, reason);
    if (mistakes.isFull()) return;
  }
}

/** A location that sees the networks of two others, the two themselves first; -1 for none. */
function witnessOf({ locations, sees }: Reach, a: number, b: number): number {
  if (sees(a, b)) return a;
  if (sees(b, a)) return b;
  return locations.findIndex((_, at) => sees(at, a) && sees(at, b));
}

function meetingText({ locations, arePeers, sees }: Reach, a: number, b: number, witness: number): string {
  if (arePeers(a, b)) return "a peer";
  if (sees(b, a)) return "whose networks are passed on to this location";
  if (sees(a, b)) return "to which this location's networks are passed on";
  return `which ${locations[witness]?.name ?? ""} reaches as well`;
}

function rangesOf(locations: Reach["locations"]): Range[] {
  return locations.flatMap(({ networks }, location) =>
    (networks ?? []).map(({ cidr, path }) => ({ cidr, path, location, ...boundsOf(cidr) })),
  );
}

function boundsOf(cidr: string): Pick<Range, "family" | "first" | "last"> {
  const [address, bits] = ipaddr.parseCIDR(cidr);
  const bytes = address.toByteArray();
  const first = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family: familyOf(cidr), first, last: first + (1n << BigInt(bytes.length * 8 - bits)) - 1n };
}

/**
 * Every pair of ranges that have an address in common, in the order of the file within a pair. Two networks overlap
 * only if one holds the other, so in order of their first address those that are still open hold the next.
 */
function* overlaps(ranges: readonly Range[]): Generator<readonly [Range, Range]> {
  const order = new Map(ranges.map((range, place) => [range, place]));
  const place = (range: Range) => order.get(range) ?? 0;
  const sorted = [...ranges].sort(
    (a, b) => a.family - b.family || compare(a.first, b.first) || compare(b.last, a.last) || place(a) - place(b),
  );
  let open: Range[] = [];
  for (const range of sorted) {
    open = open.filter(({ family, last }) => family === range.family && last >= range.first);
    for (const other of open) yield place(other) < place(range) ? [other, range] : [range, other];
    open.push(range);
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
