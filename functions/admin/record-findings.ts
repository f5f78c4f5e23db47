import { type Finding, failed, passed, warned } from "../../shared/domain/finding.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Link, Network } from "../../shared/domain/network.ts";
import { peersOf } from "../../shared/domain/topology.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { LinkRecords } from "../../shared/ports/store.ts";
import type { AdminDeps } from "./deps.ts";
import type { LocatedFinding } from "./doctor-schemas.ts";
import { hostFindings } from "./host-findings.ts";
import { type LocationPlace, locationName } from "./places.ts";
import { pausedTexts, swapProblems, sweepProblems, tunnelProblems } from "./problems.ts";
import { tableFindings } from "./replicated.ts";
import { readLinkStatus } from "./status.ts";
import type { LinkStatus, LocationStatus, StrayRoute } from "./status-schemas.ts";
import { readStrays } from "./strays.ts";

/** What Pointsman's own records say of locations before an incident. Reads alone. Throws `DatabaseError`. */
export async function recordFindings(
  deps: AdminDeps,
  network: Network,
  places: readonly LocationPlace[],
): Promise<readonly LocatedFinding[]> {
  const links = [...new Set(places.map((place) => place.link))];
  const [known, sweptMs, strays, table] = await Promise.all([
    inParallel(links, limits.parallelLocations, async (link) => ({
      link,
      status: await readLinkStatus(deps, link, network.version),
      records: (await deps.store.readLink(link.id, "strong")).value,
    })),
    deps.store.readSwept(),
    readStrays(deps, network),
    tableFindings(deps),
  ]);
  const nowMs = deps.clock.nowMs();
  const schedule = sweepProblems(sweptMs, nowMs);
  const own: readonly Finding[] =
    schedule.length === 0
      ? [passed("pointsman", "the schedule", "the sweep runs each minute")]
      : schedule.map(({ what, next }) => failed("pointsman", "the schedule", what, next));
  return [
    ...[...own, ...table].map(at("pointsman")),
    ...known.flatMap(({ link, status, records }) => [
      ...linkFindings(status, nowMs).map(at(link.name)),
      ...places
        .filter((place) => place.link === link)
        .flatMap((place) => locationFindings({ place, status, records, strays, nowMs }).map(at(locationName(place)))),
    ]),
  ];
}

const at =
  (location: string) =>
  (finding: Finding): LocatedFinding => ({ location, ...finding });

function linkFindings(link: LinkStatus, nowMs: number): readonly Finding[] {
  const found: Finding[] = [];
  if (link.paused !== null) {
    found.push(failed("pointsman", link.name, ...pausedTexts(link.name, link.paused.by)));
  }
  if (link.holdUntilMs !== null) {
    const leftS = Math.ceil((link.holdUntilMs - nowMs) / 1000);
    const text = `hold for another ${leftS} s, since no heartbeat came in for a while`;
    found.push(warned("pointsman", link.name, text, "wait: hosts are being heard again"));
  }
  if (!link.online) {
    const next = "set online: true and apply";
    found.push(warned("pointsman", link.name, "offline by configuration: agents hold no tunnels", next));
  }
  return found.length > 0 ? found : [passed("pointsman", link.name, "online, not paused, no hold")];
}

type Known = {
  readonly place: LocationPlace;
  readonly status: LinkStatus;
  readonly records: LinkRecords;
  readonly strays: readonly StrayRoute[];
  readonly nowMs: number;
};

function locationFindings({ place, status, records, strays, nowMs }: Known): readonly Finding[] {
  const { link, location } = place;
  const view = status.locations.find((one) => one.id === location.id);
  if (view === undefined) return [];
  const name = locationName(place);
  const heard = records.locations.get(location.id)?.hosts;
  const hosts = view.hosts.flatMap((host) => hostFindings(host, view, heard?.get(host.id)?.value, nowMs));
  if (view.hosts.some((host) => host.isStatic)) return hosts;
  return [
    ...hosts,
    standbyFinding(name, view),
    ...tunnelFindings(link, status, view, nowMs),
    ...(view.cloud === null ? [] : [...swapFindings(name, view, nowMs), ledgerFinding(name, strays)]),
  ];
}

/** Whether there is anybody to fail over to. */
function standbyFinding(name: string, location: LocationStatus): Finding {
  const ready = location.hosts.filter((host) => host.state === "available" && host.drain === "none");
  const standbys = ready.filter((host) => !host.isActive);
  const pinned = location.hosts.find((host) => host.isPinned);
  if (location.hosts.length === 1) {
    return warned(
      "standby",
      name,
      "has one host only: nothing to fail over to",
      "add a second host to the network file",
    );
  }
  if (standbys.length === 0) {
    const next = "bring another host up, or undrain one";
    return failed("standby", name, "no standby is available: a failure cannot be failed over", next);
  }
  if (pinned !== undefined) {
    const next = `\`pointsman unpin ${name}\` where that is not meant any more`;
    return warned("standby", name, `${pinned.name} is pinned: it stays active while it is available`, next);
  }
  return passed(
    "standby",
    name,
    `${standbys.map((host) => host.name).join(", ")} can take over from ${location.active ?? "nobody"}`,
  );
}

/** Tunnels as the active host told of them: of one that is silent, `heard` tells. */
function tunnelFindings(link: Link, status: LinkStatus, location: LocationStatus, nowMs: number): readonly Finding[] {
  const active = location.hosts.find((host) => host.isActive);
  const self = link.locations.find((one) => one.id === location.id);
  if (active?.state !== "available" || self === undefined || peersOf(link, self).length === 0) return [];
  const problems = tunnelProblems(active.name, status, location, nowMs);
  if (problems.length > 0) return problems.map(({ what, next }) => failed("tunnels", active.name, what, next));
  return [passed("tunnels", active.name, `connected to ${active.tunnelsUp.join(", ") || "nobody yet"}`)];
}

function swapFindings(name: string, location: LocationStatus, nowMs: number): readonly Finding[] {
  const problems = swapProblems(name, location, nowMs).filter(({ severity }) => severity === "error");
  if (problems.length > 0) return problems.map(({ what, next }) => failed("swap", name, what, next));
  const { swap } = location;
  if (swap.state === "pending") {
    return [warned("swap", name, `routes of epoch ${location.epoch} are being written`, "examine again in a minute")];
  }
  return [passed("swap", name, swap.state === "none" ? "nothing was decided yet" : `${swap.routes} routes verified`)];
}

function ledgerFinding(name: string, strays: readonly StrayRoute[]): Finding {
  const own = strays.filter((stray) => stray.location === name);
  if (own.length === 0) return passed("ledger", name, "no foreign routes, no orphans");
  const count = (state: StrayRoute["state"]) => own.filter((stray) => stray.state === state).length;
  const next = `\`pointsman adopt ${name}\` takes foreign ones over, \`pointsman orphans\` lists what was left in place`;
  return warned("ledger", name, `${count("foreign")} foreign routes and ${count("orphan")} orphans on record`, next);
}
