import type { PrefixList } from "../../../../dev/emulators/ec2/prefix-lists/list.ts";
import type { WorldSeed } from "../../../../dev/emulators/ec2/world.ts";
import type {
  ChangeOutcome,
  Guard,
  RouteChange,
  RouteProvider,
  Survey,
} from "../../../../shared/ports/route-provider.ts";
import { awsListProvider } from "../../../../shared/providers/aws/prefix-lists/provider.ts";
import { mayWrite, turnOf, untilDone } from "../../contract/world.ts";
import { cloudOf, REGION } from "../emulated-world.ts";
import { routesWorld, type VirtualWorld, virtualWorld } from "../virtual.ts";

export const LOCATION = "here";
export const listKey = (family: 4 | 6 = 4) => `aws/${REGION}/prefix-list/${LOCATION}/ipv${family}`;
export const tableKey = (id: string) => `aws/${REGION}/${id}/prefix-list/${LOCATION}`;
export const listRoute = (family: 4 | 6 = 4) => `prefix-list/ipv${family}`;

/** The n-th network of many. */
export const network = (at: number): string => `10.${100 + (at >> 8)}.${at & 255}.0/24`;
export const networks = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => network(at));

export type ListWorld = VirtualWorld & {
  provider(maxEntries?: number): RouteProvider;
  survey(provider?: RouteProvider): Promise<Survey>;
  write(
    changes: readonly RouteChange[],
    more?: { provider?: RouteProvider; guard?: Guard; signal?: AbortSignal },
  ): Promise<readonly ChangeOutcome[]>;
  list(family?: 4 | 6): PrefixList | undefined;
  entries(family?: 4 | 6): readonly string[];
  /** Actions of the changing calls so far. */
  called(): readonly string[];
};

/** The strategy of prefix lists on the emulator in virtual time: tables rtb-1 and rtb-2, interfaces eni-a and eni-b. */
export async function listWorld(seed: WorldSeed = routesWorld(0), maxEntries = 250): Promise<ListWorld> {
  const world = await virtualWorld(seed);
  const cloud = cloudOf("vpc-1", { by: "network" });
  const open = (most = maxEntries) =>
    awsListProvider({ ...cloud, prefixList: { maxEntries: most } }, LOCATION, world.client, world.clock);
  const region = world.emulator.control.region(REGION);
  const provider = open();
  const list = (family: 4 | 6 = 4) => region.lists().find((one) => one.family === `IPv${family}`);
  return {
    ...world,
    provider: open,
    survey: async (other = provider) => (await world.drive(other.survey(untilDone()))).value,
    async write(changes, { provider: other = provider, guard = mayWrite, signal = untilDone() } = {}) {
      return (await world.drive(other.write(changes, turnOf(guard), signal))).value;
    },
    list,
    entries: (family = 4) => [...(list(family)?.entries.keys() ?? [])].sort(),
    called: () => world.emulator.control.calls().map(({ action }) => action),
  };
}

const listRef = (family: 4 | 6) => ({ key: listKey(family), id: "" });
const tableRef = (id: string) => ({ key: tableKey(id), id });
const familyIn = (cidr: string) => (cidr.includes(":") ? 6 : 4);

export const putIn = (destination: string): RouteChange => ({
  kind: "create",
  table: listRef(familyIn(destination)),
  destination,
  target: "entry",
});
export const takeOut = (destination: string): RouteChange => ({
  kind: "remove",
  table: listRef(familyIn(destination)),
  destination,
  found: "entry",
});
export const keepIn = (destination: string): RouteChange => ({
  kind: "replace",
  table: listRef(familyIn(destination)),
  destination,
  target: "entry",
  found: "entry",
});
export const routeTo = (table: string, target: string, family: 4 | 6 = 4): RouteChange => ({
  kind: "create",
  table: tableRef(table),
  destination: listRoute(family),
  target,
});
export const moveTo = (table: string, target: string, found: string, family: 4 | 6 = 4): RouteChange => ({
  kind: "replace",
  table: tableRef(table),
  destination: listRoute(family),
  target,
  found,
});
export const noRoute = (table: string, found: string, family: 4 | 6 = 4): RouteChange => ({
  kind: "remove",
  table: tableRef(table),
  destination: listRoute(family),
  found,
});

/** What became of each change: `written`, or the code of its error. */
export const results = (outcomes: readonly ChangeOutcome[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.result === "written" ? "written" : outcome.error.code));

export function errorIn(outcomes: readonly ChangeOutcome[], at = 0) {
  const outcome = outcomes[at];
  if (outcome?.result !== "failed") throw new Error("the change was written");
  return outcome.error;
}
