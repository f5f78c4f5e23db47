import { settle } from "../../dev/test-clock.ts";
import type { Cloud } from "../../shared/domain/clouds/cloud.ts";
import type { Network } from "../../shared/domain/network.ts";
import type { RouteChange, RouteProvider, TableRef } from "../../shared/ports/route-provider.ts";
import { createCloud } from "../../sim/cloud/create.ts";
import { chanceOf } from "../../sim/engine/chance.ts";
import { createTimeline } from "../../sim/engine/timeline.ts";
import type { Fact, RouteCall } from "../../sim/facts.ts";
import type { Incident } from "../../sim/faults/kinds.ts";
import { createWeather } from "../../sim/faults/weather.ts";
import { createProcess, type Process } from "../../sim/platform/process.ts";
import type { CloudKind, HostShape, Shape } from "../../sim/world/shape.ts";
import { host, link, location, network } from "../fixtures/network.ts";

/** No work takes longer, ms. */
const longestMs = 3_600_000;

export type CloudWorld = Awaited<ReturnType<typeof createCloudWorld>>;

export const never = (): AbortSignal => new AbortController().signal;
export const mayWrite = (): Promise<void> => Promise.resolve();

const hostShape = (name: string, target: HostShape["target"]): HostShape => ({
  name,
  priority: 10,
  timeoutS: 10,
  backoffS: 10,
  target,
});

/** Three sites: the hosts of the first two are found by address and tag, those of the third are named by interface. */
export function shapeOn(cloud: CloudKind): Shape {
  const locations = ([0, 1, 2] as const).map((at) => {
    const target = at === 2 ? ("interface" as const) : ("auto" as const);
    return {
      name: `site${at}`,
      network: `10.${at + 1}.0.0/16`,
      vpc: `vpc-${at}`,
      tables: [`rtb-${at}a`, `rtb-${at}b`],
      failback: "auto" as const,
      holdUpS: 10,
      removeRoutes: false,
      hosts: [hostShape("h0", target), hostShape("h1", target)],
    };
  });
  return { linkName: "mesh", hostCheck: true, tunnelTimeoutS: 45, cloud, locations };
}

/** The configuration of the shape; a host's id is its place, such as `site0h1`. */
export function networkOf(shape: Shape, version = 1): Network {
  const locations = shape.locations.map((one) =>
    location(
      one.name,
      one.hosts.map(({ name, target }) =>
        host(`${one.name}${name}`, { name, target: target === "auto" ? "auto" : `eni-${one.name}-${name}` }),
      ),
      { networks: [one.network], cloud: cloudOf(shape, one.name) },
    ),
  );
  return network([link("mesh", locations)], version);
}

function cloudOf(shape: Shape, name: string): Cloud {
  const found = shape.locations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no location ${name}`);
  const { vpc, tables } = found;
  return { provider: "aws", region: "us-east-1", vpc, routeTables: { by: "id", ids: [...tables] } };
}

/** A cloud of some kind in a world of its own, without anything else. */
export async function createCloudWorld(kind: CloudKind, seed = 1) {
  const timeline = createTimeline(1_700_000_000_000);
  const chance = chanceOf(seed);
  const facts: Fact[] = [];
  const observe = (fact: Fact): void => void facts.push(fact);
  const weather = createWeather(timeline, chance.fork("weather"), observe);
  const shape = shapeOn(kind);
  const cloud = await createCloud({ timeline, weather, chance: chance.fork("cloud"), observe, shape });
  cloud.configure(networkOf(shape));

  const processOf = (name: string): Process =>
    createProcess({
      name,
      role: "routes",
      clockOffsetMs: 0,
      timeline,
      weather,
      chance: chance.fork(name),
      killed: () => undefined,
    });
  const drive = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = (): void => {
      isOver = true;
      timeline.stop();
    };
    work.then(over, over);
    await settle();
    if (!isOver) await timeline.run(timeline.nowMs() + longestMs);
    await settle();
    if (!isOver) throw new Error("the work does not end");
    return work;
  };
  const providerIn = (process: Process, name = "site0"): Promise<RouteProvider> =>
    cloud.open(process)(cloudOf(shape, name));

  return {
    timeline,
    weather,
    shape,
    cloud,
    facts,
    processOf,
    providerIn,
    drive,
    /** Lets time pass, ms. */
    live: (ms: number) => timeline.run(timeline.nowMs() + ms),
    /** Begins a spell of weather that is as bad as it gets. */
    storm: (kind: Incident["kind"]) => weather.begin({ number: 0, kind, fromMs: 0, toMs: 3_600_000, roll: 0.999 }),
    landed: (): readonly RouteCall[] => facts.flatMap((fact) => (fact.kind === "call-landed" ? [fact.call] : [])),
    started: (): readonly RouteCall[] => facts.flatMap((fact) => (fact.kind === "call-started" ? [fact.call] : [])),
    target: (table: string, destination: string) =>
      cloud.routes(table).find((route) => route.destination === destination)?.target,
  };
}

export const tableA: TableRef = { key: "a", id: "rtb-0a" };
export const tableB: TableRef = { key: "b", id: "rtb-0b" };
export const there = "10.2.0.0/16";

export const create = (target: string, table = tableA, destination = there): RouteChange => ({
  kind: "create",
  table,
  destination,
  target,
});
export const replace = (target: string, table = tableA, destination = there): RouteChange => ({
  kind: "replace",
  table,
  destination,
  target,
  found: "",
});
export const remove = (table = tableA, destination = there): RouteChange => ({
  kind: "remove",
  table,
  destination,
  found: "",
});
