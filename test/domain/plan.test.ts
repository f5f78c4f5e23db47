import { describe, expect, it } from "vitest";
import type { Step } from "../../shared/domain/plan-steps.ts";
import type { LedgerEntry } from "../../shared/domain/records.ts";
import type { Route } from "../../shared/domain/routes.ts";
import { type Aim, entry, plan, route, table, world } from "./plan-fixture.ts";

const wanted = "10.2.0.0/16";
const aim: Aim = {
  desired: [wanted],
  tables: [table("t")],
  active: "eni-a",
  own: new Set(["eni-a", "eni-b"]),
  removeRoutes: false,
};
const nobody = { active: null };
const removing = { removeRoutes: true };

type Case = readonly [
  name: string,
  found: Parameters<typeof route>[2] | Route | undefined,
  held: Partial<LedgerEntry> | undefined,
  change: Partial<Aim>,
  expected: string | undefined,
];

const at = (target: string, more: Partial<Route> = {}): Route => route("t", wanted, target, more);
const dark = { state: "blackhole" } as const;
const fromCloud = { isStatic: false };
const others = { locationId: "there", linkId: "other" };

const nothingOurs: readonly Case[] = [
  ["creates what is wanted and absent", undefined, undefined, {}, "create absent"],
  ["leaves what is absent when nobody is available", undefined, undefined, nobody, undefined],
  ["finds a route foreign that it did not create", at("nat-1"), undefined, {}, "foreign never-ours"],
  ["finds a route foreign even if it points at our host", at("eni-a"), undefined, {}, "foreign never-ours"],
  ["finds a blackhole of somebody else foreign", at("nat-1", dark), undefined, {}, "foreign never-ours"],
  ["never touches a route that the cloud made", at("local", fromCloud), undefined, {}, "foreign cloud-made"],
  ["creates where a foreign route has gone", undefined, { state: "foreign", seen: "nat-1" }, {}, "create absent"],
  ["keeps a route foreign that points back at us", at("eni-a"), { state: "foreign" }, {}, "foreign never-ours"],
  ["forgets a foreign route not wanted", at("nat-1"), { state: "foreign" }, { desired: [] }, "settle not-desired"],
  ["forgets a foreign route that is gone", undefined, { state: "foreign" }, nobody, "settle gone"],
  ["ignores what is neither wanted nor ours", at("nat-1"), undefined, { desired: [] }, undefined],
];

const owned: readonly Case[] = [
  ["leaves a route in place", at("eni-a"), {}, {}, "unchanged in-place"],
  ["replaces a route at a host that is not active", at("eni-b"), {}, {}, "replace stale"],
  ["puts back a route that has vanished", undefined, {}, {}, "create drift"],
  ["repairs a blackhole", at("eni-b", dark), {}, {}, "replace drift"],
  ["repairs a blackhole whatever it points at", at("nat-1", dark), {}, {}, "replace drift"],
  ["says that the active interface is dead", at("eni-a", dark), {}, {}, "dead target-blackholed"],
  ["lets go of a route pointed elsewhere", at("nat-1"), {}, {}, "foreign moved-away"],
  ["lets go of a route that the cloud made over", at("eni-a", fromCloud), {}, {}, "foreign cloud-made"],
  ["keeps routes when nobody is available", at("eni-a"), {}, nobody, "unchanged nobody-available"],
  ["keeps its claim when nobody is available", undefined, {}, nobody, "unchanged nobody-available"],
  ["removes routes if told so", at("eni-a"), {}, { ...nobody, ...removing }, "remove nobody-available"],
  ["forgets what it need not remove", undefined, {}, { ...nobody, ...removing }, "settle gone"],
  ["does not remove what was pointed away", at("nat-1"), {}, { ...nobody, ...removing }, "foreign moved-away"],
  ["removes what is not wanted any more", at("eni-b"), {}, { desired: [], ...removing }, "remove not-desired"],
  ["lists as orphan what it may not remove", at("eni-b"), {}, { desired: [] }, "orphan not-desired"],
  ["forgets what is unwanted and gone", undefined, {}, { desired: [] }, "settle gone"],
  ["forgets what is unwanted and not ours", at("nat-1"), {}, { desired: [], ...removing }, "settle pointed-away"],
  ["takes over an older generation", at("eni-a"), { generation: 1 }, {}, "settle taken-over"],
  ["replaces for an older generation", at("eni-b"), { generation: 1 }, {}, "replace stale"],
  ["yields to a newer generation", at("eni-b"), { generation: 3 }, {}, "conflict newer-generation"],
  ["yields to another location", at("eni-b"), others, {}, "conflict owned-elsewhere"],
  ["yields to another location's claim", undefined, { ...others, state: "intended" }, {}, "conflict owned-elsewhere"],
  ["ignores what another location owns", at("eni-b"), others, { desired: [], ...removing }, undefined],
];

const intended: readonly Case[] = [
  ["goes on with an intent", undefined, {}, {}, "create absent"],
  ["owns what it intended and finds", at("eni-a"), {}, {}, "settle created"],
  ["owns and moves what an earlier epoch created", at("eni-b"), {}, {}, "replace stale"],
  ["withdraws an intent where something else stands", at("nat-1"), {}, {}, "foreign never-ours"],
  ["withdraws an intent even for a blackhole", at("nat-1", dark), {}, {}, "foreign never-ours"],
  ["forgets an intent not wanted", undefined, {}, { desired: [] }, "settle gone"],
];

const adopted: readonly Case[] = [
  ["replaces what an operator adopted", at("nat-1"), { seen: "nat-1" }, {}, "replace adopted"],
  ["settles an adopted route that is right", at("eni-a"), { seen: "eni-a" }, {}, "settle adopted"],
  ["moves an adopted route between hosts", at("eni-b"), { seen: "eni-b" }, {}, "replace stale"],
  ["does not take what changed since adoption", at("nat-2"), { seen: "nat-1" }, {}, "foreign moved-away"],
  ["nor a blackhole that changed since", at("nat-2", dark), { seen: "nat-1" }, {}, "foreign moved-away"],
  ["creates an adopted route that has gone", undefined, { seen: "nat-1" }, {}, "create drift"],
];

const orphans: readonly Case[] = [
  ["lists an orphan once", at("eni-b"), { seen: "eni-b" }, { desired: [] }, "unchanged listed-orphan"],
  ["removes an orphan when removal is on", at("eni-b"), {}, { desired: [], ...removing }, "remove not-desired"],
  ["forgets an orphan that is gone", undefined, {}, { desired: [] }, "settle gone"],
  ["takes an orphan back", at("eni-a"), { seen: "eni-a" }, {}, "settle reclaimed"],
  ["takes an orphan back and moves it", at("eni-b"), { seen: "eni-b" }, {}, "replace reclaimed"],
  ["takes over another location's orphan", at("eni-z"), { ...others, seen: "eni-z" }, {}, "replace reclaimed"],
  ["not one that was changed since", at("nat-1"), { ...others, seen: "eni-z" }, {}, "foreign moved-away"],
  [
    "keeps another's orphan when nobody is available",
    at("eni-z"),
    { ...others, seen: "eni-z" },
    nobody,
    "unchanged nobody-available",
  ],
];

function judged(found: Case[1], held: Case[2], change: Case[3]): string | undefined {
  const routes = found === undefined ? [] : [typeof found === "string" ? at(found) : found];
  const step = plan(world(routes, held === undefined ? [] : [entry("t", wanted, held)]), { ...aim, ...change })[0];
  return step === undefined ? undefined : `${step.kind} ${step.reason}`;
}

describe("planRoutes", () => {
  it.each(nothingOurs)("%s", (_, found, held, change, expected) => {
    expect(judged(found, held, change)).toBe(expected);
  });

  describe("of a route that is owned", () => {
    it.each(owned)("%s", (_, found, held, change, expected) => {
      expect(judged(found, held, change)).toBe(expected);
    });
  });

  describe("of a route that is intended", () => {
    it.each(intended)("%s", (_, found, held, change, expected) => {
      expect(judged(found, { ...held, state: "intended" }, change)).toBe(expected);
    });
  });

  describe("of a route that an operator adopted", () => {
    it.each(adopted)("%s", (_, found, held, change, expected) => {
      expect(judged(found, { ...held, by: "operator ann" }, change)).toBe(expected);
    });
  });

  describe("of an orphan", () => {
    it.each(orphans)("%s", (_, found, held, change, expected) => {
      expect(judged(found, { ...held, state: "orphan" }, change)).toBe(expected);
    });
  });

  it("plans every destination in every table, IPv6 beside IPv4, in order", () => {
    const tables = [table("u"), table("t"), table("t")];

    const steps = plan(world([], []), { ...aim, tables, desired: ["fd00:2::/64", "10.2.0.0/16"] });

    const shown = (step: Step) => `${step.kind} ${step.table.id} ${step.destination}`;
    expect(steps.map(shown)).toEqual([
      "create t 10.2.0.0/16",
      "create t fd00:2::/64",
      "create u 10.2.0.0/16",
      "create u fd00:2::/64",
    ]);
  });

  it("looks at the static route where the cloud shows another beside it", () => {
    const both = [at("eni-b"), at("vgw-1", fromCloud)];

    for (const routes of [both, [...both].reverse()]) {
      const steps = plan(
        { ...world([], [entry("t", wanted)]), routes: new Map(routes.map((r, i) => [`${i}`, r])) },
        aim,
      );
      expect(steps.map((step) => step.kind)).toEqual(["replace"]);
    }
  });
});
