import { PrivateIp } from "oci-core/lib/model/private-ip.js";
import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { Route, RouteChange, TableRef } from "../../ports/route-provider.ts";
import type { WriteRun } from "../common/write-run.ts";
import { change as changing, isChangedMeanwhile, type OciSession, read } from "./call.ts";
import type { OciNetwork } from "./client.ts";
import { type Call, routeError } from "./errors.ts";
import { judge } from "./rules.ts";

/** A private IP that is moved from host to host is a table of one destination, its own address, whose target is a VNIC. */
export function addressTable({ region }: OciSession, floatingIp: string, { ipAddress = "" }: PrivateIp): TableRef {
  const destination = `${ipAddress}/32`;
  return { key: `oci/${region}/${floatingIp}`, id: floatingIp, holds: { kind: "one", destination } };
}

/** Where the address is now: nowhere, when it is on no VNIC. */
export function addressRoute(table: TableRef, { ipAddress = "", vnicId }: PrivateIp): readonly Route[] {
  if (!vnicId) return [];
  return [{ table, destination: `${ipAddress}/32`, target: vnicId, state: "active", isStatic: true }];
}

/** The address as OCI shows it, and its etag. Throws `RouteError` TABLE_MISSING when it is gone, INVALID when it cannot be moved. */
export async function readAddress(
  session: OciSession,
  floatingIp: string,
  signal: AbortSignal,
): Promise<{ readonly address: PrivateIp; readonly etag: string }> {
  const { region } = session;
  const call = { operation: "GetPrivateIp", region, about: floatingIp, absent: "TABLE_MISSING" } as const;
  const answer = await read(session, call, (network) => network.getPrivateIp({ privateIpId: floatingIp }), signal);
  const { privateIp: address, etag } = answer;
  if (address.isPrimary !== true) return { address, etag };
  throw new RouteError(
    "INVALID",
    `oci: ${floatingIp} is the primary private IP of ${address.vnicId}, which cannot move`,
    {
      retry: "never",
      next: "make a secondary private IP, and name that as the location's floatingIp",
    },
  );
}

/**
 * Moves the address to the VNIC of the active host, or takes it off its VNIC: reads it with its etag, asks the guard,
 * and changes it on that etag. One that somebody else moved meanwhile is read anew, and changed only where it was
 * found. Throws `RouteError`.
 */
export async function moveAddress(session: OciSession, run: WriteRun<Call>, change: RouteChange): Promise<void> {
  const { id } = change.table;
  const operation = change.kind === "remove" ? "PrivateIpVnicDetach" : "UpdatePrivateIp";
  const about = `${change.destination} on ${id}`;
  const call = { operation, region: session.region, about, absent: "DENIED" } as const;
  for (let reads = 1; ; reads++) {
    const { address, etag } = await readAddress(session, id, run.signal);
    const stands = address.vnicId || undefined;
    const verdict = judge(change, stands);
    if (verdict === "in-place") return;
    if (verdict !== "carry") throw routeError(verdict, call, `the address is on ${stands ?? "no VNIC"}`);
    const request = requestOf(change, address, etag);
    try {
      await run.call(operation, call, () => changing(session, call, request));
      return;
    } catch (error) {
      if (!isChangedMeanwhile(error) || reads >= limits.ociReads) throw error;
      await session.clock.sleep(limits.ociRereadMs * 2 ** (reads - 1), run.signal);
    }
  }
}

function requestOf(change: RouteChange, { id = "", lifetime }: PrivateIp, etag: string) {
  const where = { privateIpId: id, ifMatch: etag };
  if (change.kind !== "remove") {
    const details = { ...where, updatePrivateIpDetails: { vnicId: change.target } };
    return async (network: OciNetwork): Promise<void> => void (await network.updatePrivateIp(details));
  }
  if (lifetime !== PrivateIp.Lifetime.Reserved) throw notReserved(id);
  return async (network: OciNetwork): Promise<void> => void (await network.privateIpVnicDetach(where));
}

/** OCI deletes an ephemeral address when it is on no VNIC any more. */
function notReserved(floatingIp: string): RouteError {
  return new RouteError("INVALID", `oci: ${floatingIp} is ephemeral: taken off its VNIC, it would be lost`, {
    retry: "never",
    next: `oci network private-ip update --private-ip-id ${floatingIp} --lifetime RESERVED`,
  });
}
