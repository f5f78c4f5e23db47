import type { MistakeList } from "./mistakes.ts";
import type { Reach } from "./reach.ts";
import type { LinkView, LocationView } from "./view.ts";

/** Notes names of other locations that are unknown, repeated or contradict each other. */
export function checkNames(links: readonly LinkView[], mistakes: MistakeList): void {
  for (const { locations } of links) {
    const byName = new Map(locations?.map((location) => [location.name, location]));
    for (const location of locations ?? []) {
      for (const field of ["peers", "excludes", "transits"] as const) {
        checkList(location, field, byName, mistakes);
      }
      if (location.given.has("peers") && location.given.has("excludes")) {
        const reason = "peers and excludes at once: write the shorter of the two";
        mistakes.add([...location.path, "excludes"], reason);
      }
      checkContradictions(location, byName, mistakes);
    }
  }
}

function checkList(
  { name: own, path, fields }: LocationView,
  field: "peers" | "excludes" | "transits",
  byName: ReadonlyMap<string, LocationView>,
  mistakes: MistakeList,
): void {
  const before = new Set<string>();
  for (const [place, name] of (fields[field] ?? []).entries()) {
    const at = [...path, field, place];
    if (name === own) mistakes.add(at, "the location itself: remove it");
    else if (!byName.has(name)) mistakes.add(at, `no location of this link: write ${someNames(byName, own)}`);
    else if (before.has(name)) mistakes.add(at, "stands twice in the list: remove one");
    before.add(name);
  }
}

function someNames(byName: ReadonlyMap<string, LocationView>, own: string): string {
  const others = [...byName.keys()].filter((name) => name !== own);
  if (others.length === 0) return "nothing, since it has no other location";
  const shown = others.slice(0, 5).join(", ");
  return `one of ${shown}${others.length > 5 ? ", …" : ""}`;
}

/** A location that names another as peer, when that one does not want it. */
function checkContradictions(
  { name: own, path, fields }: LocationView,
  byName: ReadonlyMap<string, LocationView>,
  mistakes: MistakeList,
): void {
  for (const [place, name] of (fields.peers ?? []).entries()) {
    const other = byName.get(name);
    if (other === undefined || name === own) continue;
    const at = [...path, "peers", place];
    if (other.fields.peers && !other.fields.peers.includes(own)) {
      mistakes.add(at, `${name} lists its peers without ${own}: add ${own} there, or remove ${name} here`);
    }
    if (other.fields.excludes?.includes(own)) {
      mistakes.add(at, `${name} excludes ${own}: remove ${own} there, or remove ${name} here`);
    }
  }
}

/** Notes transits that cannot work: of a location that is no peer, or of one that another peer passes on too. */
export function checkTransits(reach: Reach, mistakes: MistakeList): void {
  const { locations, arePeers, doublePasses } = reach;
  const numberOf = new Map(locations.map(({ name }, place) => [name, place]));
  for (const [via, { path, fields }] of locations.entries()) {
    for (const [place, name] of (fields.transits ?? []).entries()) {
      const origin = numberOf.get(name);
      if (origin === undefined || origin === via || arePeers(via, origin)) continue;
      const reason = `not a peer, so nothing of it can be passed on: let the two be peers, or remove ${name} here`;
      mistakes.add([...path, "transits", place], reason);
    }
  }
  for (const [at, origin, first, second] of doublePasses) {
    const [far, passed, one, two] = [locations[at], locations[origin], locations[first], locations[second]];
    if (!far || !passed || !one || !two) continue;
    const reason = `${one.name} passes ${passed.name} on to ${far.name} too: let only one of the two transit it`;
    mistakes.add([...two.path, "transits", (two.fields.transits ?? []).indexOf(passed.name)], reason);
    if (mistakes.isFull()) return;
  }
}
