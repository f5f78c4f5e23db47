import type { ExplainAnswer, HostStatus, PastDecision } from "../functions/admin/status-schemas.ts";
import { hostCells, problemsText, swapText } from "./status-text.ts";
import type { Style } from "./style.ts";
import { pairs, table } from "./table.ts";
import { age, moment } from "./text.ts";

/** Why a location is as it is, as text. */
export function explainText(answer: ExplainAnswer, style: Style): string {
  const where = `${answer.link}/${answer.location.name}`;
  const active = answer.location.active;
  const parts = [
    style.bold(active === null ? `${where}: no host is active` : `${where}: ${active} is active`),
    pairs(facts(answer, style), "  "),
    `${style.bold("What would change it")}\n${bullets(answer.wouldChange)}`,
    `${style.bold("Hosts")}\n${hostsText(answer.location.hosts, answer.nowMs, style)}`,
    `${style.bold("What each host was last heard to say")}\n${saidText(answer.location.hosts, answer.nowMs)}`,
    `${style.bold("Decisions")}\n${historyText(answer.history)}`,
    problemsText(answer.problems, style),
  ];
  return parts.join("\n\n");
}

function facts(answer: ExplainAnswer, style: Style): readonly (readonly [string, string])[] {
  const { location, nowMs, history, verdict } = answer;
  const newest = history[0];
  const since: readonly (readonly [string, string])[] =
    location.sinceMs === null
      ? [["since", "nothing was decided yet"]]
      : [
          ["since", `${moment(location.sinceMs)} (${age(nowMs - location.sinceMs)} ago), epoch ${location.epoch}`],
          ["why", `${location.reason ?? "?"}, decided by ${location.by ?? "?"}`],
          ["evidence", newest?.evidence ?? ""],
        ];
  const next = verdict.nextMs === null ? "" : `; can change in ${age(verdict.nextMs - nowMs)}`;
  return [
    ...since,
    [
      "routes",
      location.cloud === null
        ? "none: no cloud is configured"
        : `${swapText(location.swap, style)} (${location.cloud})`,
    ],
    ["now", `${verdict.text}${next}`],
  ];
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `  - ${line}`).join("\n");
}

function hostsText(hosts: readonly HostStatus[], nowMs: number, style: Style): string {
  const headings = ["HOST", "ROLE", "STATE", "SEEN", "PRIO", "TUNNELS", "REACHES", "UP FOR"];
  const rows = hosts.map((host) => [
    ...hostCells(host, nowMs, style),
    host.upSinceMs === null ? "-" : age(nowMs - host.upSinceMs),
  ]);
  return table(headings, rows);
}

function saidText(hosts: readonly HostStatus[], nowMs: number): string {
  return hosts.map((host) => `  ${host.name}: ${said(host, nowMs)}`).join("\n");
}

function said(host: HostStatus, nowMs: number): string {
  if (host.isStatic) return "static: it sends nothing, and counts as there";
  if (host.lastSeenMs === null) return "nothing yet";
  const parts = [
    `${age(nowMs - host.lastSeenMs)} ago`,
    `agent ${host.version || "?"}`,
    `public ${host.publicAddress || "?"}`,
    `private ${host.localAddress || "?"}`,
    ...listed("tunnels up to", host.tunnelsUp),
    ...listed("tunnels lost to", host.tunnelsDown),
    ...listed("reaches", host.reaches),
    ...listed("does not reach", host.doesNotReach),
  ];
  return parts.join(", ");
}

function listed(label: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${label} ${names.join(" ")}`];
}

function historyText(history: readonly PastDecision[]): string {
  if (history.length === 0) return "  none yet";
  const rows = history.map((decision) => [
    String(decision.epoch),
    moment(decision.decidedMs),
    `${decision.previous ?? "nobody"} → ${decision.active ?? "nobody"}`,
    decision.reason,
    decision.by,
    decision.confirmedMs === null ? "not verified" : `verified after ${age(decision.confirmedMs - decision.decidedMs)}`,
    `v${decision.networkVersion}`,
  ]);
  return table(["EPOCH", "DECIDED", "FROM → TO", "WHY", "BY", "ROUTES", "NETWORK"], rows);
}
