import { RouteError } from "../shared/domain/errors.ts";
import type { Route, TableRef } from "../shared/domain/routes.ts";
import type { RouteProvider, Survey, TargetHost, TargetOutcome } from "../shared/ports/route-provider.ts";
import { answer, type Parts } from "./memory-cloud-call.ts";
import { writeAll } from "./memory-cloud-write.ts";

/** The route provider port over the memory cloud, for one process and one location's tables. */
export function memoryProvider(parts: Parts): RouteProvider {
  const { truth, line } = parts;
  const routesOf = (table: TableRef, lagMs: number): readonly Route[] => truth.snapshot(table.id, lagMs)?.routes ?? [];
  return {
    survey(signal) {
      const look = (lagMs: number): Survey => {
        const tables = locationTables(parts);
        return { tables, routes: tables.flatMap((table) => routesOf(table, lagMs)) };
      };
      return line.ask({ kind: "survey", table: "" }, look, signal);
    },
    read(tables, signal) {
      const look = (lagMs: number) => tables.flatMap((table) => routesOf(table, lagMs));
      return line.ask({ kind: "read", table: tables.map((table) => table.id).join(",") }, look, signal);
    },
    targets(hosts, signal) {
      const look = () => hosts.map((host) => resolve(parts, host));
      return line.ask({ kind: "targets", table: "" }, look, signal);
    },
    write: (changes, { guard }, signal) => writeAll(parts, changes, guard, signal),
  };
}

function locationTables({ truth, cloud }: Parts): readonly TableRef[] {
  const found = [...truth.tablesOf(cloud)].sort((a, b) => (a.key < b.key ? -1 : 1));
  const { routeTables } = cloud;
  if (routeTables.by === "id") {
    const missing = routeTables.ids.filter((id) => !truth.hasTable(id));
    if (missing.length > 0) throw answer("TABLE_MISSING", `no route table ${missing.join(", ")}`);
    const elsewhere = routeTables.ids.find((id) => truth.networkOf(id) !== cloud.vpc);
    if (elsewhere !== undefined) {
      const next = `take ${elsewhere} out of the location's routeTables`;
      throw new RouteError("INVALID", `memory: ${elsewhere} is in another network`, { retry: "never", next });
    }
  }
  if (found.length > 0) return found;
  const next = routeTables.by === "tag" ? `set the tag ${routeTables.key} on the tables` : "correct the vpc";
  throw new RouteError("TABLE_MISSING", `memory: no route table in ${cloud.vpc}`, { retry: "later", next });
}

function resolve({ truth, cloud }: Parts, host: TargetHost): TargetOutcome {
  const isHome = (vpc: string | undefined) => vpc === undefined || vpc === cloud.vpc;
  const failed = (code: RouteError["code"], message: string, next = "correct the host's target"): TargetOutcome => {
    const error = new RouteError(code, `memory: ${message}`, { retry: "later", next });
    return { hostId: host.hostId, result: "failed", error };
  };
  if (host.target !== "auto") {
    const named = truth.interfaces().find((one) => one.id === host.target || one.instance === host.target);
    if (named === undefined) return failed("TARGET_MISSING", `no interface ${host.target}`);
    if (!isHome(named.vpc)) return failed("TARGET_NOT_ALLOWED", `${named.id} is in another network`);
    return { hostId: host.hostId, result: "found", target: named.id };
  }
  const at = host.localAddress;
  const atAddress = truth.interfaces().filter((one) => at !== "" && one.address === at && isHome(one.vpc));
  const tagged = atAddress.filter((one) => one.hostId === host.hostId);
  const [only, another] = tagged;
  if (another !== undefined) return failed("TARGET_AMBIGUOUS", `${tagged.length} interfaces have ${at} and the tag`);
  if (only !== undefined) return { hostId: host.hostId, result: "found", target: only.id };
  const [untagged] = atAddress;
  if (untagged === undefined) return failed("TARGET_MISSING", `no interface has the address ${at}`);
  return failed(
    "TARGET_NOT_ALLOWED",
    `${untagged.id} has the address ${at}, but not the host's tag`,
    `if it is the host's own, set its tag pointsman:host=${host.hostId}`,
  );
}
