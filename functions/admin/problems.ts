import { limits } from "../../shared/domain/limits.ts";
import { eventualNext, replicationGuard } from "../../shared/domain/replication.ts";
import type { HostStatus, LinkStatus, LocationStatus, Problem, StrayRoute } from "./status-schemas.ts";

/** A swap takes seconds; one that is not verified after this is worth a look. ms */
const swapLateMs = 30_000;
/** Tunnels come up within seconds of a take-over. ms */
const tunnelsLateMs = 60_000;

const rank = { error: 0, warning: 1, info: 2 } as const;

/** What a person should look at in the links, worst first. Pure. */
export function problemsOf(links: readonly LinkStatus[], nowMs: number): readonly Problem[] {
  const found = links.flatMap((link) => [
    ...linkProblems(link, nowMs),
    ...link.locations.flatMap((location) => problemsOfLocation(link, location, nowMs)),
  ]);
  return byRank(found);
}

/** Whether the schedule runs: without it nothing is reconciled, and only heartbeats fail over. */
export function sweepProblems(sweptMs: number | undefined, nowMs: number): readonly Problem[] {
  if (sweptMs !== undefined && nowMs - sweptMs <= 3 * limits.sweepMs) return [];
  const what =
    sweptMs === undefined
      ? "the scheduled sweep has never run"
      : `the scheduled sweep last ran ${Math.round((nowMs - sweptMs) / 60_000)} minutes ago`;
  const next = "check the schedule and the log of the failover function: it should run each minute";
  return [{ severity: "error", where: "pointsman", what, next }];
}

/** Routes that are left over from what is gone. Foreign ones are told with their location. */
export function strayProblems(routes: readonly StrayRoute[]): readonly Problem[] {
  const orphans = routes.filter((route) => route.state === "orphan");
  if (orphans.length === 0) return [];
  const many = orphans.length === 1 ? "1 route" : `${orphans.length} routes`;
  const what = `${many} of what is not configured any more left in place (orphans)`;
  const next =
    "`pointsman orphans` lists them: remove in the cloud those that are not wanted, then `pointsman orphans --forget`";
  return [{ severity: "warning", where: "pointsman", what, next }];
}

/** Worst first. */
export function byRank(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => rank[a.severity] - rank[b.severity]);
}

function linkProblems(link: LinkStatus, nowMs: number): readonly Problem[] {
  const found: Problem[] = [];
  const add = (severity: Problem["severity"], what: string, next: string) =>
    found.push({ severity, where: link.name, what, next });
  if (link.paused !== null) {
    const severity = link.paused.by === replicationGuard ? "error" : "warning";
    add(severity, ...pausedTexts(link.name, link.paused.by));
  }
  if (link.holdUntilMs !== null) {
    const leftS = Math.ceil((link.holdUntilMs - nowMs) / 1000);
    add(
      "info",
      `hold for another ${leftS} s, since no heartbeat came in for a while`,
      "wait: hosts are being heard again",
    );
  }
  if (!link.online) add("info", "offline by configuration: agents hold no tunnels", "set online: true and apply");
  return found;
}

/** What a pause means, and what to do about it. */
export function pausedTexts(link: string, by: string): readonly [what: string, next: string] {
  const what = `paused by ${by}: nothing fails over`;
  if (by !== replicationGuard) return [what, `\`pointsman resume ${link}\` when you are done`];
  return [`${what}, since the table has replicas in other regions with eventual consistency`, eventualNext];
}

/** What a person should look at in one location, worst first. Pure. */
export function problemsOfLocation(link: LinkStatus, location: LocationStatus, nowMs: number): readonly Problem[] {
  if (location.hosts.some((host) => host.isStatic)) return [];
  const where = `${link.name}/${location.name}`;
  return byRank([
    ...location.hosts.flatMap((host) => hostProblems(where, host)),
    ...activeProblems(where, location),
    ...swapProblems(where, location, nowMs),
    ...reachProblems(where, link, location),
    ...tunnelProblems(where, link, location, nowMs),
  ]);
}

function hostProblems(where: string, host: HostStatus): readonly Problem[] {
  const at = { where: `${where}/${host.name}`, severity: host.isActive ? "error" : "warning" } as const;
  switch (host.state) {
    case "unheard": {
      const next = `check that the agent runs and was given the URI of \`pointsman host uri ${at.where}\`, and that TCP 443 to the endpoint is open`;
      return [{ ...at, what: "has never been heard", next }];
    }
    case "silent": {
      const next = "check that the host is up, that the agent runs, and that it reaches the endpoint (TCP 443)";
      return [{ ...at, what: "is silent: no heartbeat within its time-out", next }];
    }
    case "left":
      return [
        { ...at, what: "said good-bye: its agent was stopped", next: "start the agent again if that was not meant" },
      ];
    case "clock":
      return [
        { ...at, what: "was last seen in the future", next: "check the clocks of the functions and of the host" },
      ];
    default:
      return [];
  }
}

function activeProblems(where: string, location: LocationStatus): readonly Problem[] {
  const ready = location.hosts.filter((host) => host.state === "available");
  const draining = location.hosts.find((host) => host.isActive && host.drain === "draining");
  if (location.active === null && ready.length === 0) {
    return [{ severity: "error", where, what: "no host is available", next: "bring one of its hosts back: see below" }];
  }
  if (draining !== undefined && ready.every((host) => host.drain !== "none" || host.isActive)) {
    const what = `${draining.name} is to be drained, but no other host is available`;
    const next = `bring another host up, or \`pointsman undrain ${where}/${draining.name}\``;
    return [{ severity: "warning", where, what, next }];
  }
  const standbys = ready.filter((host) => !host.isActive && host.drain === "none");
  if (standbys.length > 0) return [];
  const isSingle = location.hosts.length === 1;
  const what = isSingle
    ? "has one host only: nothing to fail over to"
    : "no standby is available: a failure cannot be failed over";
  const next = isSingle ? "add a second host to the network file" : "bring another host up, or undrain one";
  return [{ severity: isSingle ? "info" : "warning", where, what, next }];
}

/** Why the routes of a location are not as decided. */
export function swapProblems(where: string, location: LocationStatus, nowMs: number): readonly Problem[] {
  const { swap, sinceMs } = location;
  const found: Problem[] = [];
  for (const error of firstOfEachCode(swap.errors)) {
    const place = [error.table, error.destination].filter((text) => text !== "").join(" ");
    const [what, next] = twoParts(error.message);
    const at = place === "" ? "" : ` (${place})`;
    found.push({ severity: "error", where, what: `routes are not updated: ${error.code}: ${what}${at}`, next });
  }
  const isLate = swap.state === "pending" && sinceMs !== null && nowMs - sinceMs > swapLateMs;
  if (isLate && location.cloud !== null && found.length === 0) {
    const what = `the routes of epoch ${location.epoch} are not verified after ${Math.round((nowMs - sinceMs) / 1000)} s`;
    found.push({
      severity: "error",
      where,
      what,
      next: "look into the log and the dead-letter queue of the routes function",
    });
  }
  if (swap.foreign > 0) {
    const what = `${swap.foreign} of its destinations hold routes that Pointsman did not make, and does not touch`;
    found.push({
      severity: "warning",
      where,
      what,
      next: `\`pointsman adopt ${where}\` takes them over, or remove them in the cloud`,
    });
  }
  return found;
}

/** A report's message says what happened and, behind the first semicolon, what to do. */
function twoParts(message: string): readonly [string, string] {
  const at = message.indexOf("; ");
  if (at >= 0) return [message.slice(0, at), message.slice(at + 2)];
  return [message, "look at `pointsman events`, and into the log of the routes function"];
}

function firstOfEachCode<T extends { readonly code: string }>(errors: readonly T[]): readonly T[] {
  return errors.filter((error, at) => errors.findIndex((other) => other.code === error.code) === at);
}

function reachProblems(where: string, link: LinkStatus, location: LocationStatus): readonly Problem[] {
  if (!link.hostCheck) return [];
  return location.hosts.flatMap((host) => {
    if (host.state !== "available" || host.doesNotReach.length === 0) return [];
    const what = `does not reach ${host.doesNotReach.join(", ")} by host check`;
    const next = "open TCP 9790 between the link hosts; without it reachability cannot decide a fail-over";
    return [{ severity: "warning" as const, where: `${where}/${host.name}`, what, next }];
  });
}

/** Tunnels of the active host that should be up, once it has had the time for it. */
export function tunnelProblems(
  where: string,
  link: LinkStatus,
  location: LocationStatus,
  nowMs: number,
): readonly Problem[] {
  const active = location.hosts.find((host) => host.isActive);
  const isSettled = location.sinceMs !== null && nowMs - location.sinceMs > tunnelsLateMs;
  if (active === undefined || active.state !== "available" || !link.online || !isSettled) return [];
  const next =
    "check UDP 500 and 4500 between the hosts (security groups, firewalls), the ciphers, and the IPsec log of both hosts";
  const at = { severity: "error", where: `${where}/${active.name}` } as const;
  if (active.tunnelsDown.length > 0)
    return [{ ...at, what: `tunnels to ${active.tunnelsDown.join(", ")} are down`, next }];
  const hasPeers = link.locations.some((other) => other.id !== location.id && other.active !== null);
  if (active.tunnelsUp.length > 0 || !hasPeers) return [];
  return [{ ...at, what: "no tunnel is connected", next }];
}
