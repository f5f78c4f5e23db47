import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { describe, expect, it } from "vitest";
import type { Ec2Emulator } from "../../../dev/emulators/ec2/emulator.ts";
import type { AwsCloud } from "../../../shared/domain/clouds/aws.ts";
import type { RouteChange, RouteProvider } from "../../../shared/ports/route-provider.ts";
import { awsListProvider } from "../../../shared/providers/aws/prefix-lists/provider.ts";
import { awsProvider } from "../../../shared/providers/aws/provider.ts";
import { expectedStatements } from "../../expected-roles.ts";
import { turnOf, untilDone } from "../contract/world.ts";
import { cloudOf, REGION } from "./emulated-world.ts";
import { keepIn, moveTo, noRoute, putIn, routeTo, takeOut } from "./prefix-lists/list-world.ts";
import { routesWorld, virtualClient, virtualWorld } from "./virtual.ts";

const ACCOUNT = "123456789012";
const LOCATION_TAG = "pointsman:location";

type Policy = { readonly Version: string; readonly Statement: readonly Record<string, unknown>[] };
type Context = Readonly<Record<string, string | string[]>>;
/** A call as IAM sees it. */
type Request = { readonly action: string; readonly resource: string; readonly context: Context };

const fileOf = (name: string): Policy =>
  JSON.parse(readFileSync(new URL(`../../../deploy/policies/${name}`, import.meta.url), "utf8")) as Policy;
const routesPolicy = fileOf("aws-routes.json");
const listPolicy = fileOf("aws-prefix-list.json");

async function verdict(policy: Policy, { action, resource, context }: Request): Promise<string> {
  const answer = await runSimulation(
    {
      request: {
        action,
        principal: `arn:aws:iam::${ACCOUNT}:role/pointsman`,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: { ...context, "ec2:Region": REGION },
      },
      identityPolicies: [{ name: "policy", policy }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return answer.resultType === "error" ? JSON.stringify(answer.errors) : answer.overallResult;
}

const arn = (kind: string, id: string): string => `arn:aws:ec2:${REGION}:${ACCOUNT}:${kind}/${id}`;
const markOf = (tag: string | null): Context => (tag === null ? {} : { [`aws:ResourceTag/${LOCATION_TAG}`]: tag });

/** What IAM is asked for when EC2 gets a call. Making something with tags is two questions. */
function requestsOf(form: URLSearchParams): readonly Request[] {
  const name = form.get("Action") ?? "";
  const action = `ec2:${name}`;
  if (name.startsWith("Describe")) return [{ action, resource: "*", context: {} }];
  if (name.endsWith("Route")) {
    const context = { "aws:ResourceTag/pointsman:routes": "true" };
    return [{ action, resource: arn("route-table", form.get("RouteTableId") ?? ""), context }];
  }
  if (name !== "CreateManagedPrefixList") {
    return [{ action, resource: arn("prefix-list", form.get("PrefixListId") ?? ""), context: markOf("here") }];
  }
  const key = form.get("TagSpecification.1.Tag.1.Key") ?? "";
  const context = { [`aws:RequestTag/${key}`]: form.get("TagSpecification.1.Tag.1.Value") ?? "", "aws:TagKeys": [key] };
  const resource = arn("prefix-list", "pl-new");
  return [
    { action, resource, context },
    { action: "ec2:CreateTags", resource, context: { ...context, "ec2:CreateAction": name } },
  ];
}

/** Every request of a provider that surveys, looks for targets of every kind, and makes changes of every kind. */
async function requestsWith(
  open: (client: ReturnType<typeof virtualClient>) => RouteProvider,
  changes: readonly (readonly RouteChange[])[],
): Promise<readonly Request[]> {
  const world = await virtualWorld(routesWorld(0));
  const requests: Request[] = [];
  const spied: Ec2Emulator = {
    ...world.emulator,
    handle(request) {
      requests.push(...requestsOf(new URLSearchParams(request.body)));
      return world.emulator.handle(request);
    },
  };
  const provider = open(virtualClient(spied));
  const hosts = ["eni-a", "i-b", "auto"].map((target, at) => ({ hostId: `h${at}`, target, localAddress: "10.0.0.4" }));
  await world.drive(provider.targets(hosts, untilDone()));
  for (const some of changes) {
    const outcomes = await world.drive(provider.write(some, turnOf(), untilDone()));
    expect(outcomes.value.filter(({ result }) => result === "failed")).toEqual([]);
    const survey = await world.drive(provider.survey(untilDone()));
    await world.drive(provider.read(survey.value.tables, untilDone()));
  }
  return requests;
}

const clock = (await virtualWorld(routesWorld(0))).clock;
const plain: AwsCloud = cloudOf("vpc-1", { by: "network" });
const table = { id: "rtb-2", key: `aws/${REGION}/rtb-2` };
const to = { table, destination: "10.9.0.0/16" };

const plainRequests = () =>
  requestsWith(
    (client) => awsProvider(plain, client, clock),
    [
      [{ ...to, kind: "create", target: "eni-a" }],
      [{ ...to, kind: "replace", target: "eni-b", found: "eni-a" }],
      [{ ...to, kind: "remove", found: "eni-b" }],
    ],
  );
const listRequests = () =>
  requestsWith(
    (client) => awsListProvider({ ...plain, prefixList: { maxEntries: 1 } }, "here", client, clock),
    [
      [putIn("10.9.0.0/16"), routeTo("rtb-1", "eni-a")],
      [keepIn("10.9.0.0/16"), moveTo("rtb-1", "eni-b", "eni-a")],
      [takeOut("10.9.0.0/16"), noRoute("rtb-1", "eni-b")],
    ],
  );

/** Actions that a policy allows. */
const actionsIn = (policy: Policy): readonly string[] =>
  policy.Statement.flatMap(({ Action }) => (Array.isArray(Action) ? (Action as string[]) : [String(Action)]));

const both: Policy = { ...routesPolicy, Statement: [...routesPolicy.Statement, ...listPolicy.Statement] };

/** The role of the routes function with every setting on, as CloudFormation makes it in one region. */
function deployedRole(): Policy {
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== "object" || value === null) return value;
    const part = value as Readonly<Record<string, unknown>>;
    if (Array.isArray(part["Fn::If"])) return resolve(part["Fn::If"][1]);
    if (typeof part["Fn::Sub"] === "string") {
      return part["Fn::Sub"].replace(/\$\{AWS::Partition\}/, "aws").replace(/\$\{AWS::AccountId\}/, ACCOUNT);
    }
    if (part["Ref"] === "Regions") return [REGION];
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, resolve(inner)]));
  };
  const statements = resolve(expectedStatements.routes) as Record<string, unknown>[];
  const ofEc2 = statements.filter(({ Action }) => JSON.stringify(Action).includes('"ec2:'));
  return { Version: "2012-10-17", Statement: ofEc2 };
}

const unique = (list: readonly string[]) => [...new Set(list)].sort();

describe("the policies for AWS", () => {
  it("allow every call that routes need, and nothing else", async () => {
    const requests = await plainRequests();

    for (const request of requests)
      expect([request, await verdict(routesPolicy, request)]).toEqual([request, "Allowed"]);
    expect(unique(requests.map(({ action }) => action))).toEqual(unique(actionsIn(routesPolicy)));
  });

  it("allow every call that prefix lists need, and nothing else", async () => {
    const requests = await listRequests();

    for (const request of requests) expect([request, await verdict(both, request)]).toEqual([request, "Allowed"]);
    expect(unique(requests.map(({ action }) => action))).toEqual(unique(actionsIn(both)));
  });

  it("are both in the role that is deployed", async () => {
    const role = deployedRole();
    for (const request of [...(await plainRequests()), ...(await listRequests())]) {
      expect([request, await verdict(role, request)]).toEqual([request, "Allowed"]);
    }
  });

  const list = arn("prefix-list", "pl-1");
  const marks = { [`aws:RequestTag/${LOCATION_TAG}`]: "here", "aws:TagKeys": [LOCATION_TAG] };
  const refused: readonly [string, Request][] = [
    [
      "a route in a table without the tag",
      { action: "ec2:ReplaceRoute", resource: arn("route-table", "rtb-1"), context: {} },
    ],
    [
      "a change of a list without the mark",
      { action: "ec2:ModifyManagedPrefixList", resource: list, context: markOf(null) },
    ],
    [
      "the entries of a list without the mark",
      { action: "ec2:GetManagedPrefixListEntries", resource: list, context: markOf(null) },
    ],
    ["a list that is made without the mark", { action: "ec2:CreateManagedPrefixList", resource: list, context: {} }],
    [
      "a list that is made with another tag beside it",
      {
        action: "ec2:CreateManagedPrefixList",
        resource: list,
        context: { ...marks, "aws:TagKeys": [LOCATION_TAG, "owner"] },
      },
    ],
    ["the mark on a list that is there already", { action: "ec2:CreateTags", resource: list, context: marks }],
    [
      "the tag on a table",
      {
        action: "ec2:CreateTags",
        resource: arn("route-table", "rtb-1"),
        context: { ...marks, "ec2:CreateAction": "CreateManagedPrefixList" },
      },
    ],
    ["the end of a list", { action: "ec2:DeleteManagedPrefixList", resource: list, context: markOf("here") }],
  ];
  it.each(refused)("refuse %s", async (_, request) => {
    expect(await verdict(both, request)).toBe("ImplicitlyDenied");
    expect(await verdict(deployedRole(), request)).toBe("ImplicitlyDenied");
  });
});
