import type {
  HostStatus,
  LinkStatus,
  LocationStatus,
  Problem,
  StatusAnswer,
  SwapStatus,
} from "../functions/admin/status-schemas.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";
import { age, count } from "./text.ts";

/** The whole status as text. Ages are counted from the server's clock. */
export function statusText(status: StatusAnswer, style: Style): string {
  const links = status.links.map((link) => linkText(link, status.nowMs, style));
  const empty = "no links yet: write a network file and `pointsman apply -f FILE`";
  const parts = links.length === 0 ? [empty] : links;
  if (status.strayRoutes.length > 0) parts.push(strayText(status, style));
  parts.push(problemsText(status.problems, style));
  parts.push(style.dim(`network version ${status.version}, last sweep ${ago(status.sweptMs, status.nowMs)}`));
  return parts.join("\n\n");
}

function linkText(link: LinkStatus, nowMs: number, style: Style): string {
  const facts = [
    link.online ? style.good("online") : style.warn("offline"),
    `host check ${link.hostCheck ? "on" : "off"}`,
    `last heartbeat ${ago(link.lastCreditedMs, nowMs)}`,
    ...(link.paused === null ? [] : [style.warn(`paused by ${link.paused.by} ${ago(link.paused.atMs, nowMs)}`)]),
    ...(link.holdUntilMs === null ? [] : [style.warn(`hold for ${age(link.holdUntilMs - nowMs)}`)]),
  ];
  const headings = ["LOCATION", "HOST", "ROLE", "STATE", "SEEN", "PRIO", "TUNNELS", "REACHES", "ROUTES", "ACTIVE FOR"];
  const rows = link.locations.flatMap((location) => locationRows(location, nowMs, style));
  return `${style.bold(link.name)}  ${facts.join(", ")}\n${table(headings, rows)}`;
}

function locationRows(location: LocationStatus, nowMs: number, style: Style): readonly (readonly string[])[] {
  return location.hosts.map((host, at) => [
    at === 0 ? location.name : "",
    ...hostCells(host, nowMs, style),
    ...(host.isActive || (location.active === null && at === 0) ? activeCells(location, nowMs, style) : []),
  ]);
}

/** Name, role, state, age, priority, tunnels and reach of a host. */
export function hostCells(host: HostStatus, nowMs: number, style: Style): readonly string[] {
  return [
    host.name,
    roleText(host, style),
    stateText(host.state, style),
    host.lastSeenMs === null ? "-" : age(nowMs - host.lastSeenMs),
    host.isStatic ? "-" : String(host.priority),
    tunnelText(host, style),
    reachText(host, style),
  ];
}

function roleText(host: HostStatus, style: Style): string {
  const role = host.isStatic ? "static" : host.isActive ? style.good("active") : "standby";
  const marks = [...(host.isPinned ? ["pinned"] : []), ...(host.drain === "none" ? [] : [style.warn(host.drain)])];
  return [role, ...marks].join(", ");
}

function stateText(state: string, style: Style): string {
  if (state === "available") return style.good(state);
  return state === "static" ? "-" : state === "drained" ? style.warn(state) : style.bad(state);
}

function tunnelText(host: HostStatus, style: Style): string {
  if (!isTelling(host) || host.tunnelsUp.length + host.tunnelsDown.length === 0) return "-";
  const down = host.tunnelsDown.length === 0 ? "" : `, ${style.bad(`${host.tunnelsDown.length} down`)}`;
  return `${host.tunnelsUp.length} up${down}`;
}

/** What a host said before it fell silent says nothing of now. */
function isTelling(host: HostStatus): boolean {
  return host.state === "available";
}

function reachText(host: HostStatus, style: Style): string {
  const total = host.reaches.length + host.doesNotReach.length;
  if (!isTelling(host) || total === 0) return "-";
  const text = `${host.reaches.length} of ${total}`;
  return host.doesNotReach.length === 0 ? text : style.warn(text);
}

function activeCells(location: LocationStatus, nowMs: number, style: Style): readonly string[] {
  const since = location.sinceMs === null ? "-" : `${age(nowMs - location.sinceMs)} (${location.reason ?? "?"})`;
  return [location.cloud === null ? "-" : swapText(location.swap, style), since];
}

/** Whether routes are in place, in a few words. */
export function swapText(swap: SwapStatus, style: Style): string {
  if (swap.state === "none") return "-";
  if (swap.state === "confirmed") return style.good(`${swap.routes} verified`);
  const failed = swap.errors.length === 0 ? "" : `, ${swap.errors.length} failed`;
  return style.warn(`pending, ${swap.written} of ${swap.routes} written${failed}`);
}

function strayText({ strayRoutes, moreStrayRoutes }: StatusAnswer, style: Style): string {
  const rows = strayRoutes.map((route) => [
    style.warn(route.state),
    route.location,
    route.table,
    route.destination,
    route.seen,
  ]);
  const title = style.bold("Routes that are not ours to change");
  const more = moreStrayRoutes === 0 ? "" : `\n… and ${moreStrayRoutes} more`;
  return `${title}\n${table(["STATE", "LOCATION", "TABLE", "DESTINATION", "SEEN"], rows)}${more}`;
}

/** What a person should look at, worst first, or that there is nothing. */
export function problemsText(problems: readonly Problem[], style: Style): string {
  if (problems.length === 0) return style.good("nothing needs a look");
  const lines = problems.map((problem) => {
    const paint = { info: style.dim, warning: style.warn, error: style.bad }[problem.severity];
    return `  ${paint(problem.severity.padEnd(7))}  ${problem.where}: ${problem.what}\n           ${style.dim("what to do:")} ${problem.next}`;
  });
  return `${style.bold(`${count(problems.length, "thing needs", "things need")} a look`)}\n${lines.join("\n")}`;
}

function ago(atMs: number | null, nowMs: number): string {
  return atMs === null ? "never" : `${age(nowMs - atMs)} ago`;
}
