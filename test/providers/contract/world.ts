import type {
  Guard,
  RouteProvider,
  RouteTarget,
  Survey,
  TableRef,
  Turn,
} from "../../../shared/ports/route-provider.ts";

/** Which tables a location names. */
export type Selection =
  | { readonly by: "id"; readonly ids: readonly string[] }
  | { readonly by: "tag"; readonly value: string }
  | { readonly by: "network" };

/** What can be made to happen to the next calls that change a route. */
export type Mishap = "throttled" | "denied" | "cloud fault" | "answer lost" | "lost on its way";

/** Hosts `hosta` and `hostb` own the interfaces `a` and `b`; `untagged` is nobody's, `elsewhere` is in another network. */
type Interfaces = {
  readonly a: string;
  readonly b: string;
  readonly untagged: string;
  readonly elsewhere: string;
};

/**
 * A network in a cloud (emulated or real) as every provider's contract needs it: some tables, of which the first two
 * carry the routes' tag with the value `yes`; interfaces with addresses; and one table and one interface in another network.
 */
export type ContractWorld = {
  open(selection: Selection): RouteProvider;
  readonly tables: readonly string[];
  readonly tableElsewhere: string;
  readonly tableMissing: string;
  readonly interfaces: Interfaces;
  readonly interfaceMissing: string;
  /** What a host's settings call each interface, in clouds where that is not what routes point at. */
  readonly named?: Interfaces & { readonly missing: string };
  /** The mark by which an interface says whose it is; `pointsman:host` when left out. */
  readonly mark?: string;
  /** The private address of each interface. */
  readonly addresses: Interfaces;
  /** Changing calls that one replacement takes; one when left out. */
  readonly callsPerReplace?: number;
  /** The instance that interface `a` belongs to. */
  readonly instanceOfA: string;
  /** Puts a route as somebody else would; `"gateway"` is a target that is no interface. */
  plant(table: string, destination: string, target: RouteTarget | "gateway"): Promise<void>;
  /** What really stands in a table now, by destination, without what the cloud put there itself. */
  standing(table: string): Promise<ReadonlyMap<string, RouteTarget>>;
  /** Calls that changed, or tried to change, a route so far. */
  changingCalls(): number;
  /** Destinations that were without a working route at any time since the world was made. */
  gaps(): readonly string[];
  mishap(mishap: Mishap, destination?: string): void;
  /** Takes interface `a` off its instance. */
  detachA(): void;
  /** Lets a table take no more routes than it has. */
  fillQuota(): void;
  close(): Promise<void>;
};

export type MakeWorld = (shape: { readonly tables: number }) => Promise<ContractWorld>;

/** For tests that ask a survey for its tables alone. */
export const tablesIn = (survey: Survey): readonly TableRef[] => survey.tables;

/** A signal that never aborts. */
export const untilDone = (): AbortSignal => new AbortController().signal;

export const mayWrite = (): Promise<void> => Promise.resolve();

/** A write for the first decision of a location. */
export const turnOf = (guard: Guard = mayWrite, epoch = 1): Turn => ({ guard, epoch });

/** The tables of the world in the order of its list, as the provider names them. */
export async function refsOf(world: ContractWorld, provider: RouteProvider): Promise<readonly TableRef[]> {
  const refs = await provider.survey(untilDone()).then(tablesIn);
  return world.tables.flatMap((id) => refs.find((ref) => ref.id === id) ?? []);
}
