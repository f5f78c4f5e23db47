import { tokenBuckets } from "../../dev/emulators/common/buckets.ts";
import { EC2_BUCKETS } from "../../dev/emulators/ec2/buckets.ts";
import { createTruth } from "../../dev/memory-cloud-truth.ts";
import type { RouteTables } from "../../shared/domain/clouds/route-tables.ts";
import { createBook } from "../../sim/cloud/book.ts";
import { createCalls } from "../../sim/cloud/calls.ts";
import type { Ground } from "../../sim/cloud/ground.ts";
import { insideOf, openEtag, openReplace } from "../../sim/cloud/memory.ts";
import { timelineClock } from "../../sim/cloud/timeline-clock.ts";
import { createWire } from "../../sim/cloud/wire.ts";
import { type Chance, chanceOf } from "../../sim/engine/chance.ts";
import type { Fact } from "../../sim/facts.ts";
import type { WeatherKind } from "../../sim/faults/kinds.ts";
import { createProcess } from "../../sim/platform/process.ts";
import type { ContractWorld, Mishap, Selection } from "../providers/contract/world.ts";
import { providerContract } from "../providers/contract.ts";
import { calmWeather, restlessTimeline } from "./cloud-parts.ts";

const home = "vpc-home";
const mishaps: Readonly<Record<Mishap, readonly [WeatherKind, how: string]>> = {
  throttled: ["cloud-throttle", ""],
  denied: ["cloud-refuse", "denied"],
  "cloud fault": ["cloud-refuse", "fault"],
  "lost on its way": ["cloud-refuse", "lost"],
  "answer lost": ["cloud-lost-answer", "dropped"],
};

type Open = (ground: Ground, process: ReturnType<typeof createProcess>) => ReturnType<typeof openReplace>;

function worldOf(open: Open) {
  return async (shape: { readonly tables: number }): Promise<ContractWorld> => {
    const timeline = restlessTimeline();
    const clock = timelineClock(timeline);
    const chance = chanceOf(1);
    const truth = createTruth(clock);
    const inside = insideOf(truth);
    const tables = Array.from({ length: shape.tables }, (_, at) => `rtb-${String(at).padStart(4, "0")}`);
    for (const [at, id] of tables.entries()) {
      truth.addTable({ id, vpc: home, tags: at < 2 ? { routes: "yes" } : {} });
      truth.put(id, "10.0.0.0/16", "local", false);
    }
    inside.addTable("rtb-elsewhere", "vpc-2", "10.99.0.0/16");
    truth.addInterface({ id: "eni-a", vpc: home, address: "10.0.0.4", hostId: "hosta", instance: "i-a" });
    inside.putInterface({ id: "eni-b", vpc: home, address: "10.0.0.5", tag: "hostb" });
    inside.putInterface({ id: "eni-untagged", vpc: home, address: "10.0.0.6", tag: undefined });
    inside.putInterface({ id: "eni-elsewhere", vpc: "vpc-2", address: "10.99.0.4", tag: "hostz" });

    const struck: { kind: WeatherKind; how: string; destination: string }[] = [];
    const isMeant = (kind: WeatherKind, what: string) => (one: (typeof struck)[number]) =>
      one.kind === kind && /^(?:create|replace|remove|update) /.test(what) && what.includes(one.destination);
    let how = "";
    const pick = <T>(from: readonly T[]): T => from.find((one) => one === how) ?? chance.pick(from);
    const details: Chance = { ...chance, pick };
    const weather = calmWeather(details, (kind, what) => {
      const at = struck.findIndex(isMeant(kind, what));
      how = struck[at]?.how ?? "";
      if (at >= 0) struck.splice(at, 1);
      return at >= 0;
    });

    const facts: Fact[] = [];
    const parts = { nowMs: timeline.nowMs, observe: (fact: Fact) => void facts.push(fact) };
    const book = createBook({ ...parts, inside, isAttached: truth.hasInterface });
    const takeToken = tokenBuckets(clock);
    const ground: Ground = {
      truth,
      wire: { ...createWire({ timeline, weather, chance, isDown: () => false }), lagMs: () => 0 },
      calls: createCalls({ ...parts, cloud: "replace", book }),
      hasToken: (kind) => takeToken(kind, EC2_BUCKETS.change),
    };
    const role = "routes";
    const process = createProcess({
      name: "p",
      role,
      clockOffsetMs: 0,
      timeline,
      weather,
      chance,
      killed: () => undefined,
    });
    const provider = open(ground, process);
    const opened = (selection: Selection) =>
      provider({ provider: "aws", region: "us-east-1", vpc: home, routeTables: tablesOf(selection) });
    return {
      tables,
      tableElsewhere: "rtb-elsewhere",
      tableMissing: "rtb-missing",
      interfaces: { a: "eni-a", b: "eni-b", untagged: "eni-untagged", elsewhere: "eni-elsewhere" },
      interfaceMissing: "eni-missing",
      addresses: { a: "10.0.0.4", b: "10.0.0.5", untagged: "10.0.0.6", elsewhere: "10.99.0.4" },
      instanceOfA: "i-a",
      open: (selection) => ({
        survey: async (signal) => (await opened(selection)).survey(signal),
        read: async (refs, signal) => (await opened(selection)).read(refs, signal),
        targets: async (hosts, signal) => (await opened(selection)).targets(hosts, signal),
        write: async (changes, guard, signal) => (await opened(selection)).write(changes, guard, signal),
      }),
      plant: async (table, destination, target) =>
        book.meddle(table, destination, target === "gateway" ? "nat-1" : target),
      standing: async (table) =>
        new Map(
          book
            .routes(table)
            .filter((route) => route.target !== "local")
            .map((route) => [route.destination, route.target]),
        ),
      changingCalls: () => facts.filter((fact) => fact.kind === "call-started").length,
      gaps: () =>
        facts.flatMap((fact) =>
          fact.kind === "call-landed" && fact.call.after === undefined ? [fact.call.destination] : [],
        ),
      mishap(mishap, destination = "") {
        const [kind, how] = mishaps[mishap];
        struck.push({ kind, how, destination });
      },
      detachA: () => inside.detachInterface("eni-a"),
      fillQuota() {
        truth.routesMost = 0;
      },
      close: async () => undefined,
    };
  };
}

function tablesOf(selection: Selection): RouteTables {
  if (selection.by === "tag") return { by: "tag", key: "routes", value: selection.value };
  return selection.by === "id" ? { by: "id", ids: [...selection.ids] } : selection;
}

providerContract("the simulator's cloud that changes routes one by one", worldOf(openReplace));
providerContract(
  "the simulator's cloud that changes tables on their etag",
  worldOf((ground, process) => openEtag(ground, process, 1)),
);

const together = "all changes of a table go in one call";
providerContract(
  "the simulator's cloud that changes tables on their etag, as a whole",
  worldOf((ground, process) => openEtag(ground, process, 100)),
  {
    "says who may not do what where, and applies the rest": together,
    "does not repeat a call that the cloud failed": together,
    "writes what was throttled in its turn, each attempt with its own guard": together,
    "begins no call that its guard has not let through, and none after the guard refused one": together,
    "begins no call after the signal aborts, and waits for those that are under way": together,
  },
);
