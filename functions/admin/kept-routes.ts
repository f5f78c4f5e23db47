import { familyOf } from "../../shared/domain/cidr.ts";
import { type Cloud, cloudText, familiesOf } from "../../shared/domain/clouds/cloud.ts";
import { reachedNetworks } from "../../shared/domain/topology.ts";
import type { RoutesDescription } from "../../shared/export/description.ts";
import type { Answer } from "./http.ts";
import { findLocation, locationName } from "./places.ts";
import { Refusal } from "./refusal.ts";
import type { Call } from "./router.ts";
import { readEntries } from "./strays.ts";

/** GET routes/{link}/{location}: which destinations in which tables are Pointsman's, by network file and ledger. */
export async function keptRoutes({ deps, param }: Call): Promise<Answer> {
  const { network } = (await deps.store.readNetwork()).value;
  const place = findLocation(network, param("link"), param("location"));
  const { link, location } = place;
  const { cloud } = location;
  if (cloud === undefined) {
    throw new Refusal(409, "no-cloud", `${locationName(place)} has no cloud: Pointsman keeps no routes there`, {
      next: "ask for a location with a cloud; `pointsman status` shows who has routes",
    });
  }
  const entries = (await readEntries(deps)).filter(
    ({ value }) => value.locationId === location.id && (value.state === "owned" || value.state === "intended"),
  );
  const owned = entries
    .map(({ tableId, value }) => ({ table: tableId, destination: value.destination }))
    .sort((a, b) => (`${a.table} ${a.destination}` < `${b.table} ${b.destination}` ? -1 : 1));
  const named = cloud.routeTables.by === "id" ? cloud.routeTables.ids : [];
  const families = familiesOf(cloud);
  const body: RoutesDescription = {
    link: link.name,
    location: location.name,
    provider: cloud.provider,
    place: cloudText(cloud),
    strategy: strategyOf(cloud),
    destinations: reachedNetworks(link, location).filter((destination) => families.has(familyOf(destination))),
    tables: [...new Set([...named, ...owned.map(({ table }) => table)])].sort(),
    owned,
  };
  return { body };
}

function strategyOf(cloud: Cloud): RoutesDescription["strategy"] {
  if (cloud.provider === "aws" && cloud.prefixList !== undefined) return "prefix-list";
  return cloud.provider === "oci" && cloud.floatingIp !== undefined ? "floating-ip" : "routes";
}
