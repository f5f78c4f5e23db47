import { type Finding, failed, passed, warned } from "../../shared/domain/finding.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import type { HostStatus, LocationStatus } from "./status-schemas.ts";

/** What the records say of one host: heard, right about the time, reachable by its peers, and reaching them. Pure. */
export function hostFindings(
  host: HostStatus,
  location: LocationStatus,
  record: HostRecord | undefined,
  nowMs: number,
): readonly Finding[] {
  if (host.isStatic) return addressFindings(host, true);
  const isHeard = host.state === "available";
  return [
    heardFinding(host, location, nowMs),
    ...(isHeard && record !== undefined ? [clockFinding(host, record)] : []),
    ...addressFindings(host, isHeard),
    ...(isHeard ? reachFindings(host) : []),
  ];
}

const heardAdvice: Readonly<Record<string, readonly [what: string, next: string]>> = {
  unheard: [
    "has never been heard",
    "check that its agent runs and was given its URI (`pointsman host uri`), and that TCP 443 to the endpoint is open",
  ],
  silent: [
    "is silent: no heartbeat within its time-out",
    "check that the host is up, that its agent runs, and that it reaches the endpoint (TCP 443)",
  ],
  left: ["said good-bye: its agent was stopped", "start the agent again if that was not meant"],
  clock: ["was last seen in the future", "check the clocks of the functions and of the host"],
};

/** A location's active host must be heard; of the others the standby check asks for one. */
function heardFinding(host: HostStatus, location: LocationStatus, nowMs: number): Finding {
  if (host.state === "available") {
    const seconds = host.lastSeenMs === null ? 0 : Math.max(0, nowMs - host.lastSeenMs) / 1000;
    return passed("heard", host.name, `heard ${seconds.toFixed(1)} s ago, agent ${host.version || "unknown"}`);
  }
  const [what, next] = heardAdvice[host.state] ?? [`is ${host.state}`, "see `pointsman status`"];
  const isVital = host.isActive || location.active === null;
  return isVital ? failed("heard", host.name, what, next) : warned("heard", host.name, what, next);
}

/** The anchor pairs the agent's clock with ours; it is made anew whenever the two agree. */
function clockFinding(host: HostStatus, { anchor }: HostRecord): Finding {
  const offMs = anchor.agentTimeS * 1000 - anchor.serverMs;
  if (Math.abs(offMs) <= limits.creditSlackMs) return passed("clock", host.name, "agrees with Pointsman's");
  const text = `is ${Math.round(Math.abs(offMs) / 1000)} s ${offMs > 0 ? "ahead" : "behind"}: it is believed for less long`;
  return warned("clock", host.name, text, "switch on time synchronisation (chrony, systemd-timesyncd) there");
}

function addressFindings(host: HostStatus, isKnown: boolean): readonly Finding[] {
  if (host.publicAddress !== "") return [passed("public-address", host.name, host.publicAddress)];
  if (!isKnown) return [];
  const text = "no public address is known: its peers cannot connect to it";
  return [failed("public-address", host.name, text, "give it a publicAddress in the network file")];
}

function reachFindings(host: HostStatus): readonly Finding[] {
  const { reaches, doesNotReach } = host;
  if (doesNotReach.length > 0) {
    const next = "open TCP 9790 between the link hosts; without it reachability cannot decide a fail-over";
    return [warned("host-check", host.name, `does not reach ${doesNotReach.join(", ")} by host check`, next)];
  }
  return reaches.length === 0 ? [] : [passed("host-check", host.name, `reaches ${reaches.join(", ")}`)];
}
