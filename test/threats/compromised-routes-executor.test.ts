import { describe, expect, it } from "vitest";
import { adoptRoutes } from "../../functions/routes/adopt.ts";
import type { Link, Location } from "../../shared/domain/network.ts";
import { expectedStatements } from "../expected-roles.ts";
import { allAt, backbone, createWorld, settledWorld, type World } from "../routes/world.ts";

/**
 * Somebody runs his own code with the role of the routes function: he may write every item of the table, and create and
 * replace routes in tagged tables. An honest routes function runs beside or after him.
 */
const place = "10.2.0.0/16";
const evil = "eni-evil";

function hereOf(of: Link): { readonly link: Link; readonly location: Location } {
  const [here] = of.locations;
  if (here === undefined) throw new Error("the fixture has a location");
  return { link: of, location: here };
}
const adopt = (world: World) => adoptRoutes(world.store, hereOf(backbone()), {}, "operator ann", world.clock.nowMs());

type Statement = { readonly Action: string | readonly string[]; readonly Condition?: unknown };

/** Every statement of the role, also those that are there only with a setting. */
function statementsIn(value: unknown): readonly Statement[] {
  if (typeof value !== "object" || value === null) return [];
  return "Action" in value ? [value as Statement] : Object.values(value).flatMap(statementsIn);
}
const role = statementsIn(expectedStatements.routes);
const actionsOf = ({ Action }: Statement): readonly string[] => [Action].flat();

async function robbed(): Promise<World> {
  const world = await settledWorld();
  world.cloud.addInterface({ id: evil });
  for (const route of Object.keys(allAt(""))) {
    const [table = "", destination = ""] = route.split(" ");
    world.cloud.set(table, destination, evil);
  }
  return world;
}

describe("whoever has the role of the routes function", () => {
  it("has no way to a secret: the role names no parameter, no key and no other function", () => {
    const secrets = role.filter((statement) => actionsOf(statement).some((action) => action.startsWith("secrets")));
    const actions = role.filter((statement) => !secrets.includes(statement)).flatMap(actionsOf);

    // But for those secrets that the settings name for other clouds.
    expect(secrets).toMatchObject([{ Action: "secretsmanager:GetSecretValue", Resource: { Ref: "CloudSecrets" } }]);
    expect(actions.filter((action) => !/^(?:logs|dynamodb|sqs|ec2|sts):/.test(action))).toEqual([]);
    expect(actions.filter((action) => action.startsWith("ec2:")).sort()).toEqual([
      "ec2:CreateManagedPrefixList",
      "ec2:CreateRoute",
      "ec2:CreateTags",
      "ec2:DeleteRoute",
      "ec2:DescribeManagedPrefixLists",
      "ec2:DescribeNetworkAcls",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroups",
      "ec2:GetManagedPrefixListEntries",
      "ec2:ModifyManagedPrefixList",
      "ec2:ReplaceRoute",
    ]);
    expect(actions.filter((action) => action.startsWith("dynamodb:")).sort()).toEqual([
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
    ]);
  });

  it("finds no secret in anything that it is given: every item of the table, every message, every event", async () => {
    const world = await robbed();
    await world.reconcile();
    const everything = JSON.stringify([world.database.dump(), world.swaps, world.ticks, await world.events()]);

    expect(everything).not.toMatch(/secret(?!Generation|UntilMs)|token|private_?key|pre_?shared/i);
  });

  it("points our routes at his own interface: the next reconcile tells each and leaves it, and an operator's adoption puts all right", async () => {
    const world = await robbed();

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt(evil));
    const told = await world.events("route-foreign");
    expect(told).toHaveLength(4);
    expect(told[0]).toContain(`points at ${evil} and is left alone: somebody has pointed it away`);

    await adopt(world);
    await world.reconcile();
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("route-adopted")).not.toEqual([]);
  });

  it("points our routes at another host of the location: the next reconcile undoes it and tells", async () => {
    const world = await settledWorld();
    world.cloud.set("rtb-1", place, "eni-a2");

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(await world.events("stale-write-repaired")).toHaveLength(1);
  });

  it("claims somebody else's route in the ledger: it is left alone all the same, and told of", async () => {
    const world = createWorld();
    world.cloud.set("rtb-1", place, "nat-1");
    await world.apply([backbone()]);
    await world.decide("a1");
    await world.swap();
    await world.clock.advance(60_000);
    const entry = [...(await world.store.readLedger("memory/rtb-1")).values()].find(
      ({ value }) => value.destination === place,
    );
    if (entry === undefined) throw new Error("the foreign route is noted");
    await world.store.writeLedger({ ...entry.value, state: "owned", seen: "" }, entry.revision);

    await world.reconcile();

    expect(world.cloud.standing()[`rtb-1 ${place}`]).toBe("nat-1");
    expect((await world.events("route-foreign")).length).toBeGreaterThan(0);
  });

  it("notes that route's target as ours beside such a claim: then the route is taken, as he could have done himself", async () => {
    const world = createWorld();
    world.cloud.set("rtb-1", place, "nat-1");
    await world.apply([backbone()]);
    await world.decide("a1");
    await world.swap();
    await world.clock.advance(60_000);
    const entry = [...(await world.store.readLedger("memory/rtb-1")).values()].find(
      ({ value }) => value.destination === place,
    );
    const noted = await world.store.readTargets("here");
    await world.store.writeTargets("here", [...(noted?.value ?? []), "nat-1"], noted?.revision);
    if (entry !== undefined) {
      await world.store.writeLedger({ ...entry.value, state: "owned", seen: "" }, entry.revision);
    }

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
  });

  it("writes a decision for the other host: it is obeyed, since the table is not divided, and it is on record", async () => {
    const world = await settledWorld();

    await world.decide("a2", { by: "sweep", evidence: "a lie" });
    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect((await world.events("decision")).at(-1)).toContain("a lie");
  });

  it("writes a decision for a host that the configuration does not have: nothing is written for it", async () => {
    const world = await settledWorld();

    await world.decide("evilhost");
    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
  });

  it("holds the location's lease for good: nothing is swapped any more, and the decision stays unconfirmed, which alarms", async () => {
    const world = await settledWorld();
    const lease = await world.store.readLease("here");
    const never = { owner: "evil", epoch: Number.MAX_SAFE_INTEGER, untilMs: Number.MAX_SAFE_INTEGER, settlesMs: 0 };
    await world.store.writeLease("here", never, lease.value?.revision);
    await world.decide("a2");

    await world.live(180_000);

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.head())?.swap.state).toBe("pending");
  });

  it("is fenced out like any other by a newer decision while he runs the honest code", async () => {
    const world = await settledWorld();
    await world.decide("a2");
    let isFrozen = true;
    const frozen = world.processOf({
      name: "old",
      ports: async (name, call) => {
        if (name === "cloud.write" && isFrozen) {
          isFrozen = false;
          await world.decide("a1");
          await world.clock.advance(5_000);
        }
        return call();
      },
    });

    await world.drive(frozen({ linkId: "backbone", locationId: "here", cause: "decision", round: 0 }));
    await world.swap();

    expect(isFrozen).toBe(false);
    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect(world.cloud.calls.filter(({ by, kind }) => by === "old" && kind === "replace")).toEqual([]);
  });
});

describe("the tables that the role may write", () => {
  it("are those with the tag alone: every statement that changes a route has that condition", () => {
    const changing = role.filter((statement) => actionsOf(statement).some((action) => /Route$/.test(action)));

    expect(changing).toHaveLength(2);
    for (const statement of changing) expect(JSON.stringify(statement)).toContain("pointsman:routes");
    const lists = role.filter((statement) =>
      actionsOf(statement).some((action) => /^ec2:(?:Modify|Create(?!Route))/.test(action)),
    );
    expect(lists).toHaveLength(3);
    for (const statement of lists) expect(JSON.stringify(statement.Condition)).toContain("pointsman:location");
  });
});
