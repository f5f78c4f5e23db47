import type { LinkView, LocationView } from "./view.ts";

/**
 * Which locations of one link hold tunnels with each other, and whose networks each reaches. Locations are numbered
 * in the order of the view. The same rules as `domain/topology.ts`, on a file that may still be wrong in places.
 */
export type Reach = {
  readonly locations: readonly LocationView[];
  arePeers(a: number, b: number): boolean;
  /** Whether `at` has `origin`'s networks in its tunnels or on its own side. */
  sees(at: number, origin: number): boolean;
  /** Where an origin is passed on to a location by two of its peers: `[at, origin, first peer, second peer]`. */
  readonly doublePasses: readonly (readonly [number, number, number, number])[];
};

/** The reach of a link, or undefined when parts of it that decide on peers cannot be understood. */
export function reachOf(link: LinkView): Reach | undefined {
  const { locations } = link;
  const deciding = ["peers", "excludes", "transits"] as const;
  const isUnsound = ({ given, fields }: LocationView) =>
    deciding.some((field) => given.has(field) && fields[field] === undefined);
  if (locations === undefined || locations.some(isUnsound)) return undefined;

  const count = locations.length;
  const allowed = locations.map((location) => allowedPeers(location, locations));
  const arePeers = (a: number, b: number) => a !== b && allowed[a]?.[b] === 1 && allowed[b]?.[a] === 1;
  const seen = locations.map((_, at) =>
    Uint8Array.from({ length: count }, (_, to) => (at === to || arePeers(at, to) ? 1 : 0)),
  );
  const doublePasses = passOn(locations, arePeers, seen);
  return { locations, arePeers, sees: (at, origin) => seen[at]?.[origin] === 1, doublePasses };
}

function allowedPeers({ fields }: LocationView, locations: readonly LocationView[]): Uint8Array {
  const peers = fields.peers && new Set(fields.peers);
  const excludes = new Set(fields.excludes);
  return Uint8Array.from(locations, ({ name }) => ((peers ? peers.has(name) : !excludes.has(name)) ? 1 : 0));
}

/** Adds to `seen` what is passed on by transits, and returns what is passed on twice. */
function passOn(
  locations: readonly LocationView[],
  arePeers: (a: number, b: number) => boolean,
  seen: readonly Uint8Array[],
): [number, number, number, number][] {
  const doublePasses: [number, number, number, number][] = [];
  const numberOf = new Map(locations.map(({ name }, place) => [name, place]));
  const passers = new Map<number, number>();
  for (const [via, { fields }] of locations.entries()) {
    for (const name of new Set(fields.transits)) {
      const origin = numberOf.get(name);
      if (origin === undefined || !arePeers(via, origin)) continue;
      for (let at = 0; at < locations.length; at++) {
        if (at === origin || !arePeers(via, at) || arePeers(at, origin)) continue;
        const key = at * locations.length + origin;
        const first = passers.get(key);
        if (first !== undefined) doublePasses.push([at, origin, first, via]);
        else passers.set(key, via);
        const row = seen[at];
        if (row) row[origin] = 1;
      }
    }
  }
  return doublePasses;
}
