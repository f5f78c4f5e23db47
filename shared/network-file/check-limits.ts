import { limits } from "../domain/limits.ts";
import type { MistakeList } from "./mistakes.ts";
import type { LinkView, LocationView } from "./view.ts";
import type { Path } from "./wording.ts";

const bounds = limits.networkFile;

/** Notes what the file has too many or too few of. Returns whether it is small enough for the checks that compare. */
export function checkLimits(links: readonly LinkView[], mistakes: MistakeList): boolean {
  let isSmall = true;
  const atMost = (path: Path, count: number, most: number, what: string, write: string) => {
    if (count <= most) return;
    isSmall = false;
    mistakes.add(path, `more than ${most} ${what}: ${write}`, count);
  };
  const sum = (count: (location: LocationView) => number) =>
    links.flatMap((link) => link.locations ?? []).reduce((total, location) => total + count(location), 0);

  const split = "run a second Pointsman for the rest";
  atMost(["links"], links.length, bounds.links, "links", split);
  atMost(
    ["links"],
    sum(() => 1),
    bounds.locations,
    "locations in all links",
    split,
  );
  atMost(
    ["links"],
    sum(({ hosts }) => hosts?.length ?? 0),
    bounds.hosts,
    "hosts in all links",
    split,
  );
  atMost(
    ["links"],
    sum(({ networkCount }) => networkCount ?? 0),
    bounds.networks,
    "networks in all locations",
    "join neighbours into larger networks",
  );
  for (const link of links) {
    const locations = link.locations ?? [];
    const hosts = locations.reduce((total, location) => total + (location.hosts?.length ?? 0), 0);
    const path = [...link.path, "locations"];
    atMost(path, locations.length, bounds.locationsPerLink, "locations in one link", "make two links of it");
    atMost(path, hosts, bounds.hostsPerLink, "hosts in one link", "make two links of it");
    for (const { path: at, networkCount, hosts: own } of locations) {
      const join = "join neighbours into larger networks";
      atMost([...at, "networks"], networkCount ?? 0, bounds.networksPerLocation, "networks in one location", join);
      atMost([...at, "hosts"], own?.length ?? 0, bounds.hostsPerLocation, "hosts in one location", "leave some out");
    }
  }
  for (const link of links) noteEmpty(link, mistakes);
  return isSmall;
}

function noteEmpty({ path, locations }: LinkView, mistakes: MistakeList): void {
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
