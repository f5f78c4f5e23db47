import type { CloudSection, RouteTablesSection } from "./cloud-schema.ts";
import type { MistakeList } from "./mistakes.ts";
import type { Reach } from "./reach.ts";
import { type Path, pathText } from "./wording.ts";

type Claim = {
  readonly label: string;
  readonly path: Path;
  readonly cloud: CloudSection;
  /** The networks that the location reaches: computed when first needed. */
  destinations(): ReadonlySet<string>;
};

/**
 * Notes routes that two locations would both own: the same destination in the same route table. Only tables that are
 * certain to be the same count; tables by tag are known to the cloud alone, and the ledger of routes guards those.
 */
export function checkTables(reaches: readonly { link: string; reach: Reach }[], mistakes: MistakeList): void {
  const byRegion = new Map<string, Claim[]>();
  for (const claim of reaches.flatMap(({ link, reach }) => claimsOf(link, reach))) {
    const before = byRegion.get(claim.cloud.region) ?? [];
    byRegion.set(claim.cloud.region, before);
    for (const earlier of before) {
      checkPair(earlier, claim, mistakes);
      if (mistakes.isFull()) return;
    }
    before.push(claim);
  }
}

function claimsOf(link: string, reach: Reach): Claim[] {
  return reach.locations.flatMap(({ name, path, cloud }, at) => {
    if (cloud === undefined) return [];
    let known: ReadonlySet<string> | undefined;
    const destinations = () => {
      known ??= destinationsOf(reach, at);
      return known;
    };
    return [{ label: `${link}/${name}`, path, cloud, destinations }];
  });
}

function destinationsOf({ locations, sees }: Reach, at: number): ReadonlySet<string> {
  return new Set(
    locations.flatMap(({ networks }, origin) =>
      origin !== at && sees(at, origin) ? (networks ?? []).map(({ cidr }) => cidr) : [],
    ),
  );
}

function checkPair(earlier: Claim, later: Claim, mistakes: MistakeList): void {
  const table = sharedTable(earlier.cloud, later.cloud);
  if (table === undefined) return;
  const ours = later.destinations();
  const shared = [...earlier.destinations()].find((destination) => ours.has(destination));
  if (shared === undefined) return;
  const owner = `the route to ${shared} in ${table} is already that of ${earlier.label} (${pathText(earlier.path)})`;
  const reason = `${owner}: a route has one owner: choose other tables, or let one of the two not reach it`;
  mistakes.add([...later.path, "cloud", "routeTables"], reason, tablesShown(later.cloud.routeTables));
}

/** A table that both are certain to write to, in words; undefined if there is none that is certain. */
function sharedTable(a: CloudSection, b: CloudSection): string | undefined {
  const [tablesA, tablesB] = [a.routeTables, b.routeTables];
  if (Array.isArray(tablesA) && Array.isArray(tablesB)) {
    return tablesA.find((table) => tablesB.includes(table));
  }
  if (a.vpc !== b.vpc) return undefined;
  if (tablesA === "all") return Array.isArray(tablesB) ? tablesB[0] : `every table of ${a.vpc}`;
  if (tablesB === "all") return Array.isArray(tablesA) ? tablesA[0] : `every table of ${a.vpc}`;
  if (!Array.isArray(tablesA) && !Array.isArray(tablesB) && tablesA.tag === tablesB.tag)
    return `tables with ${tablesA.tag}`;
  return undefined;
}

function tablesShown(tables: RouteTablesSection): unknown {
  return Array.isArray(tables) ? tables.join(", ") : tables;
}
