import type { Change, FieldChange } from "./changes.ts";
import { isEmptyDiff, type NetworkDiff } from "./diff.ts";
import type { LostRoutes } from "./lost-routes.ts";

const marks = { added: "+", removed: "-", changed: "~" } as const;
const shownDestinations = 5;

const causes: Record<LostRoutes["cause"], string> = {
  "location-removed": "the location is removed",
  "cloud-removed": "the location has no cloud any more",
  "tables-left": "these tables are left",
  unreached: "no longer reached",
};

/** A difference as lines of plain text for a person: changes, URIs, lost routes, warnings, and a count at the end. */
export function renderDiff(diff: NetworkDiff): string[] {
  if (isEmptyDiff(diff)) return ["No changes: the configuration in force is already the same."];
  return [
    ...diff.changes.map(changeLine),
    ...section("New URIs, to be given to their hosts (pointsman host uri PATH):", diff.newUris),
    ...section("Routes lost:", diff.routesLost.map(lostLine)),
    ...section(
      "Warnings:",
      diff.warnings.map(({ message }) => message),
    ),
    "",
    countLine(diff),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
}

function changeLine(change: Change): string {
  const start = `${marks[change.action]} ${change.subject} ${change.path}`;
  switch (change.subject) {
    case "network":
      return `${start} ${change.network}`;
    case "tunnel":
      return `${start} between ${change.between.join(" and ")}`;
    default:
      return change.action === "changed" ? `${start}: ${change.fields.map(fieldText).join(", ")}` : start;
  }
}

function fieldText({ field, from, to }: FieldChange): string {
  return `${field} ${from ?? "not set"} → ${to ?? "not set"}`;
}

function lostLine({ path, cause, destinations, tables, routes }: LostRoutes): string {
  const more = destinations.length - shownDestinations;
  const shown = `${destinations.slice(0, shownDestinations).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return `${path}: ${count(routes, "route")} (${causes[cause]}): ${shown} in ${tables.join(", ")}`;
}

function countLine({ changes, moves, routesLostCount }: NetworkDiff): string {
  const of = (action: Change["action"]) => changes.filter((change) => change.action === action).length;
  const parts = [`${of("added")} added`, `${of("changed")} changed`, `${of("removed")} removed`];
  if (moves.length > 0) parts.push(`${count(moves.length, "location")} moved`);
  if (routesLostCount > 0) parts.push(`${count(routesLostCount, "route")} lost`);
  return `${parts.join(", ")}.`;
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}
