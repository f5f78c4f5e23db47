import { type Cloud, isSameNetwork, networkKey, tablesText } from "../domain/clouds/cloud.ts";
import { compileCloud } from "./clouds/compile.ts";
import type { MistakeList } from "./mistakes.ts";
import type { Reach } from "./reach.ts";
import { type Path, pathText } from "./wording.ts";

type Claim = {
  readonly label: string;
  readonly path: Path;
  readonly cloud: Cloud;
  /** The networks that the location reaches: computed when first needed. */
  destinations(): ReadonlySet<string>;
};

/**
 * Notes routes that two locations would both own: the same destination in the same route table. Only tables that are
 * certain to be the same count; tables by tag are known to the cloud alone, and the ledger of routes guards those.
 */
export function checkTables(reaches: readonly { link: string; reach: Reach }[], mistakes: MistakeList): void {
  const byProvider = new Map<string, Claim[]>();
  for (const claim of reaches.flatMap(({ link, reach }) => claimsOf(link, reach))) {
    const before = byProvider.get(claim.cloud.provider) ?? [];
    byProvider.set(claim.cloud.provider, before);
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
    return [{ label: `${link}/${name}`, path, cloud: compileCloud(cloud), destinations }];
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
  const hasChoice = later.cloud.provider !== "gcp" && later.cloud.provider !== "hetzner";
  const path = [...later.path, "cloud", ...(hasChoice ? ["routeTables"] : [])];
  mistakes.add(path, reason, hasChoice ? tablesText(later.cloud.routeTables) : undefined);
}

/** A table that both are certain to write to, in words; undefined if there is none that is certain. */
function sharedTable(a: Cloud, b: Cloud): string | undefined {
  const [from, to] = [a.routeTables, b.routeTables];
  if (from.by === "id" && to.by === "id") return from.ids.find((table) => to.ids.includes(table));
  if (!isSameNetwork(a, b)) return undefined;
  if (from.by === "network") return to.by === "id" ? to.ids[0] : `every table of ${networkKey(a)}`;
  if (to.by === "network") return from.by === "id" ? from.ids[0] : `every table of ${networkKey(a)}`;
  return tablesText(from) === tablesText(to) ? `tables with ${tablesText(to)}` : undefined;
}
