import type { Style } from "../../cli/style.ts";
import { pairs, table } from "../../cli/table.ts";
import type { Network } from "../../shared/domain/network.ts";
import { durationText } from "../../shared/network-file/duration.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { CheckedRoute } from "./check-routes.ts";
import type { HostUriLine } from "./host-uris.ts";
import type { SecondPlatform } from "./platforms.ts";
import type { FailoverReport, PlatformReport } from "./report.ts";

/** A path as a person would type it: relative to where the command runs when it lies below. */
export type PathText = (path: string) => string;

/** What runs, and how to point a CLI, an agent or the AWS CLI at it. */
export function runsText(
  runtime: Runtime,
  network: Network,
  source: string,
  uris: readonly HostUriLine[],
  style: Style,
  path: PathText,
  second?: SecondPlatform,
): string {
  const { data } = runtime;
  const emulators = [...runtime.clouds.byName.values()];
  const ec2Url = runtime.clouds.byName.get("aws")?.url ?? "";
  const clouds = network.links.flatMap((link) => link.locations).map((location) => location.cloud);
  const region = clouds.find((cloud) => cloud?.provider === "aws")?.region;
  const dataOption = path(data.path) === ".pointsman" ? "" : ` --data ${path(data.path)}`;
  return [
    style.bold("Pointsman runs on this machine:"),
    pairs(
      [
        ["heartbeats, admin API", runtime.url],
        ...(second === undefined ? [] : [[`the same, on ${second.name}`, second.url] as const]),
        ["its certificate", `${path(data.certificatePath)} (self-signed)`],
        ["admin token", `${data.adminToken} (kept in ${path(data.adminTokenPath)})`],
        runtime.isDatabaseEmbedded
          ? ["DynamoDB, embedded", `${runtime.dynamoUrl}, kept in ${path(data.dynamoPath)}`]
          : ["DynamoDB, not ours", runtime.dynamoUrl],
        ["emulated clouds", emulators.map(({ provider, url }) => `${provider} ${url}`).join(", ")],
        ["network", networkText(network, source)],
      ],
      "  ",
    ),
    "",
    style.bold("Hosts and the URIs of their agents:"),
    pairs(
      uris.map(({ name, uri }) => [name, uri] as const),
      "  ",
    ),
    ...moreHosts(network, uris.length, dataOption),
    "",
    style.bold("In a second terminal:"),
    `  node bin/pointsman.mjs status${dataOption}`,
    ...(region === undefined
      ? []
      : [
          `  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws ec2 describe-route-tables --region ${region} --endpoint-url ${ec2Url}`,
        ]),
    "",
  ].join("\n");
}

/** What came of losing a platform. */
export function platformText({ lost, wentOn, watchedMs, failovers }: PlatformReport, style: Style): string {
  const seconds = Math.round(watchedMs / 1_000);
  if (failovers > 0) return style.bad(`${failovers} locations failed over while ${lost} was lost: none should have.`);
  return `${lost} is gone for ${seconds} s, longer than any time-out: nothing failed over, since ${wentOn} hears every host.`;
}

function moreHosts(network: Network, shown: number, dataOption: string): readonly string[] {
  const hosts = network.links.flatMap((link) => link.locations).flatMap((location) => location.hosts);
  const more = hosts.filter((host) => !host.static).length - shown;
  if (more <= 0) return [];
  return [`  and ${more} more: node bin/pointsman.mjs host uri LINK/LOCATION/HOST${dataOption}`];
}

function networkText(network: Network, source: string): string {
  const locations = network.links.flatMap((link) => link.locations);
  const hosts = locations.flatMap((location) => location.hosts).filter((host) => !host.static);
  const timeouts = [...new Set(hosts.map((host) => host.timeoutMs))].sort((a, b) => a - b).map(durationText);
  const checks = network.links.some((link) => link.hostCheck) ? "on" : "off";
  return [
    `${source}, version ${network.version}: ${network.links.length} link, ${locations.length} locations`,
    `${hosts.length} hosts with time-out ${timeouts.join(", ") || "–"}`,
    `host checks ${checks}`,
  ].join(", ");
}

/** The timeline of one failover. */
export function failoverText(report: FailoverReport, style: Style): string {
  const found = report.reason === "suspected" ? "suspected" : report.reason === "timed-out" ? "timed out" : "found out";
  const rows: readonly (readonly [string, number, string])[] = [
    ["last heartbeat", 0, `of ${report.from}`],
    [found, report.detectedMs, `reason: ${report.reason}`],
    ["committed", report.committedMs, `${report.to} is the active host of ${report.location}`],
    ["swapped", report.swappedMs, `${report.routes} routes written`],
    ["verified", report.verifiedMs, "read back until two reads agreed"],
  ];
  return rows
    .map(([what, ms, why]) => `  ${what.padEnd(14)}  ${String(ms).padStart(7)} ms  ${style.dim(why)}`)
    .join("\n");
}

/** Times and calls of every failover, cloud by cloud. */
export function cloudsText(failovers: readonly FailoverReport[]): string {
  const head = [
    "cloud",
    "location",
    "failover",
    "detected",
    "committed",
    "swapped",
    "verified",
    "routes",
    "calls",
    "gaps",
  ];
  return table(
    head,
    failovers.map((one) => [
      one.cloud,
      one.location,
      `${one.from} → ${one.to}`,
      ...[one.detectedMs, one.committedMs, one.swappedMs, one.verifiedMs].map((ms) => `${(ms / 1000).toFixed(1)} s`),
      String(one.routes),
      String(one.calls),
      String(one.gaps),
    ]),
  );
}

/** Whether every route points where it should, and which do not. */
export function routesText(routes: readonly CheckedRoute[], style: Style): string {
  const wrong = routes.filter((route) => route.found !== route.wanted);
  if (routes.length > 0 && wrong.length === 0) {
    return style.good(
      `All ${routes.length} routes point at their location's active host, as the clouds themselves have them.`,
    );
  }
  return [
    style.bad(`${wrong.length} of ${routes.length} routes do not point at their location's active host:`),
    table(
      ["  table", "destination", "wanted", "found"],
      wrong.map((route) => [`  ${route.table}`, route.destination, route.wanted, route.found]),
    ),
  ].join("\n");
}
