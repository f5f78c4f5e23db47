import { networkFileLimits } from "../domain/limits.ts";
import type { MistakeList } from "./mistakes.ts";
import { entriesOf, entryOf, sizeOf } from "./raw.ts";
import type { LinkView } from "./view.ts";
import type { Path } from "./wording.ts";

const bounds = networkFileLimits;
const split = "run a second Pointsman for the rest";
const halve = "make two links of it";
const join = "join neighbours into larger networks";

type Counts = { locations: number; hosts: number; networks: number };
type Bound = (path: Path, count: number, most: number, what: string, write: string) => void;

/** Notes what the data of a file has too many of, by counting alone, before anything that costs more is done with it. */
export function checkLimits(data: unknown, mistakes: MistakeList): void {
  const atMost: Bound = (path, count, most, what, write) => {
    if (count > most) mistakes.add(path, `more than ${most} ${what}: ${write}`, count);
  };
  const all: Counts = { locations: 0, hosts: 0, networks: 0 };
  const links = entriesOf(entryOf(data, "links")) ?? [];
  for (const [name, link] of links) {
    const { locations, hosts, networks } = countLink(link, ["links", name, "locations"], atMost);
    all.locations += locations;
    all.hosts += hosts;
    all.networks += networks;
  }
  atMost(["links"], links.length, bounds.links, "links", split);
  atMost(["links"], all.locations, bounds.locations, "locations in all links", split);
  atMost(["links"], all.hosts, bounds.hosts, "hosts in all links", split);
  atMost(["links"], all.networks, bounds.networks, "networks in all locations", join);
}

function countLink(link: unknown, path: Path, atMost: Bound): Counts {
  const locations = entriesOf(entryOf(link, "locations")) ?? [];
  let [hosts, networks] = [0, 0];
  for (const [name, location] of locations) {
    const at = [...path, name];
    const count = (field: string) => sizeOf(entryOf(location, field));
    atMost([...at, "networks"], count("networks"), bounds.networksPerLocation, "networks in one location", join);
    atMost([...at, "hosts"], count("hosts"), bounds.hostsPerLocation, "hosts in one location", "leave some out");
    for (const list of ["peers", "excludes", "transits"]) {
      atMost([...at, list], count(list), bounds.locationsPerLink, "names, as many as a link has", "leave some out");
    }
    hosts += count("hosts");
    networks += count("networks");
  }
  atMost(path, locations.length, bounds.locationsPerLink, "locations in one link", halve);
  atMost(path, hosts, bounds.hostsPerLink, "hosts in one link", halve);
  return { locations: locations.length, hosts, networks };
}

/** Notes links and locations that have nothing in them. */
export function checkEmpty(links: readonly LinkView[], mistakes: MistakeList): void {
  for (const { path, locations } of links) {
    if (locations?.length === 0) {
      mistakes.add([...path, "locations"], "a link without locations: write at least one, or leave the link out");
    }
    for (const { path: at, hosts, networkCount, fields } of locations ?? []) {
      if (hosts?.length === 0) {
        mistakes.add([...at, "hosts"], "a location without hosts: write at least one, or leave the location out");
      }
      if (networkCount === 0 && (fields.transits ?? []).length === 0) {
        const reason = "a location without networks carries nothing: write at least one, or what it transits";
        mistakes.add([...at, "networks"], reason);
      }
    }
  }
}
