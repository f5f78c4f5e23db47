import { describe, expect, it } from "vitest";
import type { Route, RouteProvider } from "../../shared/ports/route-provider.ts";
import { placeOf } from "../../shared/providers/remote.ts";
import { remoteWorld, settledRemoteWorld } from "../executor/remote-world.ts";
import { cloudHere, first } from "../executor/rig.ts";
import { allAt, backbone, routeCalls, type World } from "../routes/world.ts";

/** Somebody runs his own code in place of an executor: he has its key, and its identity in its cloud. */
const evil = "eni-evil";

function pointAway(world: World): void {
  world.cloud.addInterface({ id: evil });
  for (const route of Object.keys(allAt(""))) {
    const [table = "", destination = ""] = route.split(" ");
    world.cloud.set(table, destination, evil);
  }
}

describe("whoever runs a remote executor", () => {
  it("is given the settings of one location's cloud, its hosts, changes and permits, and no secret", async () => {
    const { world, between } = remoteWorld();
    const bodies: string[] = [];
    between.way = async (request, go) => {
      bodies.push(await request.clone().text());
      return go();
    };
    await world.apply([backbone()]);
    await world.decide("a1");
    await world.swap();

    expect(bodies.join("\n")).not.toMatch(/secret|token|psk|private_?key|pre_?shared|executors/i);
    const known = new Set(bodies.flatMap((body) => Object.keys(JSON.parse(body) as object)));
    expect([...known].sort()).toEqual(
      ["challenge", "changes", "cloud", "epoch", "hosts", "locationId", "run", "tables"].sort(),
    );
  });

  it("points its location's routes anywhere and says that all is well: that is believed, since nobody else looks", async () => {
    const { world, between } = await settledRemoteWorld();
    pointAway(world);
    const asWanted = (routes: readonly Route[]) => routes.map((route) => ({ ...route, target: "eni-a2" }));
    between.hand = (honest) => ({
      ...honest,
      survey: async (signal) => {
        const { tables, routes } = await honest.survey(signal);
        return { tables, routes: asWanted(routes) };
      },
      read: async (tables, signal) => asWanted(await honest.read(tables, signal)),
    });
    await world.decide("a2");

    await world.swap();

    expect((await world.head())?.swap.state).toBe("confirmed");
    expect(world.cloud.standing()).toEqual(allAt(evil));
  });

  it("is found out by the next read of an honest one, which leaves what is foreign alone and tells of it", async () => {
    const { world } = await settledRemoteWorld();
    pointAway(world);

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt(evil));
    expect(await world.events("route-foreign")).toHaveLength(4);
  });

  it("reaches no entry of the ledger of another cloud: tables that cannot be the location's are refused", async () => {
    const { world, between } = await settledRemoteWorld();
    const before = JSON.stringify(world.database.dump());
    const foreign = { key: "aws/us-east-1/rtb-of-others", id: "rtb-of-others" };
    between.hand = (honest): RouteProvider => ({
      ...honest,
      survey: async () => ({ tables: [foreign], routes: [] }),
    });

    await world.reconcile();

    expect(JSON.stringify(world.database.dump())).not.toContain("rtb-of-others");
    expect(before).not.toContain("rtb-of-others");
    expect(JSON.stringify(await world.report())).toContain("nothing of it is believed");
  });

  it.each([
    [{ key: "aws/eu-west-1/rtb-1", id: "rtb-1" }, true],
    [{ key: "aws/us-east-1/rtb-1", id: "rtb-1" }, false],
    [{ key: "aws/eu-west-1/rtb-1", id: "rtb-2" }, false],
    [{ key: "gcp/acme/main", id: "main" }, false],
    [{ key: "aws/eu-west-1/prefix-list/there/ipv4", id: "pl-1" }, false],
  ])("names %j as a table of a location in eu-west-1: taken %s", (table, isTaken) => {
    expect(placeOf(cloudHere, [first], "here").isTable(table)).toBe(isTaken);
  });

  it("may refuse or not answer: routes stay as they are, the decision stays unconfirmed, and it is told", async () => {
    const { world, between } = await settledRemoteWorld();
    between.way = async () => new Response("no", { status: 503 });
    await world.decide("a2");

    await world.swap();
    await world.live(30_000);

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.head())?.swap.state).toBe("pending");
    expect(JSON.stringify(await world.report())).toContain("not signed by it");
  });

  it("cannot start an honest executor's calls with what it was sent: a permit is for one process, once, for a second", async () => {
    const { world, between } = await settledRemoteWorld();
    const kept: Request[] = [];
    between.way = async (request, go) => {
      kept.push(request.clone());
      return go();
    };
    await world.decide("a2");
    await world.swap();
    const calls = routeCalls(world).length;
    between.way = (_request, go) => go();

    const answers = await Promise.all(
      kept.filter((request) => request.url.endsWith("/write")).map((request) => between.again(request)),
    );

    expect(answers.length).toBeGreaterThan(0);
    for (const answer of answers) expect(answer).toContain("replayed");
    expect(routeCalls(world)).toHaveLength(calls);
  });
});
