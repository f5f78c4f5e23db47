import type { GcpCloud } from "../../domain/clouds/gcp.ts";
import { type Finding, failed, passed, warned } from "../../domain/finding.ts";
import { isIpv4 } from "../../domain/ip-address.ts";
import { limits } from "../../domain/limits.ts";
import { quotaFinding } from "../../domain/quota.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CloudDoctor, ExaminedHost, ExaminedLocation } from "../../ports/cloud-doctor.ts";
import { outcomesOf } from "../common/examining.ts";
import type { GcpSession } from "./call.ts";
import type { ComputeClient } from "./client.ts";
import { instanceFirewall } from "./doctor-firewall.ts";
import { pathOf } from "./next-hop.ts";
import { gcpClients, managerClients } from "./open.ts";
import { getInstance, heldPermissions, type Instance, listInstances, routeQuota } from "./resources.ts";

/** What `deploy/policies/gcp.json` gives, apart from removal. */
const PERMISSIONS = [
  "compute.globalOperations.get",
  "compute.instances.get",
  "compute.instances.list",
  "compute.instances.use",
  "compute.networks.get",
  "compute.networks.updatePolicy",
  "compute.routes.create",
  "compute.routes.delete",
  "compute.routes.get",
  "compute.routes.list",
];

/** Opens doctors of Google Cloud locations, under the identities that write their routes. `endpoint` as for `openGcp`. */
export function openGcpDoctor(clock: Clock, endpoint?: string): (cloud: GcpCloud, locationId: string) => CloudDoctor {
  const clientOf = gcpClients(endpoint);
  const managerOf = managerClients(endpoint);
  return (cloud, locationId) => gcpDoctor({ client: clientOf(cloud), clock, cloud, locationId }, managerOf(cloud));
}

/** The checks of one location in one VPC network. `manager`: a client of the Resource Manager under the same identity. */
export function gcpDoctor(session: GcpSession, manager: ComputeClient): CloudDoctor {
  return {
    examine: (location, signal) =>
      outcomesOf([
        ["interface", location.name, () => instances(session, location, signal)],
        ["permissions", location.name, () => permissions(session, manager, signal)],
        ["quota", location.name, () => quota(session, location, signal)],
      ]),
  };
}

/** Google tells an identity what it may do in a project, and asks no permission for that. */
async function permissions(
  session: GcpSession,
  manager: ComputeClient,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const held = await heldPermissions(session, manager, PERMISSIONS, signal);
  const { project } = session.cloud;
  const missing = PERMISSIONS.filter((one) => !held.has(one));
  if (missing.length === 0)
    return [passed("permissions", project, `all ${PERMISSIONS.length} that routes need are given`)];
  const next = `give the location's identity the role of deploy/policies/gcp.json in ${project}`;
  return [failed("permissions", project, `missing: ${missing.join(", ")}`, next)];
}

/** Whether the project has room for what is missing, and for the second routes that a swap has for a while. */
async function quota(
  session: GcpSession,
  { survey, destinations }: ExaminedLocation,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { project } = session.cloud;
  const found = await routeQuota(session, signal);
  if (found === undefined) {
    const next = `see 'Static routes per project' at IAM & Admin > Quotas of ${project}`;
    return [warned("quota", project, "not looked into: Google shows no quota of routes", next)];
  }
  const standing = (survey?.routes ?? []).filter(({ isStatic }) => isStatic);
  const absent = destinations.filter((one) => !standing.some((route) => route.destination === one)).length;
  const swapped = Math.min(destinations.length - absent, limits.gcpChangesAtOnce);
  return [
    quotaFinding({
      about: project,
      what: "static routes, with room for a swap's second ones",
      standing: found.usage,
      missing: absent + swapped,
      quota: found.limit,
      raise: "ask Google for more 'Static routes per project', or merge networks",
    }),
  ];
}

async function instances(
  session: GcpSession,
  location: ExaminedLocation,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { project } = session.cloud;
  const named = (host: ExaminedHost) => host.target.includes("instances/");
  const all = location.hosts.every(named) ? [] : await listInstances(session, signal);
  const seen = await Promise.all(
    location.hosts.map(async (host) => {
      const path = host.target.startsWith("projects/") ? host.target : `projects/${project}/${host.target}`;
      const at = isIpv4(host.target) ? host.target : host.localAddress;
      const instance = named(host)
        ? await getInstance(session, path, signal)
        : all.find((one) => one.networkInterfaces.some(({ networkIP }) => networkIP === at));
      return instance === undefined ? [] : [{ host, instance }];
    }),
  );
  const hosts = seen.flat();
  const walls = await outcomesOf(
    hosts.map(({ host, instance }) => {
      const about = aboutOf(host, instance);
      return ["firewall", about, () => instanceFirewall(session, location, about, instance, signal)] as const;
    }),
  );
  return [...hosts.flatMap(({ host, instance }) => judge(session, host, instance)), ...walls];
}

function aboutOf(host: ExaminedHost, { name }: Instance): string {
  return `${host.name} (${name})`;
}

function judge({ cloud }: GcpSession, host: ExaminedHost, instance: Instance): readonly Finding[] {
  const about = aboutOf(host, instance);
  const network = `projects/${cloud.project}/global/networks/${cloud.network}`;
  const isIn = instance.networkInterfaces.some((nic) => pathOf(nic.network ?? "") === network);
  const isRunning = instance.status === undefined || instance.status === "RUNNING";
  const place = !isIn
    ? failed(
        "interface",
        about,
        `has no interface in ${cloud.network}`,
        "give the host an instance in the location's network",
      )
    : isRunning
      ? passed("interface", about, `runs, with an interface in ${cloud.network}`)
      : failed("interface", about, `does not run: it is ${instance.status}`, "start it");
  const forwarding = instance.canIpForward
    ? passed("forwarding", about, "canIpForward is on")
    : failed(
        "forwarding",
        about,
        "was made without canIpForward: Google drops every packet that it forwards",
        "Google cannot change that on a running machine: make it anew with --can-ip-forward, or `gcloud compute instances export`, set canIpForward: true, and `update-from-file`",
      );
  return [place, forwarding];
}
