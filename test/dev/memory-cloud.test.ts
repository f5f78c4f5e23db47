import { memoryCloud } from "../../dev/memory-cloud.ts";
import type { RouteTables } from "../../shared/domain/clouds/route-tables.ts";
import { RouteError } from "../../shared/domain/errors.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import type { RouteProvider } from "../../shared/ports/route-provider.ts";
import type { ContractWorld, Mishap, Selection } from "../providers/contract/world.ts";
import { providerContract } from "../providers/contract.ts";

const home = "vpc-home";

const refusals: Readonly<Record<Exclude<Mishap, "answer lost">, [RouteError["code"], RouteError["retry"]]>> = {
  throttled: ["THROTTLED", "soon"],
  denied: ["DENIED", "later"],
  "cloud fault": ["CLOUD_FAULT", "soon"],
  "lost on its way": ["TIMED_OUT", "soon"],
};

async function makeWorld(shape: { readonly tables: number }): Promise<ContractWorld> {
  const cloud = memoryCloud(systemClock, { parallel: 4 });
  const tables = Array.from({ length: shape.tables }, (_, at) => `rtb-${String(at).padStart(4, "0")}`);
  for (const [at, id] of tables.entries()) {
    cloud.addTable({ id, vpc: home, tags: at < 2 ? { routes: "yes" } : {} });
    cloud.set(id, "10.0.0.0/16", "local", { isStatic: false });
  }
  cloud.addTable({ id: "rtb-elsewhere", vpc: "vpc-2" });
  cloud.addInterface({ id: "eni-a", vpc: home, address: "10.0.0.4", hostId: "hosta", instance: "i-a" });
  cloud.addInterface({ id: "eni-b", vpc: home, address: "10.0.0.5", hostId: "hostb" });
  cloud.addInterface({ id: "eni-untagged", vpc: home, address: "10.0.0.6" });
  cloud.addInterface({ id: "eni-elsewhere", vpc: "vpc-2", address: "10.99.0.4", hostId: "hostz" });
  const changing = () => cloud.calls.filter((call) => ["create", "replace", "remove"].includes(call.kind));
  return {
    tables,
    tableElsewhere: "rtb-elsewhere",
    tableMissing: "rtb-missing",
    interfaces: { a: "eni-a", b: "eni-b", untagged: "eni-untagged", elsewhere: "eni-elsewhere" },
    interfaceMissing: "eni-missing",
    addresses: { a: "10.0.0.4", b: "10.0.0.5", untagged: "10.0.0.6", elsewhere: "10.99.0.4" },
    instanceOfA: "i-a",
    open: (selection) => opened(cloud, selection),
    plant: async (table, destination, target) => cloud.set(table, destination, target === "gateway" ? "nat-1" : target),
    standing: async (table) =>
      new Map(
        Object.entries(cloud.standing())
          .filter(([place, target]) => place.startsWith(`${table} `) && target !== "local")
          .map(([place, target]) => [place.slice(table.length + 1), target]),
      ),
    changingCalls: () => changing().length,
    gaps: () => cloud.history.filter((one) => one.target === undefined).map((one) => one.destination),
    mishap(mishap, destination) {
      let isOver = false;
      const strike = (call: { readonly kind: string; readonly destination: string; readonly table: string }) => {
        const isMeant = ["create", "replace", "remove"].includes(call.kind);
        if (isOver || !isMeant || (destination ?? call.destination) !== call.destination) return undefined;
        isOver = true;
        const [code, retry] = mishap === "answer lost" ? (["TIMED_OUT", "soon"] as const) : refusals[mishap];
        const message = `${call.destination} in ${call.table}: ${mishap}`;
        return new RouteError(code, message, { retry, next: "see the message" });
      };
      if (mishap === "answer lost") cloud.faults.answer = strike;
      else cloud.faults.refuse = strike;
    },
    detachA: () => cloud.detachInterface("eni-a"),
    fillQuota() {
      cloud.faults.refuse = (call) =>
        call.kind === "create" ? new RouteError("QUOTA", "full", { retry: "later", next: "ask for more" }) : undefined;
    },
    close: async () => undefined,
  };
}

function opened(cloud: ReturnType<typeof memoryCloud>, selection: Selection): RouteProvider {
  const routeTables: RouteTables =
    selection.by === "tag"
      ? { by: "tag", key: "routes", value: selection.value }
      : selection.by === "id"
        ? { by: "id", ids: [...selection.ids] }
        : selection;
  const open = cloud.open("contract");
  return openedLater(open({ provider: "aws", region: "eu-central-1", vpc: home, routeTables }));
}

/** A provider that is still being opened. */
function openedLater(opening: Promise<RouteProvider>): RouteProvider {
  return {
    survey: async (signal) => (await opening).survey(signal),
    read: async (tables, signal) => (await opening).read(tables, signal),
    targets: async (hosts, signal) => (await opening).targets(hosts, signal),
    write: async (changes, guard, signal) => (await opening).write(changes, guard, signal),
  };
}

providerContract("the memory cloud", makeWorld);
